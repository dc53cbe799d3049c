# SPDX-License-Identifier: Apache-2.0
# The version is known to one file only, so that a new one recompiles nothing else.
set_source_files_properties("${dir}/provenance.cpp" PROPERTIES COMPILE_DEFINITIONS
                            "KINESCAPE_VERSION=\"${PROJECT_VERSION}\"")
# Long files, and random numbers.
kinescape_optimise(-O2 "${dir}/csv_stream.cpp" "${dir}/number.cpp" "${dir}/sha256.cpp" "${dir}/stream.cpp")
