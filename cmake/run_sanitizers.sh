#!/bin/bash
# Builds with sanitizers and runs the tests under them: addresses and undefined behaviour by clang, which so builds
# everything too, and threads by GCC, over what runs in parallel. What a sanitizer finds fails its test.
#
# Left out are slow tests, and those that measure memory: instrumented programs take more of it.
#
#   cmake/run_sanitizers.sh [address|thread]      without an argument: both
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

only=${1:-}
cmake/setup.sh build test sanitize

# run NAME SANITIZERS C-COMPILER C++-COMPILER TARGET CTEST-ARGUMENTS...
run() {
  local folder=build-$1
  cmake -G Ninja -S . -B "$folder" -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_COMPILER="$3" -DCMAKE_CXX_COMPILER="$4" \
    -DVARVE_SANITIZE="$2" -DVARVE_DEVELOPER=ON -DVARVE_BUILD_BENCHMARKS=OFF -Wno-dev --log-level=WARNING
  cmake --build "$folder" --target "$5"
  ctest --test-dir "$folder" --output-on-failure --parallel "$(nproc)" -LE "measures_memory|slow" "${@:6}"
}

export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=0:allocator_may_return_null=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
export TSAN_OPTIONS=${TSAN_OPTIONS:-second_deadlock_stack=1}
[[ $only == thread ]] || run asan address,undefined clang-16 clang++-16 all
[[ $only == address ]] || run tsan thread gcc g++ test_exec -L parallel
