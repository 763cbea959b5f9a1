# SPDX-License-Identifier: Apache-2.0
# What reset and rewind cost does not depend on the chunks: of 10,000 full chunks at most 1.2 times the instructions of
# one. Counted by callgrind in arena_reset() and arena_rewind().
#   cmake -DPROGRAM=budget_loops -P bulk_budget.cmake
find_program(VALGRIND valgrind)
if(NOT VALGRIND)
  message("skipped: the budget needs valgrind (apt-get install valgrind)")
  return()
endif()

# Sets ${which}_${chunks} to the instructions of one take-back.
function(count_take_back which chunks)
  set(out "${PROGRAM}.callgrind.${which}.${chunks}")
  execute_process(
    COMMAND "${VALGRIND}" --tool=callgrind --toggle-collect=arena_${which} "--callgrind-out-file=${out}"
      "${PROGRAM}" ${which} ${chunks}
    RESULT_VARIABLE code ERROR_VARIABLE report)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "callgrind failed: ${code}\n${report}")
  endif()
  file(STRINGS "${out}" totals REGEX "^totals: ")
  file(REMOVE "${out}")
  if(NOT totals MATCHES "^totals: ([0-9]+)" OR CMAKE_MATCH_1 LESS 10)
    message(FATAL_ERROR "arena_${which}() was not counted: ${totals}")
  endif()
  set(${which}_${chunks} ${CMAKE_MATCH_1} PARENT_SCOPE)
endfunction()

foreach(which IN ITEMS reset rewind)
  count_take_back(${which} 1)
  count_take_back(${which} 10000)
  message("${which}: instructions for 1 chunk: ${${which}_1}, for 10000 chunks: ${${which}_10000}")
  math(EXPR excess "${${which}_10000} * 10 - ${${which}_1} * 12")
  if(excess GREATER 0)
    message(FATAL_ERROR "over the budget of 1.2 times")
  endif()
endforeach()
