# SPDX-License-Identifier: Apache-2.0
# Language level, warnings and floating-point rules, as the interface target kinescape_compiler.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

find_program(KINESCAPE_CCACHE ccache)
if(KINESCAPE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${KINESCAPE_CCACHE}")
endif()

add_library(kinescape_compiler INTERFACE)
# No contraction and no fast-math: the same bits on every machine and at any thread count.
target_compile_options(kinescape_compiler INTERFACE -ffp-contract=off)
target_compile_definitions(kinescape_compiler INTERFACE EIGEN_DONT_PARALLELIZE)
# Most files read, check and write: -O1 builds them in half the time of -O3, and no run shows it. A
# target that only prints says -Og in its property KINESCAPE_LEVEL. What computes is named in its room's
# room.cmake: kinescape_optimise(-O2 files...). Such files go without the precompiled header: g++ 12
# breaks on one that was made at another level.
set(level $<TARGET_PROPERTY:KINESCAPE_LEVEL>)
target_compile_options(kinescape_compiler INTERFACE $<$<CONFIG:Release>:$<IF:$<BOOL:${level}>,${level},-O1>>)
function(kinescape_optimise level)
  if(NOT CMAKE_BUILD_TYPE STREQUAL "Release")
    return()  # files without options of their own are compiled several at a time
  endif()
  set_property(SOURCE ${ARGN} APPEND PROPERTY COMPILE_OPTIONS ${level})
  set_property(SOURCE ${ARGN} PROPERTY SKIP_PRECOMPILE_HEADERS ON)
endfunction()
# Warnings belong to the dev preset: at -O3 g++ 12 warns falsely of strings that overlap.
if(KINESCAPE_WERROR)
  target_compile_options(
    kinescape_compiler
    INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wdouble-promotion -Wold-style-cast
              -Wnon-virtual-dtor $<$<CXX_COMPILER_ID:GNU>:-Wshadow=local> -Werror)
endif()
find_program(KINESCAPE_LLD ld.lld)
if(KINESCAPE_LLD)
  target_link_options(kinescape_compiler INTERFACE -fuse-ld=lld)
endif()
find_package(Threads REQUIRED)
target_link_libraries(kinescape_compiler INTERFACE Threads::Threads)
