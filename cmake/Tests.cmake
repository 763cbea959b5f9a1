# SPDX-License-Identifier: Apache-2.0
# What runs a test program: the valgrind preset sets it, sanitizer builds may need one of their own.
set(CORRAL_TEST_LAUNCHER "" CACHE STRING "Command put before every test program")
set(CORRAL_VECTORS "${PROJECT_SOURCE_DIR}/src/test/resources/vectors")

# corral_add_test(NAME n SOURCES .. [LINKS layers] [ARGS ..] [LABELS ..]): the program n and a test that runs it.
# Without LINKS it sees every layer. A test sees private headers ("arena/arena_parts.h")
# and has the harness of native/test/support.
function(corral_add_test)
  cmake_parse_arguments(PARSE_ARGV 0 T "" "NAME" "SOURCES;LINKS;ARGS;LABELS")
  corral_add_test_program(NAME ${T_NAME} SOURCES ${T_SOURCES} LINKS ${T_LINKS})
  corral_add_run(NAME ${T_NAME} PROGRAM ${T_NAME} ARGS ${T_ARGS} LABELS ${T_LABELS})
endfunction()

function(corral_add_test_program)
  cmake_parse_arguments(PARSE_ARGV 0 T "" "NAME" "SOURCES;LINKS")
  get_property(layers GLOBAL PROPERTY CORRAL_LAYERS)
  if(NOT T_LINKS)
    set(T_LINKS ${layers})
  endif()
  list(TRANSFORM T_LINKS PREPEND corral_)
  list(TRANSFORM layers REPLACE "(.+)" "corral_\\1_internal")
  add_executable(${T_NAME} ${T_SOURCES})
  target_link_libraries(${T_NAME} PRIVATE ${T_LINKS} ${layers} corral_warnings)
  target_include_directories(${T_NAME} PRIVATE "${PROJECT_SOURCE_DIR}/native")
  if(TARGET corral_test_support)
    target_link_libraries(${T_NAME} PRIVATE corral_test_support)
  endif()
  corral_c_properties(${T_NAME})
endfunction()

# corral_add_run(NAME n PROGRAM p [ARGS ..] [LABELS ..]): one more test that runs the program p.
# LABELS no-valgrind keeps it out of the valgrind preset.
function(corral_add_run)
  cmake_parse_arguments(PARSE_ARGV 0 R "" "NAME;PROGRAM" "ARGS;LABELS")
  add_test(NAME ${R_NAME} COMMAND ${CORRAL_SANITIZER_LAUNCHER} ${CORRAL_TEST_LAUNCHER} $<TARGET_FILE:${R_PROGRAM}> ${R_ARGS})
  set_tests_properties(${R_NAME} PROPERTIES TIMEOUT 900 LABELS "${R_LABELS}")
endfunction()
