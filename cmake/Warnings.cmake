# SPDX-License-Identifier: Apache-2.0
# corral_warnings: what our own sources are compiled with; never reaches the users of the library.
add_library(corral_warnings INTERFACE)

if(CMAKE_C_COMPILER_ID MATCHES "GNU|Clang")
  target_compile_options(corral_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wundef -Wstrict-prototypes
    -Wmissing-prototypes -Wold-style-definition -Wvla -Wpointer-arith -Wcast-align
    -Wwrite-strings -Wformat=2 -Wswitch-enum -Wimplicit-fallthrough)
  if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
    # A goto past an initialiser frees what was never set; only gcc looks for it.
    target_compile_options(corral_warnings INTERFACE -Wjump-misses-init -Wlogical-op -Wduplicated-cond)
  endif()
  if(MINGW)
    # Its own printf knows %zu; the attribute of our functions means Microsoft's, which does not.
    target_compile_definitions(corral_warnings INTERFACE __USE_MINGW_ANSI_STDIO=1)
    target_compile_options(corral_warnings INTERFACE -Wno-format -Wno-format-extra-args)
  endif()
  if(CORRAL_DEVELOPER_MODE)
    target_compile_options(corral_warnings INTERFACE -Werror)
  endif()
elseif(MSVC)
  target_compile_options(corral_warnings INTERFACE /W4 $<$<BOOL:${CORRAL_DEVELOPER_MODE}>:/WX>)
endif()
