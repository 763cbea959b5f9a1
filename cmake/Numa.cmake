# SPDX-License-Identifier: Apache-2.0
# How NUMA nodes are chosen on Linux: CORRAL_NUMA_SOURCE, and what it takes to compile and link that.
# libnuma where it is installed, else the system calls themselves. The library that Java loads always has the calls:
# it is carried to machines that need not have libnuma.
option(CORRAL_LIBNUMA "Use libnuma where its header and library are found" ON)
set(CORRAL_NUMA_SOURCE linux/node_calls_syscall.c)
set(CORRAL_NUMA_HEADERS "")
set(CORRAL_NUMA_LIBRARY "")

if(CMAKE_SYSTEM_NAME STREQUAL "Linux" AND CORRAL_LIBNUMA AND NOT CORRAL_JNI)
  find_path(CORRAL_NUMAIF_DIR numaif.h)
  find_library(CORRAL_LIBNUMA_FILE numa)
  mark_as_advanced(CORRAL_NUMAIF_DIR CORRAL_LIBNUMA_FILE)
  if(CORRAL_NUMAIF_DIR AND CORRAL_LIBNUMA_FILE)
    set(CORRAL_NUMA_SOURCE linux/node_calls_libnuma.c)
    set(CORRAL_NUMA_HEADERS "${CORRAL_NUMAIF_DIR}")
    set(CORRAL_NUMA_LIBRARY "${CORRAL_LIBNUMA_FILE}")
    message(STATUS "NUMA nodes are chosen through libnuma (${CORRAL_LIBNUMA_FILE})")
  endif()
endif()
