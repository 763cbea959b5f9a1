# SPDX-License-Identifier: Apache-2.0
# Runs an example and compares what it prints: cmake -DCOMMAND=launcher;program -DINPUT=file -DEXPECTED=file
# -P check_output.cmake
execute_process(COMMAND ${COMMAND} INPUT_FILE "${INPUT}" OUTPUT_VARIABLE actual RESULT_VARIABLE code)
file(READ "${EXPECTED}" expected)
if(NOT code EQUAL 0)
  message(FATAL_ERROR "exit code: expected 0, actual ${code}; it printed:\n${actual}")
endif()
if(NOT actual STREQUAL expected)
  message(FATAL_ERROR "expected:\n${expected}\nactual:\n${actual}")
endif()
