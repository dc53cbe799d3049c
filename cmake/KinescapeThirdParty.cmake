# SPDX-License-Identifier: Apache-2.0
# Third parties by the short names that MODULES uses: kinescape_third_<name>. Headers as SYSTEM.
find_package(PkgConfig REQUIRED)

function(kinescape_third name)
  # Imported, so that the installed package can define the same names from this same file.
  add_library(kinescape_third_${name} INTERFACE IMPORTED GLOBAL)
  target_link_libraries(kinescape_third_${name} INTERFACE ${ARGN})
endfunction()

function(kinescape_third_pkg name module)
  pkg_check_modules(${name} REQUIRED IMPORTED_TARGET ${module})
  kinescape_third(${name} PkgConfig::${name})
endfunction()

find_package(fmt REQUIRED)
find_package(Eigen3 REQUIRED NO_MODULE)
find_package(pugixml REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(TIFF REQUIRED)
find_package(PNG REQUIRED)

kinescape_third(fmt fmt::fmt)
kinescape_third(eigen Eigen3::Eigen)
kinescape_third(pugixml pugixml::pugixml)
kinescape_third(json nlohmann_json::nlohmann_json)
kinescape_third(cli11 CLI11::CLI11)
kinescape_third(zlib ZLIB::ZLIB)
kinescape_third(tiff TIFF::TIFF)
kinescape_third(png PNG::PNG)
kinescape_third_pkg(libzip libzip)
kinescape_third_pkg(htslib htslib)
kinescape_third_pkg(tomlplusplus tomlplusplus)
kinescape_third(boost)      # header-only, on the default include path
kinescape_third(random123)  # header-only, on the default include path
