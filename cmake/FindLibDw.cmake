# Finds libdw of elfutils, which reads the line tables of stack traces. Defines LibDw::LibDw.
include(FindPackageHandleStandardArgs)

find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
  pkg_check_modules(PC_LIBDW QUIET libdw)
endif()
find_path(LibDw_INCLUDE_DIR NAMES elfutils/libdwfl.h HINTS ${PC_LIBDW_INCLUDE_DIRS})
find_library(LibDw_LIBRARY NAMES dw HINTS ${PC_LIBDW_LIBRARY_DIRS})
mark_as_advanced(LibDw_INCLUDE_DIR LibDw_LIBRARY)

find_package_handle_standard_args(LibDw
  REQUIRED_VARS LibDw_LIBRARY LibDw_INCLUDE_DIR
  VERSION_VAR PC_LIBDW_VERSION
  REASON_FAILURE_MESSAGE "Debian and Ubuntu: apt-get install libdw-dev")

if(LibDw_FOUND AND NOT TARGET LibDw::LibDw)
  add_library(LibDw::LibDw UNKNOWN IMPORTED)
  set_target_properties(LibDw::LibDw PROPERTIES
    IMPORTED_LOCATION "${LibDw_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${LibDw_INCLUDE_DIR}")
endif()
