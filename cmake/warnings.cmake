# Warnings for our own targets; errors for developers and CI.
add_library(varve_warnings INTERFACE)
target_compile_options(varve_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align -Wunused
  -Wextra-semi -Wno-psabi)
# Kernels combine bools by bits on purpose: no branches. At -O1 no loop is made of vectors, asked for or not.
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  target_compile_options(varve_warnings INTERFACE -Wno-bitwise-instead-of-logical
                                                  -Wno-bitwise-conditional-parentheses -Wno-pass-failed)
endif()
if(VARVE_DEVELOPER)
  target_compile_options(varve_warnings INTERFACE -Werror)
endif()
