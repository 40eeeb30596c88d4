# heddle_check(<target>): builds a target of this project for checking.
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

  get_target_property(aliased ${target} ALIASED_TARGET)
  if(aliased)
    message(FATAL_ERROR "heddle_check(${target}): it is an alias; name the target itself, ${aliased}")
  endif()
  get_target_property(imported ${target} IMPORTED)
  if(imported)
    message(FATAL_ERROR
      "heddle_check(${target}): the target is imported, so it is already compiled; build it from source to check it")
  endif()
  get_target_property(type ${target} TYPE)
  if(NOT type MATCHES "^(EXECUTABLE|STATIC_LIBRARY|SHARED_LIBRARY|MODULE_LIBRARY|OBJECT_LIBRARY)$")
    message(FATAL_ERROR "heddle_check(${target}): a target of type ${type} has nothing to compile")
  endif()
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "^(GNU|Clang)$")
    message(FATAL_ERROR
      "heddle_check(${target}): needs g++ 12 or later, or clang++ 14 or later; "
      "the compiler is ${CMAKE_CXX_COMPILER_ID} (${CMAKE_CXX_COMPILER})")
  endif()

  _heddle_reject_sanitizers(${target})
  # Options may still be added below this call: look again at the end of the directory.
  cmake_language(EVAL CODE "cmake_language(DEFER CALL _heddle_reject_sanitizers [[${target}]])")

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
function(_heddle_reject_sanitizers target)
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
    _heddle_reject_sanitizer_flags(${target} "its property ${place}" "${flags}")
  endforeach()

  set(variables CMAKE_CXX_FLAGS CMAKE_EXE_LINKER_FLAGS CMAKE_SHARED_LINKER_FLAGS CMAKE_MODULE_LINKER_FLAGS)
  if(CMAKE_BUILD_TYPE)
    string(TOUPPER "${CMAKE_BUILD_TYPE}" configuration)
    foreach(variable IN ITEMS ${variables})
      list(APPEND variables ${variable}_${configuration})
    endforeach()
  endif()
  foreach(variable IN LISTS variables)
    _heddle_reject_sanitizer_flags(${target} "${variable}" "${${variable}}")
  endforeach()
endfunction()

function(_heddle_reject_sanitizer_flags target place flags)
  if(flags MATCHES "-fsanitize=[a-z,-]+|(^|[; ])-?l?tsan($|[; ])|libtsan|libclang_rt\\.tsan")
    message(FATAL_ERROR
      "heddle_check(${target}): ${place} contains ${CMAKE_MATCH_0}. heddle takes the place of the sanitizer's "
      "run-time library, and both cannot be in one program. Build this target without it; heddle_check adds "
      "what is needed to the compile step.")
  endif()
endfunction()
