# Warnings for our own targets; errors for developers and CI.
add_library(varve_warnings INTERFACE)
target_compile_options(varve_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align -Wunused
  -Wextra-semi -Wno-psabi)
if(VARVE_DEVELOPER)
  target_compile_options(varve_warnings INTERFACE -Werror)
endif()
