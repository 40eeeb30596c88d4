# Uses heddle as its users do: cmake -D MODE=installed|subdirectory -D ... -P run.cmake
# installed: installs the build tree into a prefix of its own, and builds the consumer against it.
# subdirectory: builds the consumer with heddle as a subdirectory of it.
cmake_minimum_required(VERSION 3.25)

function(run what)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(NOTICE "${output}")
    message(FATAL_ERROR "${what} failed (${result})")
  endif()
  message(STATUS "${what}: ok")
endfunction()

# Fails unless the dynamic and static symbol tables of `executable` do (or do not) define `symbol`.
function(expect_symbol executable symbol expected)
  execute_process(COMMAND ${NM} --defined-only "${executable}" OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
  if(symbols MATCHES " [TtWwiI] ${symbol}\n")
    set(found YES)
  else()
    set(found NO)
  endif()
  if(NOT found STREQUAL expected)
    message(FATAL_ERROR "${executable}: defines ${symbol}: ${found}, expected ${expected}")
  endif()
endfunction()

function(expect_needed executable pattern expected)
  execute_process(COMMAND ${READELF} -d "${executable}" OUTPUT_VARIABLE dynamic COMMAND_ERROR_IS_FATAL ANY)
  if(dynamic MATCHES "NEEDED[^\n]*${pattern}")
    set(found YES)
  else()
    set(found NO)
  endif()
  if(NOT found STREQUAL expected)
    message(FATAL_ERROR "${executable}: needs ${pattern}: ${found}, expected ${expected}")
  endif()
endfunction()

set(build "${WORK_DIR}/build")
file(REMOVE_RECURSE "${build}")
set(arguments
  -G Ninja -S "${CMAKE_CURRENT_LIST_DIR}/consumer" -B "${build}"
  "-DCMAKE_CXX_COMPILER=${CXX_COMPILER}" "-DCMAKE_CXX_COMPILER_LAUNCHER=${CXX_LAUNCHER}"
  -DCMAKE_BUILD_TYPE=RelWithDebInfo)
if(MODE STREQUAL "installed")
  set(prefix "${WORK_DIR}/prefix")
  file(REMOVE_RECURSE "${prefix}")
  run("install" "${CMAKE_COMMAND}" --install "${HEDDLE_BINARY_DIR}" --prefix "${prefix}")
  list(APPEND arguments "-DCMAKE_PREFIX_PATH=${prefix}" "-DHEDDLE_VERSION=${HEDDLE_VERSION}")
else()
  list(APPEND arguments "-DHEDDLE_SOURCE_DIR=${HEDDLE_SOURCE_DIR}" "-DHEDDLE_WERROR=${HEDDLE_WERROR}")
endif()

run("configure the consumer" "${CMAKE_COMMAND}" ${arguments})
run("build the consumer" "${CMAKE_COMMAND}" --build "${build}" --parallel 2)
run("run the consumer" "${CMAKE_CTEST_COMMAND}" --test-dir "${build}" --output-on-failure)

# The production program carries nothing of the checker; the checked ones carry all of it, and no libtsan.
expect_symbol("${build}/app" "pthread_mutex_lock" NO)
expect_symbol("${build}/app" "__tsan_func_entry" NO)
expect_symbol("${build}/program" "__libc_start_main" NO)
set(checked_programs counter_test explore program_checked)
if(EXISTS "${build}/counter_property")
  list(APPEND checked_programs counter_property)
endif()
foreach(checked IN LISTS checked_programs)
  expect_symbol("${build}/${checked}" "pthread_mutex_lock" YES)
  expect_symbol("${build}/${checked}" "__tsan_func_entry" YES)
  expect_needed("${build}/${checked}" "libtsan" NO)
endforeach()
