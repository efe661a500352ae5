#!/usr/bin/python3
"""Writes small files with zarr-python and h5py, which tests/io/test_foreign_files.cpp reads.

Run it in any folder; it writes next to itself. The element at (i, j) of every array is 100 * i + j, as far as it was
written; chunk (1, 1) never was, and holds the fill value -1.
"""
import pathlib
import shutil

import h5py
import numcodecs
import numpy as np
import zarr

OUT = pathlib.Path(__file__).resolve().parent / "foreign"
SHAPE, CHUNKS = (7, 10), (4, 6)
VALUES = np.add.outer(100 * np.arange(SHAPE[0]), np.arange(SHAPE[1]))


def fill(array):
    array[:4, :] = VALUES[:4, :]
    array[4:, :6] = VALUES[4:, :6]


def zarr_arrays():
    group = zarr.open_group(str(OUT / "v2.zarr"), "w")
    kinds = {
        "plain": dict(dtype=">i2", compressor=None),
        "blosc_f_order": dict(dtype="<f4", order="F", compressor=numcodecs.Blosc("zstd", 5, numcodecs.Blosc.BITSHUFFLE)),
        "gzip_shuffle": dict(dtype="<i8", compressor=numcodecs.GZip(6), filters=[numcodecs.Shuffle(8)]),
        "zlib_nested": dict(dtype="<f8", compressor=numcodecs.Zlib(1), dimension_separator="/"),
        "lz4": dict(dtype="<i4", compressor=numcodecs.LZ4()),
        "zstd": dict(dtype="<f2", compressor=numcodecs.Zstd(3)),
    }
    for name, options in kinds.items():
        fill(group.create_dataset(name, shape=SHAPE, chunks=CHUNKS, fill_value=-1, **options))
    group["plain"].attrs["_ARRAY_DIMENSIONS"] = ["y", "x"]
    zarr.consolidate_metadata(group.store)


def hdf5_arrays():
    kinds = {
        "plain": dict(dtype=">i2"),
        "gzip_shuffle": dict(dtype="<i8", compression="gzip", shuffle=True),
        "fletcher32": dict(dtype="<f8", compression="gzip", fletcher32=True),
        "lzf": dict(dtype="<f4", compression="lzf"),
        "scaleoffset": dict(dtype="<i4", scaleoffset=0),
    }
    for libver in ("earliest", "latest"):
        with h5py.File(OUT / f"{libver}.h5", "w", libver=libver) as file:
            for name, options in kinds.items():
                fill(file.create_dataset(name, SHAPE, chunks=CHUNKS, fillvalue=-1, **options))


if __name__ == "__main__":
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir()
    zarr_arrays()
    hdf5_arrays()
