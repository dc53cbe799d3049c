# SPDX-License-Identifier: Apache-2.0
set(steps "${dir}/cox_partial.cpp")  # its inner loops pay only when they are unrolled
set(rest ${sources})
list(REMOVE_ITEM rest ${steps})
kinescape_optimise(-O2 ${rest})
kinescape_optimise(-O3 ${steps})
