#!/usr/bin/python3
"""Measures Varve and Dask on the same workloads, back to back, and prints a table.

    benchmarks/run.py [--data FOLDER] [--size 4GiB] [--only WORKLOAD]...

Each program runs as a whole process; Varve, Dask and the ceiling take turns. The answers of both are compared with
the truth that the data generator accumulated. See benchmarks/README.md.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys

import machine
import report
from measure import Failed, alternate, run_once
from sizes import parse_size
from workloads import WORKLOADS

HERE = pathlib.Path(__file__).resolve().parent
PYTHON = "/usr/bin/python3"
TOLERANCE = 1e-4  # relative to the magnitude of the data; Dask adds up float32 in float32


def main():
    arguments = parse_arguments()
    ensure_data(arguments)
    arguments.out.mkdir(parents=True, exist_ok=True)
    result = {
        "machine": machine.describe(arguments.varve),
        "settings": {
            "size_bytes": arguments.size,
            "budget_bytes": arguments.memory,
            "threads": arguments.threads,
            "repeats": arguments.repeats,
        },
        "workloads": [],
        "failures": {},
        "start_up": [],
    }
    for workload in WORKLOADS:
        if not arguments.only or workload.name in arguments.only:
            add_workload(result, workload, arguments)
    if not arguments.only or "start_up" in arguments.only:
        result["start_up"] = measure_start_up(arguments)
    (arguments.out / "results.json").write_text(json.dumps(result, indent=1))
    table = report.markdown(result)
    (arguments.out / "results.md").write_text(table)
    print(table)
    return 0 if not result["failures"] and all(row["agree"] for row in result["workloads"]) else 1


def add_workload(result, workload, arguments):
    """Measures one workload. A program that fails costs its row, not the half hour of the others."""
    try:
        row = measure_workload(workload, arguments)
    except Failed as failure:
        result["failures"][workload.name] = str(failure)
        print(f"{workload.name}: {failure}", file=sys.stderr, flush=True)
    else:
        result["workloads"].append(row)
        print(report.progress_line(row), file=sys.stderr, flush=True)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path("build/bench-data"))
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("build/bench-results"))
    parser.add_argument("--size", type=parse_size, default=parse_size("4GiB"), help="bytes of one array in memory")
    parser.add_argument("--memory", type=parse_size, default=parse_size("512MiB"), help="Varve's budget")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--patience", type=float, default=120, help="seconds for the repeats of one program")
    parser.add_argument("--only", action="append", help="a workload, or start_up; may be repeated")
    parser.add_argument("--varve", default=find_binary("varve"))
    parser.add_argument("--ceiling", default=find_binary("varve_ceiling"))
    parser.add_argument("--skip-varve", action="store_true")
    parser.add_argument("--skip-dask", action="store_true")
    arguments = parser.parse_args()
    if arguments.skip_varve:
        arguments.varve = ""
    elif not arguments.varve:
        parser.error("no varve binary below build/; build it or name it with --varve")
    return arguments


def find_binary(name):
    """Returns the newest executable of that name below build/, or nothing."""
    found = [path for path in pathlib.Path("build").rglob(name) if path.is_file() and os.access(path, os.X_OK)]
    return str(max(found, key=lambda path: path.stat().st_mtime)) if found else ""


def ensure_data(arguments):
    """Makes the data in another process: this one must stay small (see measure.py)."""
    command = [PYTHON, HERE / "generate.py", "--data", arguments.data, "--size", str(arguments.size)]
    subprocess.run(command, check=True)
    plane = arguments.data / "time_mean.npy"
    if not plane.exists():
        code = "import numpy, sys; numpy.save(sys.argv[2], numpy.load(sys.argv[1])['time_mean'].astype('<f4'))"
        subprocess.run([PYTHON, "-c", code, arguments.data / "truth.npz", plane], check=True)


def output_path(arguments, workload, program):
    ending = ".zarr" if workload.writes else ".{}.npy"
    return f"{arguments.out}/{workload.name}.{program}{ending}"


def programs_of(workload, arguments):
    """Returns name -> function that runs the program once."""
    programs = {}
    if arguments.varve:
        run_report = f"{arguments.out}/{workload.name}.report.json"
        out = output_path(arguments, workload, "varve")
        command = workload.varve(
            arguments.varve, arguments.data, out, run_report, arguments.memory, arguments.threads
        )
        programs["varve"] = lambda: run_afresh(command, out)
    if not arguments.skip_dask:
        dask_out = output_path(arguments, workload, "dask")
        dask = [PYTHON, HERE / "peers/with_dask.py", workload.dask_name]
        dask += ["--data", arguments.data, "--out", dask_out, "--threads", arguments.threads]
        programs["dask"] = lambda: run_afresh([str(word) for word in dask], dask_out)
    if arguments.ceiling:
        ceiling_out = output_path(arguments, workload, "ceiling")
        ceiling = workload.ceiling(arguments.ceiling, arguments.data, ceiling_out, arguments.threads)
        programs["ceiling"] = lambda: run_afresh(ceiling, ceiling_out)
    return programs


def run_afresh(command, out):
    """Runs once, without an output of the run before: removing 4 GiB takes time that is nobody's."""
    shutil.rmtree(out, ignore_errors=True)
    return run_once(command, {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"})


def measure_workload(workload, arguments):
    series = alternate(programs_of(workload, arguments), arguments.repeats, arguments.patience)
    row = {"name": workload.name, "title": workload.title, "useful_bytes": useful_bytes(workload, arguments)}
    for name, runs in series.items():
        row[name] = {
            "seconds": runs.seconds,
            "spread_seconds": runs.spread,
            "runs": [run.seconds for run in runs.runs],
            "cpu_seconds": runs.runs[-1].cpu_seconds,
            "peak_bytes": runs.peak_bytes,
            "bytes_read": runs.bytes_read,
            "bytes_written": runs.runs[-1].bytes_written,
        }
    if "varve" in row:
        row["varve"]["report"] = json.loads(pathlib.Path(f"{arguments.out}/{workload.name}.report.json").read_text())
    row["errors"] = compare(workload, arguments, [name for name in ("varve", "dask") if name in row])
    row["agree"] = all(error <= TOLERANCE for error in row["errors"].values())
    for name in series:
        shutil.rmtree(output_path(arguments, workload, name), ignore_errors=True)
    return row


def useful_bytes(workload, arguments):
    """Returns the decoded bytes that the answer depends on."""
    parameters = json.loads((arguments.data / "parameters.json").read_text())
    if workload.truth == "tiny_truth.npz":
        return parameters["tiny_chunks"] * 400
    return round(parameters["steps"] * 361 * 720 * 4 * len(workload.inputs) * workload.useful_share)


def compare(workload, arguments, programs):
    """Returns the error of each program, relative to the magnitude of the data."""
    if not programs:
        return {}
    outputs = [f"{name}={output_path(arguments, workload, name)}" for name in programs]
    command = [PYTHON, HERE / "agreement.py", workload.name, "--data", arguments.data, *outputs]
    found = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    if found.returncode != 0:
        raise Failed(found.stderr)
    return json.loads(found.stdout)


def measure_start_up(arguments):
    """Measures what a program costs before it does anything."""
    file = f"{arguments.data}/u_gzip.h5"
    commands = {
        "python3 -c 'import dask.array'": [PYTHON, "-c", "import dask.array"],
        "python3 -c 'import dask.array, h5py', open a file": [
            PYTHON,
            "-c",
            f"import dask.array, h5py; print(h5py.File('{file}')['u'])",
        ],
    }
    if arguments.varve:
        commands = {
            "varve --version": [arguments.varve, "--version"],
            "varve info FILE.h5": [arguments.varve, "info", file],
            "varve info FILE.zarr": [arguments.varve, "info", f"{arguments.data}/u_blosc.zarr"],
            **commands,
        }
    programs = {title: (lambda words=words: run_once(words)) for title, words in commands.items()}
    series = alternate(programs, 20, arguments.patience)
    return [
        {"title": title, "seconds": runs.seconds, "spread_seconds": runs.spread, "peak_bytes": runs.peak_bytes}
        for title, runs in series.items()
    ]


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failure:
        sys.exit(f"run.py: {failure}")
