# Everything that writes headers hangs on this, so that tools which read sources can run before a build.
add_custom_target(generated_headers)
# The tests that also run under ThreadSanitizer: those with the label tsan.
add_custom_target(tsan_tests)

# troupe_library(NAME SOURCES f.cpp... [DEPS target...] [PRIVATE_DEPS target...])
# One library a folder. Headers are included from the root: #include "kernel/supervisor.hpp".
function(troupe_library NAME)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
  add_library(${NAME} STATIC ${ARG_SOURCES})
  target_include_directories(${NAME} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(${NAME} PUBLIC ${ARG_DEPS} PRIVATE ${ARG_PRIVATE_DEPS} $<BUILD_INTERFACE:troupe_warnings>)
endfunction()

# troupe_executable(NAME SOURCES f.cpp... [DEPS target...])
function(troupe_executable NAME)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${NAME} ${ARG_SOURCES})
  target_include_directories(${NAME} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${NAME} PRIVATE ${ARG_DEPS} troupe_warnings)
endfunction()

# troupe_test(NAME SOURCES f.cpp... [DEPS target...] [ARGS arg...] [LABELS label...] [TIMEOUT seconds])
# A GoogleTest executable run as one ctest entry for each TEST in it.
function(troupe_test NAME)
  cmake_parse_arguments(ARG "WHOLE" "TIMEOUT" "SOURCES;DEPS;ARGS;LABELS" ${ARGN})
  troupe_executable(${NAME} SOURCES ${ARG_SOURCES} DEPS ${ARG_DEPS} GTest::gmock_main)
  if(NOT ARG_TIMEOUT)  # for what hangs: no test is to end by it because the machine is slow
    set(ARG_TIMEOUT 600)
  endif()
  if("tsan" IN_LIST ARG_LABELS)
    add_dependencies(tsan_tests ${NAME})
  endif()
  if(ARG_WHOLE)  # one entry for the program: where starting it costs more than its tests
    add_test(NAME ${NAME} COMMAND ${NAME} ${ARG_ARGS})
    set_tests_properties(${NAME} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}")
  else()
    # The list of a program's tests is made when ctest starts, by 5 seconds unless told otherwise.
    gtest_discover_tests(${NAME} EXTRA_ARGS ${ARG_ARGS} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 120
                         PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}")
  endif()
endfunction()

# troupe_bench(NAME SOURCES f.cpp... [DEPS target...]): prints JSON; never run as a test.
function(troupe_bench NAME)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  troupe_executable(${NAME} SOURCES ${ARG_SOURCES} DEPS ${ARG_DEPS})
endfunction()
