# SPDX-License-Identifier: Apache-2.0
# The lanes take square roots; errno would keep them from being one instruction.
set_source_files_properties("${dir}/batch_kernels.cpp" PROPERTIES COMPILE_OPTIONS "-fno-math-errno;-fno-trapping-math")
file(GLOB batch "${dir}/batch_*.cpp" "${dir}/flat_null.cpp")
kinescape_optimise(-O3 ${batch})
set(single ${sources})
list(REMOVE_ITEM single ${batch})
kinescape_optimise(-O2 ${single})
