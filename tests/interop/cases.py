"""What the interop tests share: running the command line, comparing arrays bit by bit, collecting failures."""
import argparse
import importlib
import json
import pathlib
import subprocess
import sys
import tempfile
import traceback

import numpy as np

SKIPPED = 77

DTYPES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
          "float16", "float32", "float64", "complex64", "complex128"]


def need(*names):
    """Imports modules, or ends the test as skipped."""
    try:
        return [importlib.import_module(name) for name in names]
    except ImportError as error:
        print(f"skipped: {error}")
        sys.exit(SKIPPED)


def values(dtype, shape, seed=0):
    """Returns adversarial values: extremes, and NaN, infinities and -0.0 for floating dtypes."""
    random = np.random.default_rng(seed)
    dtype = np.dtype(dtype)
    count = int(np.prod(shape))
    if dtype.kind == "b":
        flat = random.integers(0, 2, count).astype(dtype)
    elif dtype.kind in "iu":
        info = np.iinfo(dtype)
        flat = random.integers(info.min, info.max, count, dtype=dtype.newbyteorder("="), endpoint=True).astype(dtype)
        flat[: min(2, count)] = [info.min, info.max][: min(2, count)]
    elif dtype.kind == "f":
        flat = (random.standard_normal(count) * 100).astype(dtype)
        special = [np.nan, np.inf, -np.inf, -0.0, np.finfo(dtype).max, np.finfo(dtype).tiny][:count]
        flat[: len(special)] = special
    else:
        flat = (random.standard_normal(count) + 1j * random.standard_normal(count)).astype(dtype)
    return flat.reshape(shape)


def require_same(actual, expected, what=""):
    """Compares dtype (any byte order), shape and every bit."""
    expected = np.asarray(expected)
    native = expected.dtype.newbyteorder("=")
    assert actual.dtype == native, f"{what}: dtype {actual.dtype}, expected {native}"
    assert actual.shape == expected.shape, f"{what}: shape {actual.shape}, expected {expected.shape}"
    left, right = np.ascontiguousarray(actual), np.ascontiguousarray(expected.astype(native))
    if left.tobytes() != right.tobytes():
        flat = left.reshape(-1).view(f"V{native.itemsize}") != right.reshape(-1).view(f"V{native.itemsize}")
        at = np.flatnonzero(flat)[:5]
        raise AssertionError(f"{what}: {flat.sum()} of {flat.size} values differ, at {at}: "
                             f"{left.reshape(-1)[at]} instead of {right.reshape(-1)[at]}")


class Cases:
    """Runs named checks in a temporary folder; all of them, whatever fails."""

    def __init__(self, binary, folder):
        self.binary = binary
        self.folder = folder
        self.failures = []
        self.count = 0
        self.number = 0

    def run(self, *arguments):
        """Runs the command line; returns its output."""
        done = subprocess.run([self.binary, *map(str, arguments)], capture_output=True, text=True, timeout=120)
        if done.returncode != 0:
            raise AssertionError(f"varve {' '.join(map(str, arguments))}: exit {done.returncode}: {done.stderr.strip()}")
        return done.stdout

    def path(self, ending):
        """Returns a fresh path."""
        self.number += 1
        return self.folder / f"{self.number}{ending}"

    def read(self, dataset, *options):
        """Returns what Varve reads, as stored, by way of a .npy file."""
        return self.compute("x", "--raw", *options, x=dataset)

    def compute(self, expression, *options, **inputs):
        """Returns what Varve computes."""
        out = self.path(".npy")
        named = [text for name, path in inputs.items() for text in ("-i", f"{name}={path}")]
        self.run("compute", *named, expression, "-o", out, "--quiet", *options)
        return np.load(out)

    def info(self, dataset):
        return json.loads(self.run("info", dataset, "--json"))

    def check(self, name, function, *arguments):
        self.count += 1
        try:
            function(*arguments)
        except Exception as error:  # noqa: BLE001: every kind of failure is a failed case
            where = traceback.extract_tb(error.__traceback__)[-1]
            self.failures.append(f"{name}: {type(error).__name__}: {error} ({pathlib.Path(where.filename).name}:{where.lineno})")


def main(register):
    """Runs `register(cases)` and ends the process with the result."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--varve", required=True, help="the command line tool")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="varve-interop-") as folder:
        cases = Cases(options.varve, pathlib.Path(folder))
        register(cases)
    for failure in cases.failures[:20]:
        print("FAILED", failure[:600])
    print(f"{cases.count - len(cases.failures)} of {cases.count} cases passed")
    sys.exit(1 if cases.failures else 0)
