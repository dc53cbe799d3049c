# SPDX-License-Identifier: Apache-2.0
# Install and export: find_package(kinescape) gives kinescape::<room>.
include(CMakePackageConfigHelpers)
set(targets kinescape_program)
foreach(room IN LISTS KINESCAPE_ROOMS)
  list(APPEND targets kinescape_${room})
endforeach()
set(config_dir "${CMAKE_INSTALL_LIBDIR}/cmake/kinescape")
install(
  TARGETS ${targets}
  EXPORT kinescape
  RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}"
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
  FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/kinescape")
install(DIRECTORY examples/ DESTINATION "${CMAKE_INSTALL_DATADIR}/kinescape/examples")
