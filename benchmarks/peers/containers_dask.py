"""Opens and writes arrays for the programs of Dask.

h5py calls libhdf5 under one lock whatever the `lock` of Dask is, so `lock=False` spares a second one. Imports stand
inside the functions that need them: a program would not pay for a format that it does not read.
"""

import dask.array as da
import numpy


def hdf5(path, name, chunks=None):
    import h5py

    dataset = h5py.File(path, "r")[name]
    return da.from_array(dataset, chunks=chunks or dataset.chunks, lock=False)


def wind(data):
    return da.from_zarr(f"{data}/u_blosc.zarr", component="u")


def save_values(out, *values, first=0):
    """Writes one .npy per value: `out` is a pattern with the number of the value."""
    for number, value in enumerate(values, first):
        numpy.save(out.format(number) + ".npy", numpy.asarray(value))


def blosc():
    import numcodecs

    return numcodecs.Blosc("lz4", clevel=5, shuffle=numcodecs.Blosc.SHUFFLE)


def write_zarr(array, out, compute=True):
    return array.to_zarr(out.format(0) + ".zarr", compressor=blosc(), overwrite=True, compute=compute)
