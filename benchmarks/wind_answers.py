"""Finds the true answers about the wind that take more than sums: reads u_blosc.zarr back, twice.

The wind is a multiple of 1/1024, so that counting its values gives exact quantiles.
"""

import numpy
import zarr

from climate_field import LATITUDES, LONGITUDES, RESOLUTION
from generate_arrays import create_array

THRESHOLD = 11.5  # as in the workload "mask"
QUANTILES = (0.01, 0.5, 0.99)
GROUPS, GROUP_STEPS = 12, 30
SAMPLED_LATITUDES = (0, 90, 180, 271, 360)
VALUES = 1 << 17  # counts values of -64 to 64
SELECTED_CHUNK = 1 << 22


def make_wind_answers(folder):
    u = zarr.open_group(str(folder / "u_blosc.zarr"), mode="r")["u"]
    labels = numpy.arange(u.shape[0]) // GROUP_STEPS % GROUPS
    numpy.save(folder / "labels.npy", labels)
    (folder / "labels.txt").write_text(",".join(map(str, labels)))
    counts = numpy.zeros(VALUES, numpy.int64)
    sums = numpy.zeros((labels.max() + 1, LATITUDES, LONGITUDES))
    sampled, above = [], 0
    for first, values in pieces(u):
        whole = numpy.rint(values.ravel() * numpy.float32(1 / RESOLUTION)).astype(numpy.int64)
        counts += numpy.bincount(whole + VALUES // 2, minlength=VALUES)
        for step, plane in enumerate(values):
            sums[labels[first + step]] += plane
        sampled.append(values[:, SAMPLED_LATITUDES, :])
        above += numpy.count_nonzero(values > THRESHOLD)
    sampled = numpy.concatenate(sampled)
    write_selected(folder, u, above)
    numpy.savez(
        folder / "wind_answers.npz",
        quantiles=[counted_quantile(counts, q) for q in QUANTILES],
        climatology=sums / numpy.bincount(labels)[:, None, None],
        labels=labels,
        latitudes=SAMPLED_LATITUDES,
        median=numpy.median(sampled, axis=0),
        cumulative=numpy.cumsum(sampled, axis=0, dtype=numpy.float64)[-1],
    )


def pieces(array):
    step = array.chunks[0]
    for first in range(0, array.shape[0], step):
        yield first, array[first : first + step]


def counted_quantile(counts, q):
    """Interpolates between the two elements beside position q (n - 1), as NumPy does by default."""
    ends = numpy.cumsum(counts)
    position = q * (int(ends[-1]) - 1)
    low = int(position)
    first, second = (
        (int(numpy.searchsorted(ends, rank, side="right")) - VALUES // 2) * RESOLUTION
        for rank in (low, min(low + 1, int(ends[-1]) - 1))
    )
    return first + (second - first) * (position - low)


def write_selected(folder, u, count):
    """Writes u[u > THRESHOLD], in C order."""
    selected = create_array(folder / "selected.zarr", (count,), "f4", (SELECTED_CHUNK,))
    waiting, done = numpy.empty(0, numpy.float32), 0
    for _, values in pieces(u):
        waiting = numpy.concatenate([waiting, values[values > THRESHOLD]])
        whole = waiting.size // SELECTED_CHUNK * SELECTED_CHUNK
        if whole:
            selected[done : done + whole] = waiting[:whole]
            waiting, done = waiting[whole:], done + whole
    if waiting.size:
        selected[done:] = waiting
