# SPDX-License-Identifier: Apache-2.0
# The model of potency and the draws that rank agents.
kinescape_optimise(-O2 "${dir}/potency.cpp" "${dir}/potency_design.cpp" "${dir}/potency_predict.cpp" "${dir}/rank.cpp")
