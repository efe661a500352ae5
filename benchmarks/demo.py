#!/usr/bin/python3
"""Shows Varve on an array eight times its memory budget, and checks what it says against numbers that it did not make.

Called by cmake/run_demo.sh. Imports nothing large: the peak memory of a child counts its parent's (see measure.py).
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

from measure import Failed, run_once
from sizes import format_size, parse_size

HERE = pathlib.Path(__file__).resolve().parent
PYTHON = "/usr/bin/python3"
ALLOWANCE = 64 << 20  # code, libraries and thread stacks, beside the budget for array data
STATISTICS = ("mean", "std", "min", "max")
TOLERANCE = 1e-6  # relative to the magnitude of the data, about 10


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build"))
    parser.add_argument("--varve", type=pathlib.Path, help="the binary; found below --build if not given")
    parser.add_argument("--size", type=parse_size, default=parse_size("1GiB"))
    parser.add_argument("--budget", type=parse_size, default=parse_size("128MiB"))
    parser.add_argument("--keep", action="store_true", help="leave the data on disk")
    arguments = parser.parse_args()
    varve = arguments.varve or find_varve(arguments.build)
    folder = arguments.build / "demo"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        return show(varve, folder, arguments)
    finally:
        if not arguments.keep:
            shutil.rmtree(folder, ignore_errors=True)


def find_varve(build):
    for path in sorted(build.rglob("varve")):
        if path.is_file() and os.access(path, os.X_OK):
            return path
    raise Failed(f"no varve binary below {build}: run cmake/run_demo.sh, which builds it")


def show(varve, folder, arguments):
    say(f"making {format_size(arguments.size)} of climate-like float32 data (HDF5, gzip-1 and shuffle)")
    demo_data("make", folder, "--size", arguments.size)
    options = ["-i", f"x={folder}/wind.h5:u", "--memory", str(arguments.budget)]
    anomaly = ["x - mean(x, axis=0)", "-o", f"{folder}/anomaly.zarr"]
    # A chunk of 24 maps to write beside the one to read, and what their codecs need, would not fit into 128 MiB.
    storage = ["--codec", "blosc:lz4:5", "--chunks", "8,361,720", "--zarr-format", "2"]

    say("the plan for x - mean(x, axis=0), before anything runs:")
    print(run_once([str(varve), "explain", *options, *anomaly, *storage]).output)

    outputs = [word for name in STATISTICS for word in ("-o", f"{folder}/{name}.npy")]
    expressions = [f"{name}(x)" for name in STATISTICS]
    runs = {
        "mean, std, min, max": [*expressions, *outputs],
        "x - mean(x, axis=0), written": [*anomaly, *storage],
    }
    say(f"computing in a budget of {format_size(arguments.budget)}")
    rows = [measure(varve, title, options, words, folder) for title, words in runs.items()]
    errors = json.loads(demo_data("check", folder, "--size", arguments.size))
    return summarize(rows, errors, arguments)


def measure(varve, title, options, words, folder):
    report = folder / "report.json"
    run = run_once([str(varve), "compute", *options, *words, "--report", str(report), "--quiet"])
    return title, run, json.loads(report.read_text())


def summarize(rows, errors, arguments):
    """Prints the table; returns 0 if every answer is right and every peak within the promise."""
    limit = arguments.budget + ALLOWANCE
    print(f"{'':32}{'seconds':>9}{'GB/s':>8}{'passes':>8}{'peak memory':>14}{'budget':>10}{'array':>9}")
    for title, run, report in rows:
        passes = report.get("passes", 0)
        rate = arguments.size * max(passes, 1) / run.seconds / 1e9
        print(
            f"{title:32}{run.seconds:9.2f}{rate:8.2f}{passes:8}{format_size(run.peak_bytes):>14}"
            f"{format_size(arguments.budget):>10}{format_size(arguments.size):>9}"
        )
    print()
    for name, error in errors.items():
        print(f"{name:8} differs from the generator's own by {error:.1e} of the data's magnitude")
    right = all(error <= TOLERANCE for error in errors.values())
    bounded = all(run.peak_bytes <= limit for _, run, _ in rows)
    print(f"answers {'right' if right else 'WRONG'}; peak memory {'within' if bounded else 'ABOVE'} budget + 64 MiB")
    return 0 if right and bounded else 1


def demo_data(action, folder, *words):
    command = [PYTHON, str(HERE / "demo_data.py"), action, str(folder), *(str(word) for word in words)]
    found = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if found.returncode != 0:
        raise Failed(f"demo_data.py {action} failed")
    return found.stdout


_start = time.perf_counter()


def say(text):
    print(f"[{time.perf_counter() - _start:5.1f} s] {text}", flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failure:
        sys.exit(f"demo.py: {failure}")
