# SPDX-License-Identifier: Apache-2.0
# The page's script and style: bundled from web/ by esbuild, compressed, and embedded in assets.cpp
# with .incbin, so that the program needs no file beside it and the compiler reads no megabyte.
find_program(KINESCAPE_NODE NAMES node nodejs)
find_program(KINESCAPE_NPM npm)
if(NOT KINESCAPE_NODE OR NOT KINESCAPE_NPM)
  message(FATAL_ERROR "The report's figures need Node.js 18 or newer and npm to build: apt-get install nodejs npm")
endif()

set(web "${PROJECT_SOURCE_DIR}/web")
set(assets "${CMAKE_CURRENT_BINARY_DIR}/web")
file(GLOB web_sources CONFIGURE_DEPENDS "${web}/*.ts" "${web}/*.css" "${web}/*.mjs")
set(asset_files)
foreach(asset vega.js report.js svg.js report.css)
  list(APPEND asset_files "${assets}/${asset}.z")
endforeach()

# npm's own lock inside node_modules says when it was filled; several build folders share it.
set(installed "${web}/node_modules/.package-lock.json")
add_custom_command(
  OUTPUT "${installed}"
  COMMAND "${KINESCAPE_NPM}" ci --ignore-scripts --omit=dev --no-audit --no-fund --silent
  COMMAND "${CMAKE_COMMAND}" -E touch "${installed}"
  DEPENDS "${web}/package-lock.json"
  WORKING_DIRECTORY "${web}"
  COMMENT "Fetching the figure libraries (npm ci)"
  VERBATIM)
add_custom_command(
  OUTPUT ${asset_files}
  COMMAND "${KINESCAPE_NODE}" build.mjs "${assets}"
  DEPENDS "${installed}" ${web_sources}
  WORKING_DIRECTORY "${web}"
  COMMENT "Bundling the report page"
  VERBATIM)
# One target owns the generated files: parallel builds must not make them twice.
add_custom_target(kinescape_web DEPENDS ${asset_files})
add_dependencies(kinescape_report kinescape_web)
set_source_files_properties(
  "${dir}/assets.cpp" PROPERTIES COMPILE_DEFINITIONS "KINESCAPE_WEB_ASSETS=\"${assets}\""
                                 OBJECT_DEPENDS "${asset_files}")
target_precompile_headers(kinescape_report PRIVATE <nlohmann/json.hpp> <fmt/format.h>)  # two seconds a file
set_target_properties(kinescape_report PROPERTIES KINESCAPE_LEVEL -Og)
