# heddle_check(<target>): builds a target of this project for checking. heddle_check_program(<target>): a whole program.
#
# It compiles the target with -fsanitize=thread, which inserts a call before each memory access and atomic operation. The
# calls are answered by heddle, never by libtsan: nothing is added to the link. Debug information and
# frame pointers are added, as reports show source lines. An executable marked so gets the instrumented
# runtime through heddle::runtime.
#
# Use it on the test executable, and on each library of yours whose inside is to be seen. A library that is
# left out runs all the same; heddle then knows of its locks and threads, but not of its memory accesses.
include_guard(GLOBAL)

function(heddle_check target)
  if(NOT ARGC EQUAL 1)
    message(FATAL_ERROR "heddle_check takes one target, got: ${ARGV}")
  endif()
  if(NOT TARGET ${target})
    message(FATAL_ERROR "heddle_check(${target}): there is no such target; call it after add_executable or add_library")
  endif()
  _heddle_check(heddle_check ${target})
endfunction()

# heddle_check_program(<target>): builds a whole program for checking.
#
# The target is an executable with its own main(), in C or C++, whose sources know nothing of heddle. It is compiled as
# heddle_check does, and linked with heddle::program, which runs its main() once per schedule, each time in a process
# forked before it. Run the program as ever; the HEDDLE_ variables say how much is explored. See docs/whole-programs.md.
function(heddle_check_program target)
  if(NOT ARGC EQUAL 1)
    message(FATAL_ERROR "heddle_check_program takes one target, got: ${ARGV}")
  endif()
  if(NOT TARGET ${target})
    message(FATAL_ERROR "heddle_check_program(${target}): there is no such target; call it after add_executable")
  endif()
  get_target_property(type ${target} TYPE)
  if(NOT type STREQUAL "EXECUTABLE")
    message(FATAL_ERROR
      "heddle_check_program(${target}): the target is of type ${type}, and only an executable has a main(); "
      "use heddle_check for a library whose inside is to be seen")
  endif()
  if(NOT TARGET heddle::program)
    message(FATAL_ERROR
      "heddle_check_program(${target}): there is no target heddle::program. It comes with heddle's checker: "
      "find_package(heddle REQUIRED COMPONENTS checker), or HEDDLE_BUILD_CHECKER=ON where heddle is a subdirectory")
  endif()
  get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
  if(NOT "CXX" IN_LIST languages)
    message(FATAL_ERROR
      "heddle_check_program(${target}): a program in C is linked with the checker, which is in C++: "
      "project(... LANGUAGES C CXX)")
  endif()
  if("C" IN_LIST languages AND NOT CMAKE_C_COMPILER_ID MATCHES "^(GNU|Clang)$")
    message(FATAL_ERROR
      "heddle_check_program(${target}): needs gcc 12 or later, or clang 14 or later for C; "
      "the compiler is ${CMAKE_C_COMPILER_ID} (${CMAKE_C_COMPILER})")
  endif()
  _heddle_check(heddle_check_program ${target})
  _heddle_reject_test_framework(${target})
  cmake_language(EVAL CODE "cmake_language(DEFER CALL _heddle_reject_test_framework [[${target}]])")
  set_target_properties(${target} PROPERTIES LINKER_LANGUAGE CXX)
  target_link_libraries(${target} PRIVATE heddle::program)
endfunction()

# Fails if the program is a test executable, whose main() runs the explorations itself.
function(_heddle_reject_test_framework target)
  get_target_property(libraries ${target} LINK_LIBRARIES)
  if(libraries AND libraries MATCHES "(^|;)(heddle::gtest|heddle_gtest|heddle::rapidcheck|heddle_rapidcheck)(;|$)")
    message(FATAL_ERROR
      "heddle_check_program(${target}): it links ${CMAKE_MATCH_2}, so it is a test whose main() explores by itself; "
      "use heddle_check(${target})")
  endif()
endfunction()

