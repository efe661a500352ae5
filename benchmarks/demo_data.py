#!/usr/bin/python3
"""Makes the data of the demo, with the true answers, and checks what was computed from it.

    demo_data.py make FOLDER --size BYTES       writes wind.h5 and truth.npz
    demo_data.py check FOLDER --size BYTES      prints the errors as JSON, relative to the magnitude of the data
"""

import argparse
import json
import multiprocessing
import pathlib

import numpy
import zarr

from climate_field import CHUNK_STEPS, LATITUDES, LONGITUDES, Moments, steps_for, wind
from containers import GzipHdf5, gzip_chunk

MAGNITUDE = 10.0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("action", choices=("make", "check"))
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--size", type=int, required=True)
    arguments = parser.parse_args()
    steps = steps_for(arguments.size)
    pieces = [(first, min(CHUNK_STEPS, steps - first)) for first in range(0, steps, CHUNK_STEPS)]
    if arguments.action == "make":
        make(arguments.folder, steps, pieces)
    else:
        print(json.dumps(check(arguments.folder, pieces)))


def make(folder, steps, pieces):
    file = GzipHdf5(folder / "wind.h5", "u", (steps, LATITUDES, LONGITUDES))
    moments = Moments()
    with multiprocessing.Pool() as pool:
        for (first, _), (encoded, chunk_moments) in zip(pieces, pool.imap(make_chunk, pieces)):
            file.put(first, encoded)
            moments.add(chunk_moments)
    file.close()
    numpy.savez(folder / "truth.npz", **moments.answers())


def make_chunk(piece):
    values = wind("u", *piece)
    return gzip_chunk(values), Moments.of(values)


def check(folder, pieces):
    truth = numpy.load(folder / "truth.npz")
    errors = {
        name: abs(float(numpy.load(folder / f"{name}.npy")) - float(truth[name])) / MAGNITUDE
        for name in ("mean", "std", "min", "max")
    }
    with multiprocessing.Pool() as pool:
        jobs = [(folder, *piece) for piece in pieces]
        errors["anomaly"] = max(pool.map(anomaly_error, jobs, chunksize=4)) / MAGNITUDE
    return errors


def anomaly_error(job):
    """Compares one chunk of the written anomaly with data that is made again, not read from Varve's input."""
    folder, first, steps = job
    written = zarr.open(str(folder / "anomaly.zarr"), mode="r")
    if isinstance(written, zarr.hierarchy.Group):
        written = next(iter(written.arrays()))[1]
    expected = wind("u", first, steps) - numpy.load(folder / "truth.npz")["time_mean"]
    error = float(numpy.abs(written[first : first + steps] - expected).max())
    return error if numpy.isfinite(error) else float("inf")


if __name__ == "__main__":
    main()
