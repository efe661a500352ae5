#!/usr/bin/python3
"""Compares answers with the truth, and prints the errors as JSON.

agreement.py WORKLOAD --data FOLDER NAME=PATTERN...      PATTERN as given to the programs as --out
"""

import argparse
import json

import numpy
import zarr

import agreement_arrays
from agreement_arrays import difference
from workloads import WORKLOADS


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workload", choices=[workload.name for workload in WORKLOADS])
    parser.add_argument("--data", required=True)
    parser.add_argument("outputs", nargs="+")
    arguments = parser.parse_args()
    workload = next(workload for workload in WORKLOADS if workload.name == arguments.workload)
    errors = {}
    for output in arguments.outputs:
        name, out = output.split("=", 1)
        answers = [read_answer(path) for path in workload.answer_paths(out)]
        errors[name] = measure(workload, answers, arguments.data) / workload.scale
    print(json.dumps(errors))


def measure(workload, answers, data):
    """Returns the largest difference to the truth over all answers of the workload."""
    if workload.check == "product":
        a, b = (zarr.open_group(f"{data}/{file}", mode="r")[name] for _, file, name in workload.inputs)
        return agreement_arrays.product(answers[0], a, b)
    if workload.check in agreement_arrays.BY_SOURCE:
        _, file, name = workload.inputs[0]
        source = zarr.open_group(f"{data}/{file}", mode="r")[name]
        return agreement_arrays.BY_SOURCE[workload.check](answers[0], source)
    truth = numpy.load(f"{data}/{workload.truth}")
    if workload.check == "values":
        return max(difference(answer, truth[key]) for answer, key in zip(answers, workload.answers))
    if workload.check == "share":
        true = truth[workload.answers[0]]
        return difference(answers[0] / true, numpy.ones_like(true))
    return agreement_arrays.BY_TRUTH[workload.check](answers, truth, data)


def read_answer(path):
    """Returns the values of a .npy, or a Zarr array, whether it is the whole store or one in a group."""
    if path.endswith(".npy"):
        return numpy.load(path)
    store = zarr.open(path, mode="r")
    return next(iter(store.arrays()))[1] if isinstance(store, zarr.hierarchy.Group) else store


if __name__ == "__main__":
    main()
