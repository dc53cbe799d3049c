# SPDX-License-Identifier: Apache-2.0
# Reads MODULES and makes, for each room, the library kinescape_<room> and the test program
# kinescape_<room>_test from the files that lie in src/<room>/.

# What nearly every file includes, read once for all rooms that use fmt.
add_library(kinescape_pch OBJECT "${PROJECT_SOURCE_DIR}/cmake/pch.cpp")
target_link_libraries(kinescape_pch PRIVATE kinescape_compiler kinescape_third_fmt)
target_precompile_headers(kinescape_pch PRIVATE
  <algorithm> <array> <cmath> <functional> <limits> <map> <memory> <optional> <set> <span> <string>
  <tuple> <utility> <vector> <fmt/format.h>)

function(kinescape_add_rooms modules_file)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${modules_file}")
  file(STRINGS "${modules_file}" lines)
  set(rooms)
  foreach(line IN LISTS lines)
    if(line MATCHES "^#" OR line STREQUAL "")
      continue()
    endif()
    string(REPLACE "|" ";" fields "${line}")
    list(GET fields 0 room)
    list(GET fields 1 includes)
    list(GET fields 2 thirds)
    string(STRIP "${room}" room)
    string(REGEX MATCHALL "[a-z0-9_]+" includes "${includes}")
    string(REGEX MATCHALL "[a-z0-9_]+" thirds "${thirds}")
    kinescape_add_room(${room} "${includes}" "${thirds}")
    list(APPEND rooms ${room})
  endforeach()
  set(KINESCAPE_ROOMS "${rooms}" PARENT_SCOPE)
endfunction()

function(kinescape_add_room room includes thirds)
  set(dir "${CMAKE_CURRENT_SOURCE_DIR}/src/${room}")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${dir}/*.cpp")
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS "${dir}/*.hpp")
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  # A header named *_internal.hpp is shared inside its room and is not installed.
  set(public_headers ${headers})
  list(FILTER public_headers EXCLUDE REGEX "_internal\\.hpp$")

  add_library(kinescape_${room} STATIC ${sources})
  add_library(kinescape::${room} ALIAS kinescape_${room})
  target_sources(kinescape_${room} PUBLIC FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}/src"
                                          FILES ${public_headers})
  set_target_properties(kinescape_${room} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON
                                                     EXPORT_NAME ${room})
  target_compile_features(kinescape_${room} INTERFACE cxx_std_20)  # for whoever uses the headers
  target_link_libraries(kinescape_${room} PRIVATE $<BUILD_INTERFACE:kinescape_compiler>)
  foreach(other IN LISTS includes)
    target_link_libraries(kinescape_${room} PUBLIC kinescape_${other})
  endforeach()
  foreach(third IN LISTS thirds)
    target_link_libraries(kinescape_${room} PRIVATE kinescape_third_${third})
  endforeach()
  # A room with a heavy library of its own precompiles that as well (room.cmake).
  if("fmt" IN_LIST thirds AND NOT "json" IN_LIST thirds)
    target_precompile_headers(kinescape_${room} REUSE_FROM kinescape_pch)
  endif()
  if(EXISTS "${dir}/room.cmake")  # what only this room needs: generated files, compiled twice, ...
    include("${dir}/room.cmake")
  endif()
  if(KINESCAPE_TESTS AND tests)
    set_property(GLOBAL APPEND PROPERTY KINESCAPE_TESTED_ROOMS ${room})
    set_property(GLOBAL PROPERTY KINESCAPE_TEST_SOURCES_${room} ${tests})
  endif()
endfunction()
