# SPDX-License-Identifier: Apache-2.0
# The lanes take square roots; errno would keep them from being one instruction.
set_source_files_properties("${dir}/batch_kernels.cpp" PROPERTIES COMPILE_OPTIONS "-fno-math-errno;-fno-trapping-math")
