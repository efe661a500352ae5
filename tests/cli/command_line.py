"""What the tests of the varve binary share: running it, refusals, inputs, and the loop over tests.

A script of tests is called as SCRIPT VARVE [name of a test ...]. It exits with 77 where NumPy is missing.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import traceback

try:
    import numpy as np
except ImportError:
    sys.exit(77)

np.seterr(all="ignore")
VARVE = os.path.abspath(sys.argv[1])
FOLDER = tempfile.mkdtemp(prefix="varve_cli_")
ARRAYS = {}


def path(name):
    return os.path.join(FOLDER, name)


def run(*words, env=None):
    done = subprocess.run([VARVE, *words], capture_output=True, text=True, timeout=600, env=env)
    assert "Sanitizer" not in done.stderr, done.stderr
    return done


def succeed(*words):
    done = run(*words)
    assert done.returncode == 0, f"{words}: status {done.returncode}: {done.stderr}"
    return done.stdout


def refuse(status, part, *words):
    done = run(*words)
    assert done.returncode == status, f"{words}: status {done.returncode}: {done.stdout}{done.stderr}"
    assert done.stderr.startswith("varve: error: "), done.stderr
    assert part in done.stderr, f"{part!r} is not in {done.stderr!r}"
    return done.stderr


def inputs(*names):
    return [word for name in names for word in ("-i", f"{name}={path(name + '.npy')}")]


def all_inputs():
    return inputs(*ARRAYS)


def add(name, array):
    ARRAYS[name] = array
    np.save(path(name + ".npy"), array)


def make_inputs():
    random = np.random.default_rng(5)
    add("x", random.standard_normal((6, 7)))
    add("f", random.standard_normal((4, 5)).astype("float32"))
    add("n", random.integers(-50, 50, (3, 4, 5)))
    add("u", random.integers(1, 200, 9).astype("uint8"))
    add("b", random.integers(0, 2, (6, 7)).astype(bool))
    add("c", random.standard_normal(6) + 1j * random.standard_normal(6))
    add("big", random.standard_normal((60, 50)))
    add("cube", np.arange(20 * 21 * 22).reshape(20, 21, 22))
    special = random.standard_normal(12)
    special[[1, 4, 7]] = np.nan, np.inf, -np.inf
    add("s", special)


def dtype_name(array):
    return array.dtype.name


def number(value):
    return {"NaN": np.nan, "Infinity": np.inf, "-Infinity": -np.inf}[value] if isinstance(value, str) else value


def from_json(line):
    result = json.loads(line)
    dtype = np.dtype(result["dtype"])

    def values(data, axes):
        if axes > 0:
            return [values(item, axes - 1) for item in data]
        return complex(number(data[0]), number(data[1])) if dtype.kind == "c" else number(data)

    return np.array(values(result["data"], len(result["shape"])), dtype=dtype).reshape(result["shape"])


def assert_close(actual, expected, what):
    assert actual.shape == expected.shape, f"{what}: shape {actual.shape}, not {expected.shape}"
    assert actual.dtype == expected.dtype, f"{what}: dtype {actual.dtype}, not {expected.dtype}"
    tolerance = 1e-5 if actual.dtype in (np.float32, np.complex64) else 1e-12
    if actual.dtype.kind in "fc":
        assert np.allclose(actual, expected, rtol=tolerance, atol=tolerance, equal_nan=True), f"{what}: {actual} {expected}"
    else:
        assert np.array_equal(actual, expected), f"{what}: {actual} is not {expected}"


def main(names):
    """Runs the tests among `names`, a module's globals(); returns the exit status."""
    chosen = sys.argv[2:]
    tests = [(name, test) for name, test in names.items() if name.startswith("test_") and callable(test)]
    failed = 0
    try:
        make_inputs()
        for name, test in tests:
            if chosen and name not in chosen:
                continue
            try:
                test()
                print("passed ", name)
            except ImportError as error:
                print("skipped", name, f"({error})")
            except Exception:
                failed += 1
                print("FAILED ", name)
                traceback.print_exc()
    finally:
        shutil.rmtree(FOLDER, ignore_errors=True)
    return 1 if failed else 0
