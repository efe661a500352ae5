#!/usr/bin/python3
"""Makes the data of the benchmarks, once: the same values in every container, and the true answers beside them.

Groups: wind (with the tiny chunks), wind_answers, and those of generate_arrays.py. What stands is not made again.
"""

import argparse
import json
import multiprocessing
import pathlib
import shutil

import h5py
import numpy
import zarr

import containers
from climate_field import CHUNK_STEPS, LATITUDES, LONGITUDES, SEED, Moments, steps_for, wind
from generate_arrays import MAKERS
from sizes import format_size, parse_size
from wind_answers import make_wind_answers

GENERATION = 1  # goes up when the values change, so that old data is made again
TINY_CHUNKS, TINY_CHUNK_ELEMENTS = 100_000, 100
CONTIGUOUS, ZARR = "u_contiguous.h5", "u_blosc.zarr"
SLICE = (slice(None, None, 12), slice(100, 200), slice(None, None, 3))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path("build/bench-data"), help="folder to fill")
    parser.add_argument("--size", type=parse_size, default=parse_size("4GiB"), help="size of one array in memory")
    parser.add_argument("--processes", type=int, default=multiprocessing.cpu_count())
    groups = ["wind", "wind_answers", *MAKERS]
    parser.add_argument("--group", action="append", choices=groups, help="may be repeated; absent: all")
    arguments = parser.parse_args()
    for group in sorted(arguments.group or groups, key=groups.index):
        if group == "wind":
            ensure_wind(arguments.data, arguments.size, arguments.processes)
        else:
            ensure_group(group, arguments.data, arguments.size)
    ensure_planes(arguments.data)


def ensure_planes(folder):
    """Writes what the ceiling subtracts where it writes: the time mean, or nothing."""
    numpy.save(folder / "zeros.npy", numpy.zeros(4096, "<f4"))
    if (folder / "truth.npz").exists() and not (folder / "time_mean.npy").exists():
        numpy.save(folder / "time_mean.npy", numpy.load(folder / "truth.npz")["time_mean"].astype("<f4"))


def ensure_group(group, folder, size_bytes):
    """Makes one group unless it stands. A record, written last, marks it as whole."""
    parameters = {"generation": GENERATION, "seed": SEED, "size_bytes": size_bytes}
    record = folder / f"{group}.json"
    if record.exists() and json.loads(record.read_text()) == parameters:
        return
    print(f"making {group} for {format_size(size_bytes)} in {folder}", flush=True)
    folder.mkdir(parents=True, exist_ok=True)
    record.unlink(missing_ok=True)
    if group == "wind_answers":
        make_wind_answers(folder)
    else:
        MAKERS[group](folder, size_bytes)
    record.write_text(json.dumps(parameters))


def ensure_wind(folder, size_bytes, processes=2):
    """Empties and fills `folder` unless it already holds wind of the same parameters."""
    parameters = {"generation": GENERATION, "seed": SEED, "steps": steps_for(size_bytes), "tiny_chunks": TINY_CHUNKS}
    record = folder / "parameters.json"
    if record.exists() and json.loads(record.read_text()) == parameters:
        return
    print(f"making {format_size(size_bytes)} arrays in {folder}", flush=True)
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    make_tiny(folder)
    make_wind(folder, parameters["steps"], processes)
    record.write_text(json.dumps(parameters))  # last: marks the folder as whole


def make_wind(folder, steps, processes):
    shape = (steps, LATITUDES, LONGITUDES)
    gzip_files = {name: containers.GzipHdf5(folder / f"{name}_gzip.h5", name, shape) for name in "uv"}
    offset = containers.create_contiguous_hdf5(folder / CONTIGUOUS, "u", shape)
    containers.create_blosc_zarr(folder / ZARR, "u", shape)
    jobs = [(folder, offset, first, min(CHUNK_STEPS, steps - first)) for first in range(0, steps, CHUNK_STEPS)]
    moments, speed_sum, slice_sum = Moments(), 0.0, 0.0
    with multiprocessing.Pool(processes) as pool:
        # Results come in order, so the sums are the same every time.
        for first, encoded, chunk_moments, chunk_speed, chunk_slice in pool.imap(make_chunk, jobs):
            for name, file in gzip_files.items():
                file.put(first, encoded[name])
            moments.add(chunk_moments)
            speed_sum += chunk_speed
            slice_sum += chunk_slice
    for file in gzip_files.values():
        file.close()
    answers = moments.answers()
    answers["speed_mean"] = speed_sum / moments.count
    answers["slice_mean"] = slice_sum / len(range(0, steps, 12)) / 100 / len(range(0, LONGITUDES, 3))
    numpy.savez(folder / "truth.npz", **answers)


def make_chunk(job):
    """Makes 24 steps of u and v, writes u where each chunk has its own place, and returns the rest."""
    folder, offset, first, steps = job
    u, v = wind("u", first, steps), wind("v", first, steps)
    containers.put_contiguous(folder / CONTIGUOUS, offset, first, u)
    containers.put_zarr(folder / ZARR, "u", first, u)
    encoded = {"u": containers.gzip_chunk(u), "v": containers.gzip_chunk(v)}
    slice_sum = float(u[SLICE].sum(dtype=numpy.float64))
    moments = Moments.of(u)
    numpy.multiply(u, u, out=u)
    numpy.multiply(v, v, out=v)
    u += v
    return first, encoded, moments, float(numpy.sqrt(u, out=u).sum(dtype=numpy.float64)), slice_sum


def make_tiny(folder):
    """Writes one array in 100,000 chunks of 100 numbers: what counts is the cost of a chunk, not of its bytes."""
    values = numpy.random.Generator(numpy.random.SFC64([SEED, 7])).integers(
        -1000, 1000, TINY_CHUNKS * TINY_CHUNK_ELEMENTS, dtype=numpy.int16
    )
    values = values.astype(numpy.float32)
    layout = {"data": values, "chunks": (TINY_CHUNK_ELEMENTS,)}
    # The default file version (a B-tree as chunk index) is what users have.
    with h5py.File(folder / "tiny_raw.h5", "w") as file:
        file.create_dataset("x", **layout)
    with h5py.File(folder / "tiny_gzip.h5", "w") as file:
        file.create_dataset("x", **layout, shuffle=True, compression="gzip", compression_opts=1)
    group = zarr.open_group(str(folder / "tiny.zarr"), mode="w")
    group.create_dataset("x", **layout, compressor=None, fill_value=None)
    numpy.savez(folder / "tiny_truth.npz", mean=values.mean(dtype=numpy.float64))


if __name__ == "__main__":
    main()
