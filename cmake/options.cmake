option(VARVE_DEVELOPER "Build the tests and benchmarks and treat warnings as errors" OFF)
option(VARVE_BUILD_TESTS "Build the test suite" ${VARVE_DEVELOPER})
option(VARVE_BUILD_BENCHMARKS "Build the benchmarks" ${VARVE_DEVELOPER})
option(VARVE_BUILD_CLI "Build the command line tool" ON)
set(VARVE_SANITIZE "" CACHE STRING "Comma-separated sanitizers, for example address,undefined or thread")

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()
find_program(VARVE_CCACHE ccache)
if(VARVE_CCACHE)
  # Without these it would not keep what was compiled with a precompiled header.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${VARVE_CCACHE})
endif()
