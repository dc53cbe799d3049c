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
install(DIRECTORY knowledge/ DESTINATION "${CMAKE_INSTALL_DATADIR}/kinescape/knowledge")
install(DIRECTORY examples/ DESTINATION "${CMAKE_INSTALL_DATADIR}/kinescape/examples")
install(EXPORT kinescape FILE kinescape-targets.cmake NAMESPACE kinescape::
        DESTINATION "${config_dir}")
install(FILES cmake/KinescapeThirdParty.cmake DESTINATION "${config_dir}")
file(
  WRITE "${PROJECT_BINARY_DIR}/kinescape-config.cmake"
  "include(\"\${CMAKE_CURRENT_LIST_DIR}/KinescapeThirdParty.cmake\")\n"
  "include(\"\${CMAKE_CURRENT_LIST_DIR}/kinescape-targets.cmake\")\n")
write_basic_package_version_file(
  "${PROJECT_BINARY_DIR}/kinescape-config-version.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/kinescape-config.cmake"
              "${PROJECT_BINARY_DIR}/kinescape-config-version.cmake" DESTINATION "${config_dir}")
