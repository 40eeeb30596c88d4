# What every target of heddle itself is compiled with. Not installed: users' targets keep their own ways.

if(PROJECT_IS_TOP_LEVEL)
  set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

  get_property(heddle_multi_config GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
  if(NOT CMAKE_BUILD_TYPE AND NOT heddle_multi_config)
    set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "Debug, Release, RelWithDebInfo or MinSizeRel" FORCE)
  endif()

  if(NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
    find_program(HEDDLE_CCACHE ccache)
    mark_as_advanced(HEDDLE_CCACHE)
    if(HEDDLE_CCACHE)
      set(CMAKE_CXX_COMPILER_LAUNCHER "${HEDDLE_CCACHE}")
    endif()
  endif()
endif()

# heddle_target_defaults(<target>): the language level and the warnings. Libraries pass C++20 on to their users.
function(heddle_target_defaults target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF LINKER_LANGUAGE CXX)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion)
  if(HEDDLE_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()

# heddle_never_instrumented(<target>): the machine and its judges are what the instrumentation calls. If they were
# instrumented themselves, or unwound by a sanitizer, they would observe their own work.
function(heddle_never_instrumented target)
  target_compile_options(${target} PRIVATE -fno-sanitize=all)
  set_target_properties(${target} PROPERTIES INTERPROCEDURAL_OPTIMIZATION OFF)
endfunction()

# heddle_expect_listed(<target>... DIRECTORY <dir> [EXCEPT <subdir>...]): warns about a source file below <dir> that none
# of the targets compiles. Sources are listed by hand, so that a build never depends on what lies around;
# this catches the one that was forgotten. An error in scripts/test, which configures with -Werror=dev.
function(heddle_expect_listed)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "DIRECTORY" "EXCEPT")
  file(GLOB_RECURSE found RELATIVE "${arg_DIRECTORY}" "${arg_DIRECTORY}/*.cpp")
  foreach(target IN LISTS arg_UNPARSED_ARGUMENTS)
    if(NOT TARGET ${target})
      continue()
    endif()
    get_target_property(sources ${target} SOURCES)
    get_target_property(base ${target} SOURCE_DIR)
    foreach(source IN LISTS sources)
      cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY "${base}" NORMALIZE)
      cmake_path(RELATIVE_PATH source BASE_DIRECTORY "${arg_DIRECTORY}")
      list(REMOVE_ITEM found "${source}")
    endforeach()
  endforeach()
  foreach(except IN LISTS arg_EXCEPT)
    list(FILTER found EXCLUDE REGEX "^${except}/")
  endforeach()
  foreach(file IN LISTS found)
    message(AUTHOR_WARNING "${arg_DIRECTORY}/${file} is in no target: list it in CMakeLists.txt")
  endforeach()
endfunction()
