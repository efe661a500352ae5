#!/usr/bin/python3
"""Measures Varve and Dask on the same workloads, back to back, and prints a table.

    benchmarks/run.py [--data FOLDER] [--size 4GiB] [--only WORKLOAD]...

Each program runs as a whole process; Varve, its peers and the ceiling take turns. All answers are compared with
the truth that the data generator accumulated. A program that fails costs its row, or its place in the row, not the
run. See benchmarks/README.md.
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
PEERS = ("before", "dask", "dask_limited", "numpy")
TOLERANCE = 1e-4  # relative to the magnitude of the data; Dask adds up float32 in float32


def main():
    arguments = parse_arguments()
    chosen = [workload for workload in WORKLOADS if not arguments.only or workload.name in arguments.only]
    starts = not arguments.only or "start_up" in arguments.only
    ensure_data(arguments, {group for workload in chosen for group in workload.data} | ({"wind"} if starts else set()))
    arguments.out.mkdir(parents=True, exist_ok=True)
    arguments.numpy_blas = machine.numpy_blas(arguments.blas_environment)
    result = {
        "machine": machine.describe(arguments.varve, arguments.blas_environment),
        "settings": {
            "size_bytes": arguments.size,
            "budget_bytes": arguments.memory,
            "threads": arguments.threads,
            "repeats": arguments.repeats,
            "dask_memory_bytes": arguments.dask_memory,
        },
        "workloads": [],
        "failures": {},
        "start_up": [],
    }
    for workload in chosen:
        add_workload(result, workload, arguments)
    if starts:
        result["start_up"] = measure_start_up(arguments)
    (arguments.out / "results.json").write_text(json.dumps(result, indent=1))
    table = report.markdown(result)
    (arguments.out / "results.md").write_text(table)
    print(table)
    return 0 if not result["failures"] and all(row["agree"] for row in result["workloads"]) else 1


def add_workload(result, workload, arguments):
    """Measures one workload. Varve failing, as at an expression that it does not know, costs the row."""
    try:
        row = measure_workload(workload, arguments)
    except Failed as failure:
        result["failures"][workload.name] = str(failure)
        print(f"{workload.name}: {failure}", file=sys.stderr, flush=True)
    else:
        result["workloads"].append(row)
        print(report.progress_line(row), file=sys.stderr, flush=True)
    finally:
        for name in ("varve", *PEERS, "ceiling"):
            remove(workload.answer_paths(output_pattern(arguments, workload, name)))


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path("build/bench-data"))
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("build/bench-results"))
    parser.add_argument("--size", type=parse_size, default=parse_size("4GiB"), help="bytes of one array in memory")
    parser.add_argument("--memory", type=parse_size, default=parse_size("512MiB"), help="Varve's budget")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--patience", type=float, default=120, help="seconds for the repeats of one program")
    names = [workload.name for workload in WORKLOADS] + ["start_up"]
    known = "may be repeated; one of " + ", ".join(names)
    parser.add_argument("--only", action="append", choices=names, metavar="WORKLOAD", help=known)
    parser.add_argument("--limit", type=float, default=3600, help="seconds after which a program is ended")
    parser.add_argument("--blas", type=pathlib.Path, help="folder of the libblas.so.3 and liblapack.so.3 for NumPy")
    parser.add_argument(
        "--dask-memory", type=parse_size, help="measure Dask a second time, its memory limited by prlimit --data"
    )
    parser.add_argument("--varve", default=find_binary("varve"))
    parser.add_argument("--before", help="varve of another build, measured beside this one")
    parser.add_argument("--ceiling", default=find_binary("varve_ceiling"))
    parser.add_argument("--skip-varve", action="store_true")
    parser.add_argument("--skip-dask", action="store_true")
    arguments = parser.parse_args()
    arguments.blas_environment = {"LD_LIBRARY_PATH": str(arguments.blas.resolve())} if arguments.blas else {}
    if arguments.skip_varve:
        arguments.varve = ""
    elif not arguments.varve:
        parser.error("no varve binary below build/; build it or name it with --varve")
    return arguments


def find_binary(name):
    """Returns the newest executable of that name below build/, or nothing."""
    found = [path for path in pathlib.Path("build").rglob(name) if path.is_file() and os.access(path, os.X_OK)]
    return str(max(found, key=lambda path: path.stat().st_mtime)) if found else ""


def ensure_data(arguments, groups):
    """Makes the data in another process: this one must stay small (see measure.py)."""
    command = [PYTHON, HERE / "generate.py", "--data", arguments.data, "--size", str(arguments.size)]
    for group in sorted(groups):
        command += ["--group", group]
    if groups:
        subprocess.run(command, check=True)


def output_pattern(arguments, workload, program):
    return f"{arguments.out}/{workload.name}.{program}.{{}}"


def lacks_blas(workload, arguments):
    return workload.needs_blas and not machine.is_optimised_blas(arguments.numpy_blas)


def peer_commands(workload, arguments, outs):
    """Returns name -> command of each peer."""
    if arguments.skip_dask or lacks_blas(workload, arguments):
        return {}
    commands = {}
    for peer in workload.peers:
        command = [PYTHON, str(HERE / f"peers/with_{peer}.py"), workload.name, "--data", str(arguments.data)]
        commands[peer] = command + ["--threads", str(arguments.threads), "--out"]
        if peer == "dask" and arguments.dask_memory:
            commands["dask_limited"] = ["prlimit", f"--data={arguments.dask_memory}"] + commands["dask"]
    return {name: command + [outs[name]] for name, command in commands.items()}


def programs_of(workload, arguments):
    """Returns name -> function that runs the program once."""
    names = ("varve", *PEERS, "ceiling")
    outs = {name: output_pattern(arguments, workload, name) for name in names}
    commands = {}
    for name, binary in (("varve", arguments.varve), ("before", arguments.before)):
        if binary:
            run_report = f"{arguments.out}/{workload.name}.{name}.json"
            commands[name] = workload.varve(
                binary, arguments.data, outs[name], run_report, arguments.memory, arguments.threads
            )
    commands.update(peer_commands(workload, arguments, outs))
    if arguments.ceiling:
        commands["ceiling"] = workload.ceiling(arguments.ceiling, arguments.data, outs["ceiling"], arguments.threads)

    def runner(name):
        return lambda: run_afresh(name, commands[name], workload, outs[name], arguments)

    return {name: runner(name) for name in commands}


def run_afresh(name, command, workload, out, arguments):
    """Runs once, without an output of the run before: removing 4 GiB takes time that is nobody's."""
    remove(workload.answer_paths(out))
    if workload.writes:
        machine.make_memory_ready(3 * arguments.size)
    # Dask's workers are the threads, NumPy's are those of its BLAS.
    threads = str(arguments.threads if name == "numpy" else 1)
    environment = {"OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads}
    if name in PEERS:
        environment.update(arguments.blas_environment)
    return run_once(command, environment, arguments.limit)


def remove(paths):
    for path in paths:
        shutil.rmtree(path, ignore_errors=True)
        if os.path.isfile(path):
            os.remove(path)


def measure_workload(workload, arguments):
    programs = programs_of(workload, arguments)
    series, failed = alternate(programs, arguments.repeats, arguments.patience, PEERS)
    row = {"name": workload.name, "title": workload.title, "useful_bytes": workload.useful_bytes(arguments.data)}
    row["failed"] = failed
    if lacks_blas(workload, arguments):
        row["failed"] = {peer: "NumPy calls the reference BLAS; name another with --blas" for peer in workload.peers}
    for name, runs in series.items():
        row[name] = {
            "seconds": runs.seconds,
            "spread_seconds": runs.spread,
            "runs": [run.seconds for run in runs.runs],
            "cpu_seconds": runs.runs[-1].cpu_seconds,
            "user_runs": [run.user_seconds for run in runs.runs],
            "peak_bytes": runs.peak_bytes,
            "bytes_read": runs.bytes_read,
            "bytes_written": runs.runs[-1].bytes_written,
        }
    if "varve" in row:
        row["varve"]["report"] = json.loads(pathlib.Path(f"{arguments.out}/{workload.name}.varve.json").read_text())
    row["errors"] = compare(workload, arguments, [name for name in ("varve", *PEERS) if name in row])
    row["agree"] = all(error <= TOLERANCE for error in row["errors"].values())
    return row


def compare(workload, arguments, programs):
    """Returns the error of each program, relative to the magnitude of the data."""
    if not programs:
        return {}
    outputs = [f"{name}={output_pattern(arguments, workload, name)}" for name in programs]
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
    series, _ = alternate(programs, 20, arguments.patience)
    return [
        {"title": title, "seconds": runs.seconds, "spread_seconds": runs.spread, "peak_bytes": runs.peak_bytes}
        for title, runs in series.items()
    ]


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failure:
        sys.exit(f"run.py: {failure}")
