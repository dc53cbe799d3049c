# SPDX-License-Identifier: Apache-2.0
# Surfaces, reference models and what is drawn again for intervals.
kinescape_optimise(-O2 "${dir}/hill.cpp" "${dir}/models.cpp" "${dir}/reference.cpp" "${dir}/surface.cpp"
                   "${dir}/surface_intervals.cpp" "${dir}/spread.cpp" "${dir}/shared_error.cpp" "${dir}/results.cpp" "${dir}/assemble.cpp")
