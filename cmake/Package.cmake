# SPDX-License-Identifier: Apache-2.0
# `corral`: one archive of every layer, and what find_package(corral) needs to offer it as corral::corral.
include(CMakePackageConfigHelpers)

get_property(layers GLOBAL PROPERTY CORRAL_LAYERS)
foreach(layer IN LISTS layers)
  get_target_property(type corral_${layer} TYPE)
  if(NOT type STREQUAL "INTERFACE_LIBRARY")
    list(APPEND objects $<TARGET_OBJECTS:corral_${layer}>)
  endif()
endforeach()

add_library(corral STATIC ${objects})
add_library(corral::corral ALIAS corral)
# It has no source of its own that would tell the language.
set_target_properties(corral PROPERTIES LINKER_LANGUAGE C)
target_include_directories(corral PUBLIC
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/native/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_libraries(corral PUBLIC Threads::Threads ${CORRAL_NUMA_LIBRARY} $<BUILD_INTERFACE:corral_sanitizers>)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/corral")
install(TARGETS corral EXPORT corral-targets ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(DIRECTORY native/include/corral DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" FILES_MATCHING PATTERN "*.h")
install(EXPORT corral-targets NAMESPACE corral:: DESTINATION "${package_dir}")
file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/corral-config.cmake" @ONLY CONTENT [[
include(CMakeFindDependencyMacro)
find_dependency(Threads)
include("${CMAKE_CURRENT_LIST_DIR}/corral-targets.cmake")
# corral::jni: all of the archive, since nothing but the JVM refers to what is in it.
if(TARGET corral::jni_archive AND NOT TARGET corral::jni)
  add_library(corral::jni INTERFACE IMPORTED)
  target_link_libraries(corral::jni INTERFACE
    "-Wl,--whole-archive,$<TARGET_FILE:corral::jni_archive>,--no-whole-archive" corral::corral)
endif()
]])
write_basic_package_version_file("${PROJECT_BINARY_DIR}/corral-config-version.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/corral-config.cmake" "${PROJECT_BINARY_DIR}/corral-config-version.cmake"
  DESTINATION "${package_dir}")

# pkg-config: corral, and corral-jni where Java's part is built. An installed tree can be moved.
cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX BASE_DIRECTORY "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig"
  OUTPUT_VARIABLE pc_prefix)
string(REPLACE ";" " " pc_libs "-lcorral;-pthread;${CORRAL_NUMA_LIBRARY}")
set(pc_jni_libs "-Wl,--whole-archive -lcorral_jni -Wl,--no-whole-archive")
set(pc_packages "corral::${pc_libs}")
if(CORRAL_JNI)
  list(APPEND pc_packages "corral-jni:corral:${pc_jni_libs}")
endif()
foreach(package IN LISTS pc_packages)
  string(REGEX MATCH "^([^:]*):([^:]*):(.*)$" matched "${package}")
  file(WRITE "${PROJECT_BINARY_DIR}/${CMAKE_MATCH_1}.pc" "prefix=\${pcfiledir}/${pc_prefix}
Name: ${CMAKE_MATCH_1}
Description: ${PROJECT_DESCRIPTION}
Version: ${PROJECT_VERSION}
Requires: ${CMAKE_MATCH_2}
Cflags: -I\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}
Libs: -L\${prefix}/${CMAKE_INSTALL_LIBDIR} ${CMAKE_MATCH_3}
")
  install(FILES "${PROJECT_BINARY_DIR}/${CMAKE_MATCH_1}.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endforeach()
