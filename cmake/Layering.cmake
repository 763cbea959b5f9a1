# SPDX-License-Identifier: Apache-2.0
# One test for each pair of layers: the lower one is compiled with an include of the higher one's first header,
# and the compiler has to say that there is no such file.
function(corral_add_layering_tests)
  get_property(lower_layers GLOBAL PROPERTY CORRAL_LAYERS)
  while(lower_layers)
    list(POP_FRONT lower_layers lower)
    get_target_property(type corral_${lower} TYPE)
    set(dirs "$<TARGET_PROPERTY:corral_${lower},$<IF:$<STREQUAL:${type},INTERFACE_LIBRARY>,INTERFACE_,>INCLUDE_DIRECTORIES>")
    foreach(upper IN LISTS lower_layers)
      corral_add_layering_test(${lower} ${upper} "${dirs}")
    endforeach()
  endwhile()
endfunction()

function(corral_add_layering_test lower upper dirs)
  get_target_property(headers corral_${upper} CORRAL_HEADERS)
  list(GET headers 0 header)
  set(source "${PROJECT_BINARY_DIR}/layering/${lower}_includes_${upper}.c")
  file(CONFIGURE OUTPUT "${source}" CONTENT "#include \"corral/status.h\"\n#include \"corral/${header}\"\n")
  add_test(NAME layering_${lower}_cannot_include_${upper} COMMAND_EXPAND_LISTS
    COMMAND ${CMAKE_C_COMPILER} -std=c11 -fsyntax-only "-I$<JOIN:${dirs},;-I>" "${source}")
  set_tests_properties(layering_${lower}_cannot_include_${upper} PROPERTIES LABELS layering
    PASS_REGULAR_EXPRESSION "corral/${header}: No such file|'corral/${header}' file not found")
endfunction()
