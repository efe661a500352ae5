#!/bin/bash
# Installs what is missing, builds the command line tool and shows it on an array eight times its memory budget.
# Arguments go to the demo: cmake/run_demo.sh --size 4GiB --budget 256MiB
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

cmake/setup.sh build test bench
# The same options as run_tests.sh, so that the two share what they compile.
cmake -G Ninja -S . -B build -DCMAKE_BUILD_TYPE=Release -DVARVE_DEVELOPER=ON -DVARVE_BUILD_TESTS=ON \
  -DVARVE_BUILD_BENCHMARKS=OFF -Wno-dev --log-level=WARNING
cmake --build build --target varve_cli
/usr/bin/python3 benchmarks/demo.py --build build "$@"
