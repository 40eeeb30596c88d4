# Installation, and the package that find_package(heddle) finds. Four export sets, so that a program that
# wants the runtime alone needs none of what the checker depends on.
include(CMakePackageConfigHelpers)

set(heddle_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/heddle")

install(TARGETS heddle_runtime heddle_runtime_plain EXPORT heddle_runtime)
if(HEDDLE_BUILD_CHECKER)
  install(TARGETS heddle_runtime_checked heddle_hooks EXPORT heddle_runtime)
endif()
set(heddle_export_sets heddle_runtime)
set(heddle_header_parts runtime/include/ runtime/hooks/include/)

if(HEDDLE_BUILD_CHECKER)
  install(TARGETS heddle_sim heddle_sim_archive heddle_checker heddle_program heddle_send_audit EXPORT heddle_checker)
  install(TARGETS heddle_gtest EXPORT heddle_gtest)
  if(TARGET heddle)
    install(TARGETS heddle RUNTIME)
  endif()
  list(APPEND heddle_export_sets heddle_checker heddle_gtest)
  if(TARGET heddle_rapidcheck)
    install(TARGETS heddle_rapidcheck EXPORT heddle_rapidcheck)
    list(APPEND heddle_export_sets heddle_rapidcheck)
  endif()
  list(APPEND heddle_header_parts sim/include/ checker/include/)
endif()

foreach(part IN LISTS heddle_header_parts)
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/${part}" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
    FILES_MATCHING PATTERN "*.hpp")
endforeach()
foreach(set IN LISTS heddle_export_sets)
  install(EXPORT ${set} FILE ${set}_targets.cmake NAMESPACE heddle:: DESTINATION "${heddle_package_dir}")
endforeach()

configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/heddleConfig.cmake.in"
  "${PROJECT_BINARY_DIR}/heddleConfig.cmake" INSTALL_DESTINATION "${heddle_package_dir}")
# Before 1.0 a new minor version may change interfaces.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/heddleConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES
  "${PROJECT_BINARY_DIR}/heddleConfig.cmake"
  "${PROJECT_BINARY_DIR}/heddleConfigVersion.cmake"
  "${PROJECT_SOURCE_DIR}/cmake/heddle_check.cmake"
  "${PROJECT_SOURCE_DIR}/cmake/heddle_send_audit.cmake"
  "${PROJECT_SOURCE_DIR}/cmake/heddle_nightly.cmake"
  "${PROJECT_SOURCE_DIR}/cmake/heddle_find_boost_context.cmake"
  "${PROJECT_SOURCE_DIR}/cmake/FindLibDw.cmake"
  DESTINATION "${heddle_package_dir}")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
