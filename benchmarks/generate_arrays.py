"""Makes the arrays that are no wind: matrices, a volume. Sizes follow the size of one wind array, 4 GiB at full scale.

Every block of rows is made from its own random stream, so the values depend on the seed and the shape alone.
"""

import math

import numcodecs
import numpy
import zarr

from climate_field import SEED

COLUMNS = 64  # of the tall matrix
DTYPES = {"f64": "<f8", "f32": "<f4"}
SQUARE_CHUNKS = (1024, 4096)
VOLUME_CHUNKS = (64, 256, 256)


def rounded(value, unit):
    return max(unit, round(value / unit) * unit)


def matrix_edge(size_bytes):
    """Returns 16384 for 4 GiB: two float64 matrices fill as much as one wind array."""
    return rounded(math.sqrt(size_bytes / 16), 1024)


def square_edge(size_bytes):
    return rounded(math.sqrt(size_bytes / 4), 1024)


def tall_rows(size_bytes):
    return rounded(size_bytes / (1 << 32) * 4_000_000, 50_000)


def volume_shape(size_bytes):
    depth = rounded((size_bytes / 32) ** (1 / 3), 64)
    return (depth, 4 * depth, 4 * depth)


def create_array(path, shape, dtype, chunks):
    """Creates a Zarr v2 group with one array "x" under blosc-lz4, level 5, byte shuffle."""
    codec = numcodecs.Blosc("lz4", clevel=5, shuffle=numcodecs.Blosc.SHUFFLE)
    group = zarr.open_group(str(path), mode="w")
    return group.create_dataset("x", shape=shape, dtype=dtype, chunks=chunks, compressor=codec, fill_value=None)


def random_blocks(array, salt):
    """Yields (first row, one after the last, random generator) for each row of chunks."""
    for first in range(0, array.shape[0], array.chunks[0]):
        last = min(first + array.chunks[0], array.shape[0])
        yield first, last, numpy.random.Generator(numpy.random.SFC64([SEED, salt, first]))


def make_matrices(folder, size_bytes, dtype):
    edge = matrix_edge(size_bytes)
    for salt, name in enumerate("ab"):
        array = create_array(folder / f"{name}_{dtype}.zarr", (edge, edge), DTYPES[dtype], (2048, 2048))
        for first, last, random in random_blocks(array, 100 + salt):
            array[first:last] = random.standard_normal((last - first, edge), dtype=array.dtype)


def make_square(folder, size_bytes):
    edge = square_edge(size_bytes)
    array = create_array(folder / "square.zarr", (edge, edge), "f4", SQUARE_CHUNKS)
    total = 0.0
    for first, last, random in random_blocks(array, 200):
        values = random.random((last - first, edge), dtype=numpy.float32)
        array[first:last] = values
        total += float(values.sum(dtype=numpy.float64))
    numpy.savez(folder / "square_truth.npz", symmetric_sum=2 * total)


def make_tall(folder, size_bytes):
    array = create_array(folder / "tall.zarr", (tall_rows(size_bytes), COLUMNS), "f8", (50_000, COLUMNS))
    gram = numpy.zeros((COLUMNS, COLUMNS))
    for first, last, random in random_blocks(array, 300):
        values = random.standard_normal((last - first, COLUMNS))
        array[first:last] = values
        gram += values.T @ values
    numpy.savez(folder / "tall_truth.npz", gram=gram)


def make_volume(folder, size_bytes):
    """Writes bright blobs on a dark ground, with the noise of a camera."""
    shape = volume_shape(size_bytes)
    array = create_array(folder / "volume.zarr", shape, "u2", VOLUME_CHUNKS)
    across = numpy.sin(numpy.arange(shape[1]) / 23)[:, None] * numpy.sin(numpy.arange(shape[2]) / 31)[None, :]
    across = across.astype(numpy.float32)
    for first, last, random in random_blocks(array, 400):
        values = random.standard_normal((last - first, *shape[1:]), dtype=numpy.float32)
        values *= 300
        for plane in range(first, last):
            values[plane - first] += 20000 + 9000 * numpy.float32(math.sin(plane / 17)) * across
        array[first:last] = values.astype(numpy.uint16)


MAKERS = {
    "matrices_f64": lambda folder, size: make_matrices(folder, size, "f64"),
    "matrices_f32": lambda folder, size: make_matrices(folder, size, "f32"),
    "square": make_square,
    "tall": make_tall,
    "volume": make_volume,
}
