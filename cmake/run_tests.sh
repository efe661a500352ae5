#!/bin/bash
# Installs what is missing, builds everything with warnings as errors and runs the test suite.
# Arguments go to ctest: cmake/run_tests.sh -R kernels
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

cmake/setup.sh build test
cmake -G Ninja -S . -B build -DCMAKE_BUILD_TYPE=Release -DVARVE_DEVELOPER=ON -DVARVE_BUILD_TESTS=ON \
  -DVARVE_BUILD_BENCHMARKS=OFF -Wno-dev --log-level=WARNING
cmake --build build
ctest --test-dir build --output-on-failure --parallel "$(nproc)" "$@"
