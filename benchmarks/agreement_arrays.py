"""Differences of written arrays, and of answers that are known in part, to the truth. No check holds a whole array."""

import numpy
import zarr


def difference(values, expected):
    if numpy.shape(values) != numpy.shape(expected):
        return float("inf")
    if numpy.size(expected) == 0:
        return 0.0
    worst = numpy.max(numpy.abs(numpy.asarray(values, numpy.float64) - expected))
    return float(worst) if numpy.isfinite(worst) else float("inf")


def wind(data):
    return zarr.open_group(f"{data}/u_blosc.zarr", mode="r")["u"]


def difference_by_steps(written, source, expected):
    """Returns the largest difference over pieces of the first axis; `expected` takes the first step and the piece."""
    if written.shape != source.shape:
        return float("inf")
    step = source.chunks[0]
    return max(
        difference(written[first : first + step], expected(first, source[first : first + step]))
        for first in range(0, source.shape[0], step)
    )


def anomaly(answers, truth, data):
    return difference_by_steps(answers[0], wind(data), lambda first, values: values - truth["time_mean"])


def climatology_anomaly(answers, truth, data):
    means, labels = truth["climatology"], truth["labels"]
    return difference_by_steps(
        answers[0], wind(data), lambda first, values: values - means[labels[first : first + len(values)]]
    )


def median(answers, truth, data):
    return difference(answers[0][truth["latitudes"]], truth["median"]) if answers[0].ndim == 2 else float("inf")


def cumulative(answers, truth, data):
    """Compares every step at some latitudes, and the last with the truth."""
    source, written, latitudes = wind(data), answers[0], truth["latitudes"]
    if written.shape != source.shape:
        return float("inf")
    errors, total = [], 0.0
    for first in range(0, source.shape[0], source.chunks[0]):
        values = source[first : first + source.chunks[0]][:, latitudes]
        expected = total + numpy.cumsum(values, axis=0, dtype=numpy.float64)
        errors.append(difference(written[first : first + source.chunks[0]][:, latitudes], expected))
        total = expected[-1]
    errors.append(difference(total, truth["cumulative"]))
    return max(errors)


def selected(answers, truth, data):
    expected = zarr.open_group(f"{data}/selected.zarr", mode="r")["x"]
    return difference_by_steps(answers[0], expected, lambda first, values: values)


def triangle(answers, truth, data):
    """Returns how far R'R is from X'X, relative to its largest element: R is known up to the signs of its rows."""
    r, gram = answers[-1], truth["gram"]
    if r.shape != gram.shape or numpy.any(numpy.tril(r, -1)):
        return float("inf")
    return difference(r.T @ r, gram) / numpy.max(gram) * 10


def factors(answers, truth, data):
    """Checks R, that Q R is X, and that the columns of Q are orthonormal."""
    q, r = answers
    source = zarr.open_group(f"{data}/tall.zarr", mode="r")["x"]
    if q.shape != source.shape:
        return float("inf")
    worst, gram = triangle(answers, truth, data), numpy.zeros(r.shape)
    for first in range(0, source.shape[0], source.chunks[0]):
        piece = q[first : first + source.chunks[0]]
        gram += piece.T @ piece
        worst = max(worst, difference(piece @ r, source[first : first + source.chunks[0]]))
    return max(worst, difference(gram, numpy.eye(len(r))))


def rechunked(written, source):
    """Compares bands of rows of chunks: each reads all of the source."""
    if written.shape != source.shape or tuple(written.chunks) != (source.shape[0], 19, 36):
        return float("inf")
    errors = []
    for first in range(0, source.shape[1], 95):
        found, expected = written[:, first : first + 95], source[:, first : first + 95]
        errors += [difference(*planes) for planes in zip(found, expected)]
    return max(errors)


def product(written, a, b):
    """Compares some rows, and the whole by its product with a vector of signs (Freivalds)."""
    if written.shape != (a.shape[0], b.shape[1]):
        return float("inf")
    rows = [0, 1, a.shape[0] // 2 + 3, a.shape[0] - 1]
    signs = numpy.random.default_rng(1).choice([-1.0, 1.0], b.shape[1])
    some_rows = numpy.zeros((len(rows), b.shape[1]))
    b_signs = numpy.empty(b.shape[0])
    left = numpy.stack([a[row] for row in rows]).astype(numpy.float64)
    for first in range(0, b.shape[0], b.chunks[0]):
        last = min(first + b.chunks[0], b.shape[0])
        block = b[first:last].astype(numpy.float64)
        some_rows += left[:, first:last] @ block
        b_signs[first:last] = block @ signs
    errors = [difference(numpy.stack([written[row] for row in rows]), some_rows)]
    for first in range(0, a.shape[0], a.chunks[0]):
        last = min(first + a.chunks[0], a.shape[0])
        # A sum of as many errors as the matrix has columns, of either sign, is larger by the root of their number.
        sums = written[first:last].astype(numpy.float64) @ signs, a[first:last].astype(numpy.float64) @ b_signs
        errors.append(difference(*sums) / numpy.sqrt(b.shape[1]))
    return max(errors)


def gaussian(written, source):
    """Compares boxes at corners, in the middle and across chunks with scipy on the box and its surroundings."""
    from scipy.ndimage import gaussian_filter

    if written.shape != source.shape or written.dtype != source.dtype:
        return float("inf")
    reach, edge, errors = 8, 48, []
    middle = tuple(extent // 2 - edge // 2 for extent in source.shape)
    last = tuple(extent - edge for extent in source.shape)
    for corner in ((0, 0, 0), last, middle, (0, middle[1], last[2]), (last[0], 232, 240)):
        grown = tuple(
            slice(max(start - reach, 0), min(start + edge + reach, extent))
            for start, extent in zip(corner, source.shape)
        )
        inner = tuple(slice(start - part.start, start - part.start + edge) for start, part in zip(corner, grown))
        box = tuple(slice(start, start + edge) for start in corner)
        errors.append(difference(written[box], gaussian_filter(source[grown], 2.0)[inner]))
    return max(errors)


BY_SOURCE = {"rechunked": rechunked, "gaussian": gaussian}
BY_TRUTH = {
    check.__name__: check
    for check in (anomaly, climatology_anomaly, median, cumulative, selected, triangle, factors)
}
