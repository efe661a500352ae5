#!/usr/bin/python3
"""A disk that fills up gives one line, exit status 1 and no output, for every format. Needs the right to mount."""
import os
import subprocess
import sys
import tempfile

varve = sys.argv[1]
with tempfile.TemporaryDirectory() as folder:
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2M", "tmpfs", folder], capture_output=True)
    if mounted.returncode != 0:
        print("skipped: cannot mount a small file system")
        sys.exit(77)
    failures = []
    try:
        for ending in (".zarr", ".h5", ".nc", ".npy"):
            out = os.path.join(folder, "out" + ending)
            run = subprocess.run([varve, "compute", "sin(arange(1000000.0))", "-o", out, "--codec", "none", "--quiet"],
                                 capture_output=True, text=True)
            if run.returncode != 1 or "No space left" not in run.stderr or len(run.stderr.strip().splitlines()) != 1:
                failures.append(f"{ending}: status {run.returncode}, {run.stderr!r}")
            if os.listdir(folder):
                failures.append(f"{ending}: left {os.listdir(folder)}")
    finally:
        subprocess.run(["umount", folder], check=True)
print("\n".join(failures) or "a full disk is refused for every format")
sys.exit(1 if failures else 0)