# What both do; `caller` is who is named in messages.
function(_heddle_check caller target)

  get_target_property(aliased ${target} ALIASED_TARGET)
  if(aliased)
    message(FATAL_ERROR "${caller}(${target}): it is an alias; name the target itself, ${aliased}")
  endif()
  get_target_property(imported ${target} IMPORTED)
  if(imported)
    message(FATAL_ERROR
      "${caller}(${target}): the target is imported, so it is already compiled; build it from source to check it")
  endif()
  get_target_property(type ${target} TYPE)
  if(NOT type MATCHES "^(EXECUTABLE|STATIC_LIBRARY|SHARED_LIBRARY|MODULE_LIBRARY|OBJECT_LIBRARY)$")
    message(FATAL_ERROR "${caller}(${target}): a target of type ${type} has nothing to compile")
  endif()
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "^(GNU|Clang)$")
    message(FATAL_ERROR
      "${caller}(${target}): needs g++ 12 or later, or clang++ 14 or later; "
      "the compiler is ${CMAKE_CXX_COMPILER_ID} (${CMAKE_CXX_COMPILER})")
  endif()

  _heddle_reject_sanitizers(${caller} ${target})
  # Options may still be added below this call: look again at the end of the directory.
  cmake_language(EVAL CODE "cmake_language(DEFER CALL _heddle_reject_sanitizers ${caller} [[${target}]])")

  get_target_property(already ${target} HEDDLE_CHECK)
  if(already)
    return()
  endif()
  set_target_properties(${target} PROPERTIES
    HEDDLE_CHECK ON
    # Instrumentation that is put off to the link step would need -fsanitize=thread there.
    INTERPROCEDURAL_OPTIMIZATION OFF)
  target_compile_options(${target} PRIVATE
    "$<$<COMPILE_LANGUAGE:C,CXX>:-fsanitize=thread;-g;-fno-omit-frame-pointer>"
    # g++ warns that ThreadSanitizer does not model atomic_thread_fence; heddle does.
    "$<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-tsan>")
endfunction()

# Fails if the target is compiled or linked with a sanitizer by other means.
function(_heddle_reject_sanitizers caller target)
  set(places
    LINK_OPTIONS LINK_FLAGS LINK_LIBRARIES INTERFACE_LINK_OPTIONS COMPILE_OPTIONS COMPILE_FLAGS)
  foreach(place IN LISTS places)
    get_target_property(flags ${target} ${place})
    if(NOT flags)
      continue()
    endif()
    if(place MATCHES "^COMPILE")
      # heddle_check's own option, and a request for no sanitizer, are meant.
      string(REPLACE "-fsanitize=thread;-g;-fno-omit-frame-pointer" "" flags "${flags}")
    endif()
    _heddle_reject_sanitizer_flags(${caller} ${target} "its property ${place}" "${flags}")
  endforeach()

  set(variables CMAKE_C_FLAGS CMAKE_CXX_FLAGS CMAKE_EXE_LINKER_FLAGS CMAKE_SHARED_LINKER_FLAGS CMAKE_MODULE_LINKER_FLAGS)
  if(CMAKE_BUILD_TYPE)
    string(TOUPPER "${CMAKE_BUILD_TYPE}" configuration)
    foreach(variable IN ITEMS ${variables})
      list(APPEND variables ${variable}_${configuration})
    endforeach()
  endif()
  foreach(variable IN LISTS variables)
    _heddle_reject_sanitizer_flags(${caller} ${target} "${variable}" "${${variable}}")
  endforeach()
endfunction()

function(_heddle_reject_sanitizer_flags caller target place flags)
  if(flags MATCHES "-fsanitize=[a-z,-]+|(^|[; ])-?l?tsan($|[; ])|libtsan|libclang_rt\\.tsan")
    message(FATAL_ERROR
      "${caller}(${target}): ${place} contains ${CMAKE_MATCH_0}. heddle takes the place of the sanitizer's "
      "run-time library, and both cannot be in one program. Build this target without it; heddle_check adds "
      "what is needed to the compile step.")
  endif()
endfunction()
