# SPDX-License-Identifier: Apache-2.0
# What arena_alloc() costs inlined in a loop, on x86-64: at most MOST_INSTRUCTIONS instructions and 1 conditional
# branch. Counted by callgrind in two loops of budget_loops.c that differ in nothing but arena_alloc(). LOOP: wide (of a
# size_t) or narrow (of a size that is known to fit in 32 bits).
#   cmake -DPROGRAM=budget_loops -DLOOP=wide -DPROCESSOR=x86_64 -DMOST_INSTRUCTIONS=10 -P inline_budget.cmake
set(COUNT 100000)
set(MOST_BRANCHES 1)
set(SLACK 100) # instructions around the loop

if(NOT PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
  message("skipped: the budget is one of x86-64 instructions, this is ${PROCESSOR}")
  return()
endif()
find_program(VALGRIND valgrind)
if(NOT VALGRIND)
  message("skipped: the budget needs valgrind (apt-get install valgrind)")
  return()
endif()

# Sets ${which}_instructions and ${which}_branches.
function(count_loop which)
  set(out "${PROGRAM}.callgrind.${LOOP}.${which}") # the two budgets may run at the same time
  execute_process(
    COMMAND "${VALGRIND}" --tool=callgrind --branch-sim=yes --toggle-collect=loop_${which} "--callgrind-out-file=${out}"
      "${PROGRAM}" ${which} ${COUNT}
    RESULT_VARIABLE code ERROR_VARIABLE report)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "callgrind failed: ${code}\n${report}")
  endif()
  file(STRINGS "${out}" events REGEX "^events: ")
  file(STRINGS "${out}" totals REGEX "^totals: ")
  file(REMOVE "${out}")
  if(NOT events STREQUAL "events: Ir Bc Bcm Bi Bim" OR NOT totals MATCHES "^totals: ([0-9]+) ([0-9]+) ")
    message(FATAL_ERROR "not understood: ${events} / ${totals}")
  endif()
  set(${which}_instructions ${CMAKE_MATCH_1} PARENT_SCOPE)
  set(${which}_branches ${CMAKE_MATCH_2} PARENT_SCOPE)
endfunction()

count_loop(${LOOP})
count_loop(without)
# A loop without an instruction or without a branch of its own was not counted at all.
if(without_instructions LESS COUNT OR without_branches LESS 1000)
  message(FATAL_ERROR
    "the empty loop was not counted: instructions=${without_instructions} branches=${without_branches}")
endif()

# Hundredths, since CMake knows integers only.
math(EXPR instructions "(${${LOOP}_instructions} - ${without_instructions}) * 100 / ${COUNT}")
math(EXPR branches "(${${LOOP}_branches} - ${without_branches}) * 100 / ${COUNT}")
message("arena_alloc, ${LOOP}, in hundredths: instructions=${instructions} branches=${branches}, "
  "must be at most ${MOST_INSTRUCTIONS}00 and ${MOST_BRANCHES}00")
if(branches LESS 1)
  message(FATAL_ERROR "arena_alloc() was not in the loop")
endif()
math(EXPR excess_instructions "${${LOOP}_instructions} - ${without_instructions} - ${MOST_INSTRUCTIONS} * ${COUNT}")
math(EXPR excess_branches "${${LOOP}_branches} - ${without_branches} - ${MOST_BRANCHES} * ${COUNT}")
if(excess_instructions GREATER SLACK OR excess_branches GREATER SLACK)
  message(FATAL_ERROR "over the budget")
endif()
