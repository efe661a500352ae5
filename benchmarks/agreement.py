#!/usr/bin/python3
"""Compares answers with the truth that the generator accumulated, and prints the errors as JSON.

    agreement.py WORKLOAD --data FOLDER NAME=OUT...      OUT as given to the programs (out{}.npy or a .zarr folder)
"""

import argparse
import json

import numpy
import zarr

from workloads import WORKLOADS


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workload", choices=[workload.name for workload in WORKLOADS])
    parser.add_argument("--data", required=True)
    parser.add_argument("outputs", nargs="+")
    arguments = parser.parse_args()
    workload = next(workload for workload in WORKLOADS if workload.name == arguments.workload)
    truth = numpy.load(f"{arguments.data}/{workload.truth}")
    measure = anomaly_error if workload.writes else values_error
    errors = {}
    for output in arguments.outputs:
        name, path = output.split("=", 1)
        errors[name] = measure(workload, truth, path, arguments.data) / workload.scale
    print(json.dumps(errors))


def values_error(workload, truth, path, data):
    """Returns the largest difference to the truth over all answers of the workload."""
    return max(
        difference(numpy.load(path.format(number)), truth[key]) for number, key in enumerate(workload.answers)
    )


def anomaly_error(workload, truth, path, data):
    source = zarr.open_group(f"{data}/u_blosc.zarr", mode="r")["u"]
    written = zarr.open(path, mode="r")
    if isinstance(written, zarr.hierarchy.Group):
        written = next(iter(written.arrays()))[1]
    if written.shape != source.shape:
        return float("inf")
    step = source.chunks[0]
    return max(
        difference(written[first : first + step], source[first : first + step] - truth["time_mean"])
        for first in range(0, source.shape[0], step)
    )


def difference(values, expected):
    if numpy.shape(values) != numpy.shape(expected):
        return float("inf")
    worst = numpy.max(numpy.abs(values - expected))
    return float(worst) if numpy.isfinite(worst) else float("inf")


if __name__ == "__main__":
    main()
