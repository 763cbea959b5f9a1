# SPDX-License-Identifier: Apache-2.0
# corral_jni_headers: jni.h and the headers that `javac -h` wrote.
# FindJNI is not used: it prefers whichever JDK the system knows best, wants libraries that a headless JDK lacks,
# and caches both, while jni.h has to be that of the JDK that runs Maven now.
set(CORRAL_JAVA_HOME "$ENV{JAVA_HOME}" CACHE PATH "The JDK whose jni.h is used")
set(CORRAL_JNI_HEADERS "" CACHE PATH "Where javac -h put its headers")
set(CORRAL_JNI_OUTPUT "${PROJECT_BINARY_DIR}/jni" CACHE PATH "Receives <os>-<arch>/libcorral.so")

set(corral_jni_dirs "${CORRAL_JAVA_HOME}/include")
if(WIN32)
  list(APPEND corral_jni_dirs "${CORRAL_JAVA_HOME}/include/win32")
  set(corral_os windows)
elseif(APPLE)
  list(APPEND corral_jni_dirs "${CORRAL_JAVA_HOME}/include/darwin")
  set(corral_os macos)
else()
  list(APPEND corral_jni_dirs "${CORRAL_JAVA_HOME}/include/linux")
  set(corral_os linux)
endif()
if(NOT EXISTS "${CORRAL_JAVA_HOME}/include/jni.h")
  message(FATAL_ERROR "jni.h not found: CORRAL_JAVA_HOME=${CORRAL_JAVA_HOME}. "
    "Set it or JAVA_HOME to a JDK, e.g. after: apt-get install openjdk-17-jdk-headless")
endif()
if(NOT IS_DIRECTORY "${CORRAL_JNI_HEADERS}")
  message(FATAL_ERROR "no such directory: CORRAL_JNI_HEADERS=${CORRAL_JNI_HEADERS}. Maven sets it; by hand: javac -h")
endif()

add_library(corral_jni_headers INTERFACE)
# The JDK's headers are not ours to warn about; those of javac -h repeat our constants and are.
target_include_directories(corral_jni_headers SYSTEM INTERFACE ${corral_jni_dirs})
target_include_directories(corral_jni_headers INTERFACE "${CORRAL_JNI_HEADERS}")

string(TOLOWER "${CMAKE_SYSTEM_PROCESSOR}" corral_arch)
if(corral_arch MATCHES "^(amd64|x64|x86_64)$")
  set(corral_arch x86_64)
elseif(corral_arch STREQUAL "arm64")
  set(corral_arch aarch64)
endif()
# Java computes the same two words from os.name and os.arch.
set(CORRAL_PLATFORM "${corral_os}-${corral_arch}")
