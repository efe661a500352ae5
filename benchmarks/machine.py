"""Describes the machine and the programs, for the head of a report."""

import os
import platform
import subprocess
import sys


def describe(varve, environment):
    return {
        "cpu": _field("/proc/cpuinfo", "model name"),
        "cores": len(os.sched_getaffinity(0)),
        "memory": _field("/proc/meminfo", "MemTotal"),
        "kernel": platform.release(),
        "compiler": _first_line(["g++", "--version"]),
        "varve": _first_line([varve, "--version"]) if varve else "",
        "dask": _first_line(["/usr/bin/python3", "-c", "import dask; print(dask.__version__)"]),
        "h5py": _first_line(["/usr/bin/python3", "-c", "import h5py; print(h5py.__version__)"]),
        "zarr": _first_line(["/usr/bin/python3", "-c", "import zarr; print(zarr.__version__)"]),
        "BLAS of NumPy": numpy_blas(environment),
        "load before": "%.2f %.2f %.2f" % os.getloadavg(),
        "page cache": "warm: every program reads its input once before it is timed",
    }


def numpy_blas(environment):
    """Returns the file of the BLAS that NumPy calls: Debian installs the reference BLAS unless told otherwise."""
    code = (
        "import numpy, os; words = open('/proc/self/maps').read().split();"
        "names = ('libblas', 'libopenblas', 'libblis', 'libmkl');"
        "print(next((word for word in words if os.path.basename(word).startswith(names)), 'unknown'))"
    )
    return _first_line(["/usr/bin/python3", "-c", code], environment)


def is_optimised_blas(path):
    return any(name in path.lower() for name in ("openblas", "blis", "mkl", "atlas"))


def _field(path, name):
    with open(path) as lines:
        for line in lines:
            if line.startswith(name):
                return line.split(":", 1)[1].strip()
    return "unknown"


def _first_line(command, environment=None):
    variables = {**os.environ, **(environment or {})}
    try:
        text = subprocess.run(command, capture_output=True, text=True, check=False, env=variables).stdout
    except OSError:
        return "unknown"
    return text.splitlines()[0] if text else "unknown"


def make_memory_ready(wanted_bytes):
    """Touches free memory and gives it back, in another process.

    A virtual machine hands free memory back to its host. To write into pages that the host must give anew takes several
    times as long, and which program met them was chance.
    """
    with open("/proc/meminfo") as lines:
        available = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
    program = f"memory = b'1' * {min(wanted_bytes, available // 2)}"
    subprocess.run([sys.executable, "-c", program], check=True)
