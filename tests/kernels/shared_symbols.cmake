# Fails if an object file of one instruction-set level defines a symbol that another level could define too (see "no
# shared code between levels" in kernels/isa.hpp). Arguments: NM, OBJECTS (one level), LEVEL.
execute_process(COMMAND ${NM} --defined-only ${OBJECTS} OUTPUT_VARIABLE listing COMMAND_ERROR_IS_FATAL ANY)
string(REPLACE "\n" ";" lines "${listing}")
set(shared)
foreach(line IN LISTS lines)
  # V, W, u: weak or unique, merged by the linker. The name must carry the level: "2v3" or "xsimd_v3" when mangled.
  # DW.ref is a pointer of the exception tables: data, the same everywhere.
  if(line MATCHES " [VWu] " AND NOT line MATCHES "(2${LEVEL}|xsimd_${LEVEL}|DW[.]ref)")
    list(APPEND shared "${line}")
  endif()
endforeach()
if(shared)
  list(JOIN shared "\n  " text)
  message(FATAL_ERROR "symbols that are not of level ${LEVEL} alone:\n  ${text}")
endif()
