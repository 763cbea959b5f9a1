# SPDX-License-Identifier: Apache-2.0
# Budgets: instructions counted by callgrind, whatever the machine is doing. Included by CMakeLists.txt.
if(CMAKE_C_COMPILER_ID MATCHES "GNU|Clang")
  corral_add_bench(budget_loops budget_loops.c)
  # Valgrind 3.19 does not understand clang's debug information, and needs only the names of functions.
  target_link_options(budget_loops PRIVATE -Wl,-S)
  set(program -DPROGRAM=$<TARGET_FILE:budget_loops> -DPROCESSOR=${CMAKE_SYSTEM_PROCESSOR})
  # clang spends one instruction more: it avoids the three-operand LEA, which some processors are slow at.
  set(extra 0)
  if(CMAKE_C_COMPILER_ID MATCHES "Clang")
    set(extra 1)
  endif()
  add_custom_target(budgets DEPENDS budget_loops $<TARGET_NAME_IF_EXISTS:slot_bench> $<TARGET_NAME_IF_EXISTS:object_bench>
    $<TARGET_NAME_IF_EXISTS:recycler_bench> $<TARGET_NAME_IF_EXISTS:compare_benches>
    $<TARGET_NAME_IF_EXISTS:ratio_check>) # what ctest -L budget runs
  foreach(budget IN ITEMS wide=10 narrow=9)
    string(REPLACE "=" ";" budget ${budget})
    list(POP_FRONT budget loop most)
    math(EXPR most "${most} + ${extra}")
    add_test(NAME alloc_budget_${loop} COMMAND ${CMAKE_COMMAND} ${program} -DLOOP=${loop} -DMOST_INSTRUCTIONS=${most}
      -P "${CMAKE_CURRENT_SOURCE_DIR}/inline_budget.cmake")
    list(APPEND budgets alloc_budget_${loop})
  endforeach()
  add_test(NAME bulk_budget COMMAND ${CMAKE_COMMAND} ${program} -P "${CMAKE_CURRENT_SOURCE_DIR}/bulk_budget.cmake")
  list(APPEND budgets bulk_budget)
  # Of what is shipped, as gcc compiles it: instructions of 1 pair, 1 arena, 1 mark, 16 blocks and a reset, 1 chunk, and
  # of 1 block while an arena grows to 1 MiB and to 256 MiB: however many live, the next one costs the same.
  if(CMAKE_BUILD_TYPE STREQUAL "Release" AND CMAKE_C_COMPILER_ID STREQUAL "GNU")
    foreach(budget IN ITEMS pair=116=10000 cycle=1265=10000 mark=313=10000 unit=455=10000 enter=160=10000
      grow=16=16384 grow=16=4194304)
      string(REPLACE "=" ";" budget ${budget})
      list(POP_FRONT budget what most count)
      add_test(NAME call_budget_${what}_${count} COMMAND ${CMAKE_COMMAND} ${program} -DWHAT=${what} -DMOST=${most}
        -DCOUNT=${count} -P "${CMAKE_CURRENT_SOURCE_DIR}/call_budget.cmake")
      list(APPEND budgets call_budget_${what}_${count})
    endforeach()
  endif()
  # Of time, beside the C library's in the same process; if all took twice the time, the second one has to fail, or the
  # first says nothing.
  if(CMAKE_BUILD_TYPE STREQUAL "Release" AND CMAKE_C_COMPILER_ID STREQUAL "GNU" AND TARGET ratio_check)
    add_test(NAME ratio_check COMMAND ratio_check)
    add_test(NAME ratio_check_fails_at_twice COMMAND ratio_check 2)
    set_tests_properties(ratio_check_fails_at_twice PROPERTIES WILL_FAIL ON)
    list(APPEND budgets ratio_check ratio_check_fails_at_twice)
  endif()
  set_tests_properties(${budgets} PROPERTIES LABELS "budget;no-valgrind" SKIP_REGULAR_EXPRESSION "skipped: ")
endif()
