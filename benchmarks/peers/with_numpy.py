#!/usr/bin/python3
"""Workloads in memory: loads everything, computes with NumPy, writes the answer. What one does while data fits.

with_numpy.py WORKLOAD --data FOLDER --out PATTERN [--threads N]
"""

import argparse

import numcodecs
import numpy
import zarr


def load(path, name):
    return zarr.open_group(path, mode="r")[name][:]


def product(data, out, dtype):
    result = load(f"{data}/a_{dtype}.zarr", "x") @ load(f"{data}/b_{dtype}.zarr", "x")
    codec = numcodecs.Blosc("lz4", clevel=5, shuffle=numcodecs.Blosc.SHUFFLE)
    zarr.save_array(out.format(0) + ".zarr", result, chunks=(2048, 2048), compressor=codec)


def matmul_f64(data, out):
    product(data, out, "f64")


def matmul_f32(data, out):
    product(data, out, "f32")


def quantiles_global(data, out):
    u = load(f"{data}/u_blosc.zarr", "u")
    numpy.save(out.format(0) + ".npy", numpy.quantile(u, [0.01, 0.5, 0.99], overwrite_input=True))


WORKLOADS = {program.__name__: program for program in (matmul_f64, matmul_f32, quantiles_global)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workload", choices=WORKLOADS)
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True, help="a pattern such as out.{}; .npy or .zarr is added")
    parser.add_argument("--threads", type=int, default=2, help="for decompression; the BLAS reads its environment")
    arguments = parser.parse_args()
    numcodecs.blosc.set_nthreads(arguments.threads)
    WORKLOADS[arguments.workload](arguments.data, arguments.out)


if __name__ == "__main__":
    main()
