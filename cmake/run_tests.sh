#!/bin/bash
# Installs what is missing, checks the layout of sources, builds everything with warnings as errors and runs the tests.
# Arguments go to ctest: cmake/run_tests.sh -R kernels
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

cmake/setup.sh build test
if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then cmake/check_format.sh; fi
cmake -G Ninja -S . -B build -DCMAKE_BUILD_TYPE=Release -DVARVE_DEVELOPER=ON -DVARVE_BUILD_TESTS=ON \
  -DVARVE_BUILD_BENCHMARKS=OFF -Wno-dev --log-level=WARNING
cmake --build build
ctest --test-dir build --output-on-failure --parallel "$(nproc)" "$@"
