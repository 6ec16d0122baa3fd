# Everything that writes headers hangs on this, so that tools which read sources can run before a build.
add_custom_target(generated_headers)
# The tests that also run under ThreadSanitizer: those with the label tsan.
add_custom_target(tsan_tests)

# troupe_precompile(TARGET HEADER...)
# No two runs of g++ write the same precompiled header, so that ccache would find nothing of another checkout's: what it
# takes into account instead is what the headers say, read anew at each configuration.
function(troupe_precompile TARGET)
  target_precompile_headers(${TARGET} PRIVATE ${ARGN})
  list(TRANSFORM ARGN REPLACE "(.+)" "#include \\1\n" OUTPUT_VARIABLE lines)
  string(JOIN "" text ${lines})
  file(WRITE ${CMAKE_BINARY_DIR}/${TARGET}.cpp "${text}")
  execute_process(COMMAND ${CMAKE_CXX_COMPILER} -std=c++20 -E -P ${CMAKE_BINARY_DIR}/${TARGET}.cpp
                  OUTPUT_VARIABLE headers COMMAND_ERROR_IS_FATAL ANY)
  string(SHA256 sum "${CMAKE_CXX_COMPILER_VERSION} ${headers}")
  file(WRITE ${CMAKE_BINARY_DIR}/CMakeFiles/${TARGET}.dir/cmake_pch.hxx.gch.sum ${sum})
endfunction()

# The standard library, and with it GoogleTest, parsed once: a quarter of what a small file costs to compile. Sources still
# include what they use (clang-tidy and the check of headers read them without these).
set(TROUPE_STANDARD_HEADERS <algorithm> <array> <atomic> <chrono> <cstdint> <cstring> <functional> <map> <memory> <mutex>
    <optional> <set> <string> <string_view> <unordered_map> <utility> <variant> <vector>)
add_library(troupe_precompiled OBJECT ${CMAKE_CURRENT_LIST_DIR}/precompiled.cpp)
target_link_libraries(troupe_precompiled PRIVATE troupe_warnings)
troupe_precompile(troupe_precompiled ${TROUPE_STANDARD_HEADERS})
# An executable, for its code must be compiled as an executable's.
add_executable(troupe_precompiled_test EXCLUDE_FROM_ALL ${CMAKE_CURRENT_LIST_DIR}/precompiled.cpp)
target_link_libraries(troupe_precompiled_test PRIVATE GTest::gmock_main troupe_warnings)
troupe_precompile(troupe_precompiled_test ${TROUPE_STANDARD_HEADERS} <gtest/gtest.h> <gmock/gmock.h>)

# troupe_library(NAME SOURCES f.cpp... [DEPS target...] [PRIVATE_DEPS target...])
# One library a folder. Headers are included from the root: #include "kernel/supervisor.hpp".
function(troupe_library NAME)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
  add_library(${NAME} STATIC ${ARG_SOURCES})
  target_include_directories(${NAME} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(${NAME} PUBLIC ${ARG_DEPS} PRIVATE ${ARG_PRIVATE_DEPS} $<BUILD_INTERFACE:troupe_warnings>)
  target_precompile_headers(${NAME} REUSE_FROM troupe_precompiled)
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
  target_precompile_headers(${NAME} REUSE_FROM troupe_precompiled_test)
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
