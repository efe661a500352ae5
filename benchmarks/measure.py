"""Runs whole processes and asks the operating system what they used.

This module and whoever imports it stay small on purpose: Linux carries the resident size of the parent over to the
child's peak when the child starts, so a parent with NumPy in it would spoil the peaks that it measures.
"""

import os
import random
import statistics
import subprocess
import threading
import time
from dataclasses import dataclass, field


_ORDER = random.Random(0)  # goes on from row to row: no row repeats the orders of another


@dataclass
class Run:
    seconds: float
    cpu_seconds: float
    user_seconds: float  # without the system's part, which for writing is the page cache's mood
    peak_bytes: int
    bytes_read: int  # through read calls, from the page cache too
    bytes_written: int
    output: str


@dataclass
class Series:
    """Is the runs of one program on one workload that count."""

    runs: list = field(default_factory=list)

    @property
    def seconds(self):
        return statistics.median(run.seconds for run in self.runs)

    @property
    def spread(self):
        """Returns the distance from the fastest to the slowest run."""
        times = [run.seconds for run in self.runs]
        return max(times) - min(times)

    @property
    def peak_bytes(self):
        return max(run.peak_bytes for run in self.runs)

    @property
    def bytes_read(self):
        return statistics.median(run.bytes_read for run in self.runs)


class Failed(RuntimeError):
    pass


def run_once(command, environment=None, limit_seconds=3600):
    """Runs a command to its end. Raises Failed, with what it wrote, if its status is not 0 or it takes too long."""
    start = time.perf_counter()
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, **(environment or {})},
        )
    except OSError as error:
        raise Failed(f"{command[0]} does not start: {error}") from error
    alarm = threading.Timer(limit_seconds, process.kill)
    alarm.start()
    output = process.stdout.read()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # leaves the counters readable
    seconds = time.perf_counter() - start
    alarm.cancel()
    counters = _io_counters(process.pid)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    if process.returncode != 0:
        late = f" after {limit_seconds:g} s, its time limit" if seconds >= limit_seconds else ""
        raise Failed(f"{' '.join(map(_shortened, command))}\nended with status {process.returncode}{late}\n{output}")
    return Run(
        seconds,
        usage.ru_utime + usage.ru_stime,
        usage.ru_utime,
        usage.ru_maxrss * 1024,
        counters.get("rchar", 0),
        counters.get("wchar", 0),
        output,
    )


def _shortened(word):
    return word if len(word) < 300 else f"{word[:140]} ... {word[-140:]}"


def _io_counters(pid):
    try:
        with open(f"/proc/{pid}/io") as lines:
            return {name: int(value) for name, value in (line.split(":") for line in lines)}
    except OSError:
        return {}  # kernels may forbid it; the times stand without


def alternate(programs, repeats, patience_seconds, may_fail=()):
    """Runs programs in turn, one warm-up each first. Returns a Series per name, and the failures of `may_fail`.

    Each round has an order of its own, the same in every run of the table: what ran just before leaves its mark on a time.

    `programs`: name -> function that runs it once and returns a Run. A program so slow that its repeats would take
    longer than `patience_seconds` is repeated less often; one that takes longer by itself has its warm-up counted, in which
    reading from the disk is a small part.
    """
    planned, failures, first = {}, {}, {}
    for name, program in programs.items():
        try:
            warm_up = program()
        except Failed as failure:
            if name not in may_fail:
                raise
            failures[name] = str(failure)
            continue
        planned[name] = min(repeats, int(patience_seconds / max(warm_up.seconds, 1e-6)))
        first[name] = warm_up
    series = {name: Series([] if planned[name] > 0 else [first[name]]) for name in planned}
    for repeat in range(repeats):
        for name in _ORDER.sample(sorted(planned), len(planned)):
            if repeat < planned[name]:
                series[name].runs.append(programs[name]())
    return series, failures
