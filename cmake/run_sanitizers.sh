#!/bin/bash
# Builds with sanitizers and runs the tests under them: addresses and undefined behaviour by clang, which so builds
# everything too, and threads by GCC, over tests labelled `parallel`. What a sanitizer finds fails its test.
#
# Left out are slow tests, and those that measure memory: instrumented programs take more of it.
#
#   cmake/run_sanitizers.sh [address|thread [whole]]      without an argument: both
#
# To end soon, of the tests of addresses those are left out that check values function by function, and the exchange with
# today's packages: the engine, the stores, the kernels, random expressions and every function with every kind of argument
# run. Of the parallel tests only the engine's run, whose threads share most. `whole` runs all.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

only=${1:-}
extent=${2:-}
cmake/setup.sh build test sanitize

# run NAME SANITIZERS C-COMPILER C++-COMPILER "TARGET..." CTEST-ARGUMENTS...
run() {
  local folder=build-$1
  cmake -G Ninja -S . -B "$folder" -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_COMPILER="$3" -DCMAKE_CXX_COMPILER="$4" \
    -DVARVE_SANITIZE="$2" -DVARVE_DEVELOPER=ON -DVARVE_BUILD_BENCHMARKS=OFF -Wno-dev --log-level=WARNING
  cmake --build "$folder" --target $5
  ctest --test-dir "$folder" --output-on-failure --parallel "$(nproc)" -LE "measures_memory|slow" "${@:6}"
}

# Leaks are not looked for: a process would have to be traced for that, which containers often forbid.
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=0:allocator_may_return_null=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
export TSAN_OPTIONS=${TSAN_OPTIONS:-second_deadlock_stack=1}
if [[ $only == address && $extent == whole ]]; then
  run asan address,undefined clang-16 clang++-16 all
elif [[ $only != thread ]]; then
  run asan address,undefined clang-16 clang++-16 \
    "interop_programs test_cli_parts test_cli_text test_every_function test_exec test_io test_kernels test_property" \
    -E '^(test_(api|bridge|core|expr|ops|oracle|plan|readme)|package_|interop_exchange)'
fi
if [[ $only != address && $extent == whole ]]; then
  run tsan thread gcc g++ parallel_tests -L parallel
elif [[ $only != address ]]; then
  run tsan thread gcc g++ test_exec -R '^test_exec$'
fi
