# heddle_add_nightly(<target> TIME <duration> | SCHEDULES <n> [CORPUS <dir>] [JOBS <n>] [ARGUMENTS <argument>...])
#
# Registers a test of CTest, nightly.<target> with the label `nightly`, that has `heddle fuzz` explore the target: for that
# time in all, such as 30m or 8h, or for so many schedules of each test. It fails while findings are open. They are kept in
# the corpus, by default nightly/<target> in the build folder, where the next run looks for them first.
#
#     ctest -L nightly      # the night shift
#     ctest -LE nightly     # everything else
include_guard(GLOBAL)

function(heddle_add_nightly target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIME;SCHEDULES;CORPUS;JOBS" "ARGUMENTS")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "heddle_add_nightly(${target}): does not know ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT TARGET ${target})
    message(FATAL_ERROR "heddle_add_nightly(${target}): there is no such target; call it after add_executable")
  endif()
  if(NOT arg_TIME AND NOT arg_SCHEDULES)
    message(FATAL_ERROR "heddle_add_nightly(${target}): needs TIME, such as TIME 1h, or SCHEDULES")
  endif()
  set(options "")
  # A night may take its time: what CTest waits for a test by default is less.
  set(timeout 86400)
  if(arg_TIME)
    if(NOT arg_TIME MATCHES "^([0-9]+)(ms|s|m|h)$")
      message(FATAL_ERROR
        "heddle_add_nightly(${target}): TIME ${arg_TIME} is no time; allowed: a whole number and ms, s, m or h")
    endif()
    set(unit_ms 1)
    set(unit_s 1)
    set(unit_m 60)
    set(unit_h 3600)
    math(EXPR timeout "${CMAKE_MATCH_1} * ${unit_${CMAKE_MATCH_2}} + 900")
    list(APPEND options --time ${arg_TIME})
  endif()
  if(arg_SCHEDULES)
    list(APPEND options --schedules ${arg_SCHEDULES})
  endif()
  if(arg_JOBS)
    list(APPEND options --jobs ${arg_JOBS})
  endif()
  if(NOT arg_CORPUS)
    set(arg_CORPUS "${CMAKE_CURRENT_BINARY_DIR}/nightly/${target}")
  endif()
  cmake_path(GET arg_CORPUS PARENT_PATH parent)
  file(MAKE_DIRECTORY "${parent}")

  if(TARGET heddle)
    set(command $<TARGET_FILE:heddle>)
  else()
    find_program(HEDDLE_COMMAND NAMES heddle HINTS "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../../../bin")
    if(NOT HEDDLE_COMMAND)
      message(FATAL_ERROR
        "heddle_add_nightly(${target}): the heddle command was not found. It is built where CLI11 is "
        "(Debian and Ubuntu: apt-get install libcli11-dev); HEDDLE_COMMAND says where it is")
    endif()
    set(command "${HEDDLE_COMMAND}")
  endif()
  list(JOIN arg_ARGUMENTS " " arguments)
  set(binary "$<TARGET_FILE:${target}>")
  if(arguments)
    string(APPEND binary " ${arguments}")
  endif()
  add_test(NAME nightly.${target} COMMAND ${command} fuzz ${options} --corpus "${arg_CORPUS}" -- "${binary}")
  set_tests_properties(nightly.${target} PROPERTIES LABELS nightly TIMEOUT ${timeout})
endfunction()
