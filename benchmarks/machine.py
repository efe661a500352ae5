"""Describes the machine and the programs, for the head of a report."""

import os
import platform
import subprocess


def describe(varve):
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
        "load before": "%.2f %.2f %.2f" % os.getloadavg(),
        "page cache": "warm: every program reads its input once before it is timed",
    }


def _field(path, name):
    with open(path) as lines:
        for line in lines:
            if line.startswith(name):
                return line.split(":", 1)[1].strip()
    return "unknown"


def _first_line(command):
    try:
        text = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    except OSError:
        return "unknown"
    return text.splitlines()[0] if text else "unknown"
