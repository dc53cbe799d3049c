# SPDX-License-Identifier: Apache-2.0
# The likelihood and its profiles, and the rows of a screen.
kinescape_optimise(-O2 "${dir}/likelihood.cpp" "${dir}/response.cpp" "${dir}/shapes.cpp" "${dir}/profile.cpp"
                   "${dir}/screen_lines.cpp" "${dir}/screen_rows.cpp")
