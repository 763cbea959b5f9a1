# SPDX-License-Identifier: Apache-2.0
# Runs an example and compares what it prints: cmake -DCOMMAND=launcher;program -DINPUT=file -DEXPECTED=file
# -DBY=argument|stdin -P check_output.cmake
if(BY STREQUAL "argument")
  execute_process(COMMAND ${COMMAND} "${INPUT}" OUTPUT_VARIABLE actual RESULT_VARIABLE code)
else()
  execute_process(COMMAND ${COMMAND} INPUT_FILE "${INPUT}" OUTPUT_VARIABLE actual RESULT_VARIABLE code)
endif()
file(READ "${EXPECTED}" expected)
if(NOT code EQUAL 0)
  message(FATAL_ERROR "exit code: expected 0, actual ${code}; it printed:\n${actual}")
endif()
if(NOT actual STREQUAL expected)
  message(FATAL_ERROR "expected:\n${expected}\nactual:\n${actual}")
endif()
