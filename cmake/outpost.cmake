# What every target of ours shares, as interface targets: nothing here is global.

add_library(outpost_options INTERFACE)
target_include_directories(outpost_options INTERFACE "${CMAKE_SOURCE_DIR}" "${CMAKE_BINARY_DIR}/generated")
target_compile_options(outpost_options INTERFACE -Wall -Wextra -Wconversion -Wshadow -Wnon-virtual-dtor -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(outpost_options INTERFACE -Wthread-safety)
else()
  # gcc 12 reports these inside libstdc++ and Outcome when it inlines; clang checks our own code for the same.
  target_compile_options(outpost_options INTERFACE -Wno-maybe-uninitialized -Wno-restrict)
endif()
if(OUTPOST_SANITIZE)
  target_compile_options(outpost_options INTERFACE -fsanitize=${OUTPOST_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(outpost_options INTERFACE -fsanitize=${OUTPOST_SANITIZE})
  if(OUTPOST_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(outpost_options INTERFACE -Wno-tsan)  # Asio's fences, which gcc's TSan does not see
  endif()
  if(OUTPOST_SANITIZE MATCHES "undefined")
    target_compile_options(outpost_options INTERFACE -fno-sanitize-recover=undefined)
  endif()
endif()

# The presets with CMAKE_UNITY_BUILD (release and asan, which ./test, ./demo and .ci/run build as a whole) compile several
# files as one, which spares the compiler the templates that it would see again and again: 37 seconds instead of 64 for
# replicator/. The others, dev for daily work among them, compile file by file. A file whose local names clash with a
# neighbour's gets SKIP_UNITY_BUILD_INCLUSION in its CMakeLists.txt.
if(CMAKE_UNITY_BUILD)
  # gcc takes a file's anonymous namespace for a header's there; the file-by-file builds look for the real thing.
  target_compile_options(outpost_options INTERFACE -Wno-subobject-linkage)
endif()

# outpost_library(NAME SOURCES ... LINKS ... [PRIVATE_LINKS ...]): a static library of this folder and its link test, an empty
# program that takes the whole archive with nothing but what the library declares: an undeclared dependency does not link.
function(outpost_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC outpost_options ${ARG_LINKS} PRIVATE ${ARG_PRIVATE_LINKS})
  if(OUTPOST_SANITIZE AND NOT OUTPOST_LONG_TESTS)
    return()  # what a library declares is the same there
  endif()
  set(main "${CMAKE_BINARY_DIR}/generated/link_test_main.cpp")
  if(NOT EXISTS "${main}")
    file(WRITE "${main}" "int main() { return 0; }\n")
  endif()
  add_executable(link_test_${name} "${main}")
  target_link_options(link_test_${name} PRIVATE -Wl,--no-undefined)
  target_link_libraries(link_test_${name} PRIVATE -Wl,--whole-archive ${name} -Wl,--no-whole-archive)
  set_target_properties(link_test_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/link_tests")
  add_test(NAME link.${name} COMMAND link_test_${name})
endfunction()

# outpost_test(NAME SOURCES ... LINKS ... [COST N] [LABEL L]): a Catch2 program, each TEST_CASE a ctest test; those of a higher
# cost start first (ctest's own record of costs cannot read names with spaces). A test that prints a line with
# "[skipped]" (see tests/support/shared.h) shows as skipped.
find_package(Catch2 2.13 REQUIRED)
include(Catch)
# Tests tagged [.long] are hidden: `./test --all` (and -DOUTPOST_LONG_TESTS=ON) lists them with the others.
option(OUTPOST_LONG_TESTS "Run the tests tagged [.long] too" OFF)
set(OUTPOST_TEST_SPEC "")
if(OUTPOST_LONG_TESTS)
  set(OUTPOST_TEST_SPEC TEST_SPEC "~[.],[long]")
endif()
function(outpost_test name)
  cmake_parse_arguments(ARG "" "COST;LABEL" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE outpost_options Catch2::Catch2WithMain ${ARG_LINKS})
  target_compile_definitions(${name} PRIVATE OUTPOST_SHARED="${OUTPOST_SHARED}" OUTPOST_SOURCE="${CMAKE_SOURCE_DIR}"
    OUTPOST_BIN="${CMAKE_RUNTIME_OUTPUT_DIRECTORY}")
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
  if(NOT ARG_COST)
    set(ARG_COST 0)
  endif()
  set(properties)
  if(ARG_LABEL)
    set(properties LABELS ${ARG_LABEL})
  endif()
  if(OUTPOST_SANITIZE MATCHES "thread")
    list(APPEND properties ENVIRONMENT "TSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/cmake/tsan.supp:ignore_noninstrumented_modules=1")
  endif()
  catch_discover_tests(${name} TEST_PREFIX "${name}: " DISCOVERY_MODE PRE_TEST ${OUTPOST_TEST_SPEC}
    PROPERTIES ${properties} SKIP_REGULAR_EXPRESSION "\\[skipped\\]" TIMEOUT 600 COST ${ARG_COST})
endfunction()
