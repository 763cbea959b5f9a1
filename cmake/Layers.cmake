# SPDX-License-Identifier: Apache-2.0
find_package(Threads REQUIRED)
set_property(GLOBAL PROPERTY CORRAL_LAYERS "")

# corral_layer(NAME n [HEADERS ..] [INTERNAL ..] [SOURCES ..] [LINKS lower layers] [USES lower layers])
#   HEADERS   public headers, from native/include/corral; included as "corral/x.h" by this layer and those above
#   INTERNAL  headers of native/<n> that a layer above may ask for with USES n, as "<n>/x.h" or "x.h"
# Headers are copied into one directory per layer: with the common native/include on the path nothing would stop
# a layer from including a header of a layer above it.
function(corral_layer)
  cmake_parse_arguments(PARSE_ARGV 0 L "" "NAME" "HEADERS;INTERNAL;SOURCES;LINKS;USES")
  set(public_dir "${PROJECT_BINARY_DIR}/include/${L_NAME}")
  set(internal_dir "${PROJECT_BINARY_DIR}/internal/${L_NAME}")
  foreach(header IN LISTS L_HEADERS)
    configure_file("${PROJECT_SOURCE_DIR}/native/include/corral/${header}" "${public_dir}/corral/${header}" COPYONLY)
  endforeach()
  foreach(header IN LISTS L_INTERNAL)
    cmake_path(GET header FILENAME name)
    configure_file("${header}" "${internal_dir}/${L_NAME}/${name}" COPYONLY)
  endforeach()

  add_library(corral_${L_NAME}_internal INTERFACE)
  target_include_directories(corral_${L_NAME}_internal INTERFACE "${internal_dir}" "${internal_dir}/${L_NAME}")

  set(target corral_${L_NAME})
  list(TRANSFORM L_LINKS PREPEND corral_)
  list(TRANSFORM L_USES REPLACE "(.+)" "corral_\\1_internal")
  if(L_SOURCES)
    add_library(${target} STATIC ${L_SOURCES})
    target_include_directories(${target} PUBLIC "${public_dir}")
    target_link_libraries(${target} PUBLIC ${L_LINKS} corral_sanitizers
      PRIVATE ${L_USES} corral_${L_NAME}_internal corral_warnings)
    corral_c_properties(${target})
  else()
    add_library(${target} INTERFACE)
    target_include_directories(${target} INTERFACE "${public_dir}")
    target_link_libraries(${target} INTERFACE ${L_LINKS} corral_sanitizers)
  endif()
  set_target_properties(${target} PROPERTIES CORRAL_HEADERS "${L_HEADERS}")
  set_property(GLOBAL APPEND PROPERTY CORRAL_LAYERS ${L_NAME})
endfunction()

# Hidden and position independent: the same objects go into libcorral.a and into the library that Java loads,
# which exports its JNI functions only.
function(corral_c_properties target)
  set_target_properties(${target} PROPERTIES C_STANDARD 11 C_STANDARD_REQUIRED ON C_EXTENSIONS OFF
    C_VISIBILITY_PRESET hidden POSITION_INDEPENDENT_CODE ON)
endfunction()
