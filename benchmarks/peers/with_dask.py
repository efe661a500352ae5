#!/usr/bin/python3
"""The workloads as a competent Dask user writes them: whole programs, threads scheduler, as many workers as asked for.

with_dask.py WORKLOAD --data FOLDER --out PATTERN [--threads N]
"""

import argparse

import dask

import dask_arrays
import dask_linear_algebra
import dask_scans

PROGRAMS = dask_scans.PROGRAMS + dask_arrays.PROGRAMS + dask_linear_algebra.PROGRAMS
WORKLOADS = {program.__name__: program for program in PROGRAMS}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workload", choices=WORKLOADS)
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True, help="a pattern such as out.{}; .npy or .zarr is added")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    with dask.config.set(scheduler="threads", num_workers=arguments.threads):
        WORKLOADS[arguments.workload](arguments.data, arguments.out)


if __name__ == "__main__":
    main()
