"""Programs of Dask that read everything once and reduce it, and those on pieces too small or too few."""

import dask
import dask.array as da

from containers_dask import hdf5, save_values, wind, write_zarr


def time_mean_gzip(data, out):
    save_values(out, hdf5(f"{data}/u_gzip.h5", "u").mean(axis=0).compute())


def time_mean_contiguous(data, out):
    # 24 steps are 25 MB, the size that was quickest of 24, 96 and "auto" (128 MiB).
    save_values(out, hdf5(f"{data}/u_contiguous.h5", "u", (24, -1, -1)).mean(axis=0).compute())


def time_mean_blosc(data, out):
    save_values(out, wind(data).mean(axis=0).compute())


def statistics(u, out):
    save_values(out, *dask.compute(u.mean(), u.std(), u.min(), u.max()))


def statistics_gzip(data, out):
    statistics(hdf5(f"{data}/u_gzip.h5", "u"), out)


def statistics_blosc(data, out):
    statistics(wind(data), out)


def speed_gzip(data, out):
    u, v = hdf5(f"{data}/u_gzip.h5", "u"), hdf5(f"{data}/v_gzip.h5", "v")
    save_values(out, da.sqrt(u * u + v * v).mean().compute())


def anomaly_blosc(data, out):
    """Two passes on purpose: in one graph Dask keeps every chunk until the mean is known (`anomaly_blosc_one_graph`)."""
    u = wind(data)
    mean = u.mean(axis=0).compute()
    write_zarr(u - mean, out)


def anomaly_blosc_one_graph(data, out):
    u = wind(data)
    write_zarr(u - u.mean(axis=0), out)


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


PROGRAMS = (
    time_mean_gzip,
    time_mean_contiguous,
    time_mean_blosc,
    statistics_gzip,
    statistics_blosc,
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
