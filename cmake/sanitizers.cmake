# Instrumented code is built to run soon, not fast: -O1, lines only in the debug information. Kernels are built for one
# instruction-set level, the lowest, unless others are asked for.
if(VARVE_SANITIZE)
  add_compile_options(-fsanitize=${VARVE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all -O1 -g1)
  add_compile_definitions(VARVE_SANITIZER)
  add_link_options(-fsanitize=${VARVE_SANITIZE})
  # GCC 12 sees overlaps and overruns in string concatenation that cannot happen (its bug 105651).
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    add_compile_options(-Wno-restrict -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread)
  endif()
  set(VARVE_ISA_LEVELS v2 CACHE STRING "Instruction-set levels to build kernels for; v2 must be the first")
endif()
