"""Writes one array, chunk by chunk, into the containers that the workloads read.

Chunks are compressed by whoever made them (any process) and put in place by one process for HDF5, by anyone for the
others. Every container holds the same values.
"""

import os
import zlib

import h5py
import numcodecs
import numpy
import zarr

from climate_field import CHUNK_STEPS, LATITUDES, LONGITUDES

CHUNKS = (CHUNK_STEPS, LATITUDES, LONGITUDES)
DIMENSIONS = ("time", "latitude", "longitude")


def gzip_chunk(values, level=1):
    """Returns the bytes of one full HDF5 chunk under shuffle and deflate; a short last chunk is padded with zeros."""
    if values.shape[0] < CHUNKS[0]:
        padding = numpy.zeros((CHUNKS[0] - values.shape[0],) + CHUNKS[1:], values.dtype)
        values = numpy.concatenate([values, padding])
    planes = values.view(numpy.uint8).reshape(-1, values.itemsize).T
    return zlib.compress(numpy.ascontiguousarray(planes), level)


class GzipHdf5:
    """Is an HDF5 file with one dataset under shuffle and gzip-1, written as finished chunks."""

    def __init__(self, path, name, shape):
        self.file = h5py.File(path, "w")
        self.dataset = self.file.create_dataset(
            name, shape, "<f4", chunks=CHUNKS, shuffle=True, compression="gzip", compression_opts=1
        )
        _label(self.file, self.dataset)

    def put(self, first_step, encoded):
        self.dataset.id.write_direct_chunk((first_step, 0, 0), encoded)

    def close(self):
        self.file.close()


def create_contiguous_hdf5(path, name, shape):
    """Creates an uncompressed, contiguous dataset and returns the offset of its first byte in the file."""
    with h5py.File(path, "w") as file:
        layout = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        layout.set_layout(h5py.h5d.CONTIGUOUS)
        layout.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
        layout.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
        space = h5py.h5s.create_simple(shape)
        dataset = h5py.Dataset(h5py.h5d.create(file.id, name.encode(), h5py.h5t.IEEE_F32LE, space, layout))
        _label(file, dataset)
        return dataset.id.get_offset()


def put_contiguous(path, offset, first_step, values):
    handle = os.open(path, os.O_WRONLY)
    try:
        view = memoryview(values).cast("B")
        start = offset + first_step * values[0].nbytes
        done = 0
        while done < len(view):
            done += os.pwrite(handle, view[done:], start + done)
    finally:
        os.close(handle)


def create_blosc_zarr(path, name, shape):
    """Creates a Zarr v2 group with one array under blosc-lz4, level 5, byte shuffle."""
    codec = numcodecs.Blosc("lz4", clevel=5, shuffle=numcodecs.Blosc.SHUFFLE)
    group = zarr.open_group(path, mode="w")
    array = group.create_dataset(name, shape=shape, dtype="<f4", chunks=CHUNKS, compressor=codec, fill_value=None)
    array.attrs["_ARRAY_DIMENSIONS"] = list(DIMENSIONS)


def put_zarr(path, name, first_step, values):
    array = zarr.open_group(path, mode="r+")[name]
    array[first_step : first_step + values.shape[0]] = values


def _label(file, dataset):
    for axis, name in enumerate(DIMENSIONS):
        scale = file.create_dataset(name, data=numpy.arange(dataset.shape[axis], dtype="<f4"))
        scale.make_scale(name)
        dataset.dims[axis].attach_scale(scale)
