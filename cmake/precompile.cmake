# varve_precompile(TARGET HEADER...): parses these headers, and those that nearly all sources include, once per target.
#
# Tests of more than four sources always do so. The library's layers do in instrumented builds alone, which are made to be tested soon: the others
# find what a source uses and does not include.
function(varve_precompile target)
  target_precompile_headers(${target} PRIVATE <algorithm> <array> <cmath> <cstdint> <cstring> <functional> <map> <memory>
    <optional> <set> <span> <string> <unordered_map> <utility> <variant> <vector> ${ARGN})
endfunction()

function(varve_precompile_if_instrumented target)
  if(VARVE_SANITIZE)
    varve_precompile(${target} ${ARGN})
  endif()
endfunction()
