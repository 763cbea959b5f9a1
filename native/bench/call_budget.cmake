# SPDX-License-Identifier: Apache-2.0
# What calls of the release build cost in instructions, on x86-64, warm and on one thread: WHAT of budget_loops.c may
# take at most MOST, which is what it took when it was last made cheaper or knowingly dearer, and a few per cent.
# Counted by callgrind, so the figures do not depend on the machine's load. Lower MOST when a change makes a call cheaper.
#   cmake -DPROGRAM=budget_loops -DWHAT=pair -DMOST=100 -DPROCESSOR=x86_64 [-DCOUNT=10000] -P call_budget.cmake
if(NOT DEFINED COUNT)
  set(COUNT 10000)
endif()

if(NOT PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
  message("skipped: the budget is one of x86-64 instructions, this is ${PROCESSOR}")
  return()
endif()
find_program(VALGRIND valgrind)
if(NOT VALGRIND)
  message("skipped: the budget needs valgrind (apt-get install valgrind)")
  return()
endif()

set(out "${PROGRAM}.callgrind.${WHAT}.${COUNT}")
execute_process(
  COMMAND "${VALGRIND}" --tool=callgrind --toggle-collect=counted "--callgrind-out-file=${out}"
    "${PROGRAM}" ${WHAT} ${COUNT}
  RESULT_VARIABLE code ERROR_VARIABLE report)
if(NOT code EQUAL 0)
  message(FATAL_ERROR "callgrind failed: ${code}\n${report}")
endif()
file(STRINGS "${out}" totals REGEX "^totals: ")
file(REMOVE "${out}")
if(NOT totals MATCHES "^totals: ([0-9]+)" OR CMAKE_MATCH_1 LESS COUNT)
  message(FATAL_ERROR "${WHAT} was not counted: ${totals}")
endif()
math(EXPR instructions "${CMAKE_MATCH_1} / ${COUNT}")
message("${WHAT}: instructions=${instructions}, must be at most ${MOST}")
if(instructions GREATER MOST)
  message(FATAL_ERROR "over the budget")
endif()
