# The version is known to one file only, so that a new one recompiles nothing else.
set_source_files_properties("${dir}/provenance.cpp" PROPERTIES COMPILE_DEFINITIONS
                            "KINESCAPE_VERSION=\"${PROJECT_VERSION}\"")
