# SPDX-License-Identifier: Apache-2.0
# What goes over every pixel.
file(GLOB pixels "${dir}/plane.cpp" "${dir}/lanes.cpp" "${dir}/ridges.cpp" "${dir}/strips.cpp" "${dir}/bands.cpp"
     "${dir}/find.cpp" "${dir}/fit.cpp" "${dir}/measure.cpp")
kinescape_optimise(-O2 ${pixels})
