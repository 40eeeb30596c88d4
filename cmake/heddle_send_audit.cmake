# heddle_add_send_audit(<target> [NON_SEND <pattern>...] [SEND <pattern>...] [SARIF <file>]): a test, <target>.send_audit,
# that fails if a task in the target's sources keeps something across a co_await that belongs to its thread: a lock,
# a thread_bound, or a type whose name matches NON_SEND.
#
# It compiles the C++ sources of the target once more, without optimisation and with debug information, as an object
# library <target>_send_audit with the target's options, definitions and libraries, and runs heddle-send-audit on the
# objects. Call it after the sources and libraries of the target were given. See docs/send.md.
include_guard(GLOBAL)

function(heddle_add_send_audit target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "SARIF" "NON_SEND;SEND")
  if(DEFINED arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "heddle_add_send_audit(${target}): unknown arguments: ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT TARGET ${target})
    message(FATAL_ERROR
      "heddle_add_send_audit(${target}): there is no such target; call it after add_executable or add_library")
  endif()
  if(NOT TARGET heddle::send_audit)
    message(FATAL_ERROR
      "heddle_add_send_audit(${target}): there is no target heddle::send_audit. It comes with heddle's checker: "
      "find_package(heddle REQUIRED COMPONENTS checker), or HEDDLE_BUILD_CHECKER=ON where heddle is a subdirectory")
  endif()

  get_target_property(sources ${target} SOURCES)
  get_target_property(base ${target} SOURCE_DIR)
  set(audited "")
  foreach(source IN LISTS sources)
    if(source MATCHES "\\.(cpp|cc|cxx|cppm|C)$" AND NOT source MATCHES "^\\$<")
      cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY "${base}" NORMALIZE)
      list(APPEND audited "${source}")
    endif()
  endforeach()
  if(NOT audited)
    message(FATAL_ERROR "heddle_add_send_audit(${target}): the target has no C++ sources")
  endif()

  set(objects ${target}_send_audit)
  add_library(${objects} OBJECT ${audited})
  foreach(property IN ITEMS INCLUDE_DIRECTORIES COMPILE_DEFINITIONS COMPILE_OPTIONS LINK_LIBRARIES)
    set_property(TARGET ${objects} PROPERTY ${property} "$<TARGET_PROPERTY:${target},${property}>")
  endforeach()
  foreach(property IN ITEMS CXX_STANDARD CXX_EXTENSIONS)
    get_target_property(value ${target} ${property})
    if(NOT value MATCHES "NOTFOUND$")
      set_target_properties(${objects} PROPERTIES ${property} "${value}")
    endif()
  endforeach()
  # clang describes the frames of coroutines only when it does not optimise, and leaves out, unless it is told, what classes
  # hold whose constructors are defined elsewhere.
  target_compile_options(${objects} PRIVATE -O0 -g $<$<CXX_COMPILER_ID:Clang>:-fstandalone-debug>)

  list(TRANSFORM arg_NON_SEND PREPEND "--non-send=")
  list(TRANSFORM arg_SEND PREPEND "--send=")
  set(options ${arg_NON_SEND} ${arg_SEND})
  if(DEFINED arg_SARIF)
    list(APPEND options "--sarif=${arg_SARIF}")
  endif()
  add_test(NAME ${target}.send_audit
    COMMAND heddle::send_audit ${options} $<TARGET_OBJECTS:${objects}>
    COMMAND_EXPAND_LISTS)
endfunction()
