# The starter study and the schema of study files are data (examples/, schemas/); the program carries
# them as text.
set(starter_cpp "${CMAKE_CURRENT_BINARY_DIR}/study/starter_texts.cpp")
set(starter_files "${PROJECT_SOURCE_DIR}/examples/starter/study.toml"
                  "${PROJECT_SOURCE_DIR}/examples/starter/design.toml"
                  "${PROJECT_SOURCE_DIR}/schemas/study.schema.json")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${starter_files})
file(READ "${PROJECT_SOURCE_DIR}/examples/starter/study.toml" STARTER_STUDY)
file(READ "${PROJECT_SOURCE_DIR}/examples/starter/design.toml" STARTER_DESIGN)
file(READ "${PROJECT_SOURCE_DIR}/schemas/study.schema.json" STUDY_SCHEMA)
configure_file("${dir}/starter_texts.cpp.in" "${starter_cpp}" @ONLY)
target_sources(kinescape_${room} PRIVATE "${starter_cpp}")
target_include_directories(kinescape_${room} PRIVATE "${PROJECT_SOURCE_DIR}/src")
