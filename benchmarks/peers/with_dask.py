#!/usr/bin/python3
"""The workloads as a competent Dask user writes them: whole programs, threads scheduler, as many workers as asked for.

    with_dask.py WORKLOAD --data FOLDER --out PATH [--threads N]

h5py calls libhdf5 under one lock whatever the `lock` of Dask is, so `lock=False` spares a second one. Imports stand
inside the functions that need them: a program would not pay for a format that it does not read.
"""

import argparse

import dask
import dask.array as da
import numpy


def hdf5(path, name, chunks=None):
    import h5py

    dataset = h5py.File(path, "r")[name]
    return da.from_array(dataset, chunks=chunks or dataset.chunks, lock=False)


def save_values(path, *values):
    """Writes one .npy per value: OUT is a pattern with the number of the value."""
    for number, value in enumerate(values):
        numpy.save(path.format(number), numpy.asarray(value))


def time_mean_gzip(data, out):
    save_values(out, hdf5(f"{data}/u_gzip.h5", "u").mean(axis=0).compute())


def time_mean_contiguous(data, out):
    # 24 steps are 25 MB, the size that was quickest of 24, 96 and "auto" (128 MiB).
    save_values(out, hdf5(f"{data}/u_contiguous.h5", "u", (24, -1, -1)).mean(axis=0).compute())


def time_mean_blosc(data, out):
    save_values(out, da.from_zarr(f"{data}/u_blosc.zarr", component="u").mean(axis=0).compute())


def statistics_gzip(data, out):
    u = hdf5(f"{data}/u_gzip.h5", "u")
    save_values(out, *dask.compute(u.mean(), u.std(), u.min(), u.max()))


def speed_gzip(data, out):
    u, v = hdf5(f"{data}/u_gzip.h5", "u"), hdf5(f"{data}/v_gzip.h5", "v")
    save_values(out, da.sqrt(u * u + v * v).mean().compute())


def anomaly_blosc(data, out):
    """Two passes on purpose: in one graph Dask keeps every chunk until the mean is known (`anomaly_blosc_one_graph`)."""
    u = da.from_zarr(f"{data}/u_blosc.zarr", component="u")
    mean = u.mean(axis=0).compute()
    write_zarr(u - mean, out)


def anomaly_blosc_one_graph(data, out):
    u = da.from_zarr(f"{data}/u_blosc.zarr", component="u")
    write_zarr(u - u.mean(axis=0), out)


def write_zarr(array, path):
    import numcodecs

    codec = numcodecs.Blosc("lz4", clevel=5, shuffle=numcodecs.Blosc.SHUFFLE)
    array.to_zarr(path, compressor=codec, overwrite=True)


def slice_contiguous(data, out):
    u = hdf5(f"{data}/u_contiguous.h5", "u", (24, -1, -1))
    save_values(out, u[::12, 100:200, ::3].mean().compute())


def slice_gzip(data, out):
    save_values(out, hdf5(f"{data}/u_gzip.h5", "u")[::12, 100:200, ::3].mean().compute())


def tiny_raw(data, out):
    save_values(out, hdf5(f"{data}/tiny_raw.h5", "x").mean().compute())


def tiny_gzip(data, out):
    save_values(out, hdf5(f"{data}/tiny_gzip.h5", "x").mean().compute())


def tiny_gzip_rechunked(data, out):
    """What one does after having seen `tiny_gzip`: tasks of many chunks each."""
    save_values(out, hdf5(f"{data}/tiny_gzip.h5", "x", "auto").mean().compute())


def tiny_zarr(data, out):
    save_values(out, da.from_zarr(f"{data}/tiny.zarr", component="x").mean().compute())


WORKLOADS = {
    function.__name__: function
    for function in (
        time_mean_gzip,
        time_mean_contiguous,
        time_mean_blosc,
        statistics_gzip,
        speed_gzip,
        anomaly_blosc,
        anomaly_blosc_one_graph,
        slice_contiguous,
        slice_gzip,
        tiny_raw,
        tiny_gzip,
        tiny_gzip_rechunked,
        tiny_zarr,
    )
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workload", choices=WORKLOADS)
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True, help="a pattern such as out{}.npy, or a .zarr folder")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    with dask.config.set(scheduler="threads", num_workers=arguments.threads):
        WORKLOADS[arguments.workload](arguments.data, arguments.out)


if __name__ == "__main__":
    main()
