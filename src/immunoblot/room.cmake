# SPDX-License-Identifier: Apache-2.0
# What goes over every pixel (-O3: g++ 12 makes vectors of these loops only there), and the fits.
file(GLOB pixels "${dir}/plane.cpp" "${dir}/ridges.cpp")
kinescape_optimise(-O3 ${pixels})
file(GLOB rows "${dir}/lanes.cpp" "${dir}/projection.cpp" "${dir}/membranes.cpp"
     "${dir}/strips.cpp" "${dir}/seams.cpp" "${dir}/bands.cpp" "${dir}/peaks.cpp" "${dir}/hidden.cpp"
     "${dir}/find.cpp" "${dir}/comb.cpp" "${dir}/common.cpp" "${dir}/fit.cpp" "${dir}/fit_grid.cpp" "${dir}/lane_solver.cpp" "${dir}/background.cpp" "${dir}/measure.cpp")

kinescape_optimise(-O2 ${rows})
