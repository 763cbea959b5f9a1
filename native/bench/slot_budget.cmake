# SPDX-License-Identifier: Apache-2.0
# Instructions, counted by callgrind: to destroy a region of 100,000 ints takes at most a fiftieth of as many calls of
# free(), and a put and remove of an int at most MOST.
#   cmake -DPROGRAM=slot_bench -DMOST=130 -P slot_budget.cmake
find_program(VALGRIND valgrind)
if(NOT VALGRIND)
  message("skipped: the budget needs valgrind (apt-get install valgrind)")
  return()
endif()
set(COUNT 100000)

# Sets ${what} to the instructions of all of it.
function(count what)
  set(out "${PROGRAM}.callgrind.${what}")
  execute_process(
    COMMAND "${VALGRIND}" --tool=callgrind --toggle-collect=counted "--callgrind-out-file=${out}"
      "${PROGRAM}" ${what} ${COUNT}
    RESULT_VARIABLE code ERROR_VARIABLE report)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "callgrind failed: ${code}\n${report}")
  endif()
  file(STRINGS "${out}" totals REGEX "^totals: ")
  file(REMOVE "${out}")
  if(NOT totals MATCHES "^totals: ([0-9]+)" OR CMAKE_MATCH_1 LESS 100)
    message(FATAL_ERROR "${what} was not counted: ${totals}")
  endif()
  set(${what} ${CMAKE_MATCH_1} PARENT_SCOPE)
endfunction()

foreach(what IN ITEMS region free put malloc)
  count(${what})
endforeach()
math(EXPR pair "${put} / ${COUNT}")
math(EXPR heap "${malloc} / ${COUNT}")
message("region: instructions=${region}, as many frees: ${free}; put and remove: ${pair}, malloc and free: ${heap}")
math(EXPR fiftyfold "${region} * 50")
if(fiftyfold GREATER free)
  message(FATAL_ERROR "the region costs more than a fiftieth of the frees")
endif()
if(pair GREATER MOST)
  message(FATAL_ERROR "over the budget: put and remove may take ${MOST}")
endif()
