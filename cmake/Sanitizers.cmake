# SPDX-License-Identifier: Apache-2.0
# corral_sanitizers: the instrumentation that a preset asks for. PUBLIC on every layer, since whatever links
# an instrumented object has to link the run-time too.
set(CORRAL_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them: address,undefined or thread")
option(CORRAL_VALGRIND "Tell Valgrind which pool bytes may be used (needs valgrind/memcheck.h)" OFF)
option(CORRAL_EXPENSIVE_CHECKS "Check whole structures at every call (base/check.h)" OFF)

add_library(corral_sanitizers INTERFACE)

if(CORRAL_EXPENSIVE_CHECKS)
  target_compile_definitions(corral_sanitizers INTERFACE CORRAL_EXPENSIVE_CHECKS=1)
endif()

if(CORRAL_VALGRIND)
  target_compile_definitions(corral_sanitizers INTERFACE CORRAL_VALGRIND=1)
endif()

if(CORRAL_SANITIZE)
  target_compile_options(corral_sanitizers INTERFACE
    -O1 -fsanitize=${CORRAL_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(corral_sanitizers INTERFACE -fsanitize=${CORRAL_SANITIZE})

  # The shadow maps of gcc 12's and clang 14's sanitizers collide with kernels that randomise 32 bits of every
  # address. Containers may forbid the call that turns it off, so it is tried first.
  find_program(CORRAL_SETARCH setarch)
  if(CORRAL_SETARCH)
    execute_process(COMMAND ${CORRAL_SETARCH} -R true RESULT_VARIABLE refused OUTPUT_QUIET ERROR_QUIET)
    if(refused EQUAL 0)
      set(CORRAL_SANITIZER_LAUNCHER ${CORRAL_SETARCH} -R)
    endif()
  endif()
endif()
