"""A libhdf5 that crashes ends in an error, whatever the command: test_guard.py FAILING_VARVE

The program is varve with an H5Fopen that fails on purpose, where FAIL_HDF5 says so.
"""

import os
import subprocess
import sys
import tempfile

VARVE = sys.argv[1]


def run(*words, **environment):
    done = subprocess.run([VARVE, *words], capture_output=True, text=True, timeout=120, env={**os.environ, **environment})
    return done.returncode, done.stdout, done.stderr


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "f.h5")
        assert run("compute", "arange(6)", "-o", path)[0] == 0
        commands = (
            ["info", path],
            ["info", path, "--json"],
            ["compute", "-i", f"x={path}", "sum(x)"],
            ["compute", "-i", f"x={path}:data", "x + 1", "-o", os.path.join(folder, "o.nc:y")],
            ["explain", "-i", f"x={path}", "sum(x)"],
            ["convert", path, os.path.join(folder, "o.zarr")],
        )
        for words in commands:
            for way in ("crash", "abort"):
                status, out, err = run(*words, FAIL_HDF5=way)
                assert status == 1 and out == "", (words, way, status, out, err)
                assert err.startswith(f"varve: error: {path}: libhdf5 crashed (") and err.count("\n") == 1, err
            status, out, err = run(*words)
            assert status == 0, (words, status, err)
        updated = ["compute", "arange(6)", "-o", f"{path}:other", "--overwrite"]  # keeps what else the file holds
        status, out, err = run(*updated, FAIL_HDF5="crash")
        assert status == 1 and err.startswith(f"varve: error: {path}: libhdf5 crashed ("), (status, out, err)
        status, out, err = run(*updated)
        assert status == 0 and run("compute", "-i", f"x={path}:data", "sum(x)")[1] == "15\n", (status, err)
        assert sorted(os.listdir(folder)) == ["f.h5", "o.nc", "o.zarr"], os.listdir(folder)


main()
