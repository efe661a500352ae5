"""Programs of Dask that move elements: other chunks, order, neighbours, groups, running sums, masks."""

import dask.array as da
import numpy

from containers_dask import blosc, save_values, wind, write_zarr


def rechunk(data, out):
    write_zarr(wind(data).rechunk((-1, 19, 36)), out)


def rechunk_by_bands(data, out):
    """Reads everything four times, a quarter of the latitudes each time, so that a quarter is held at most."""
    import zarr

    u = wind(data)
    chunks = (u.shape[0], 19, 36)
    path = out.format(0) + ".zarr"
    target = zarr.open(path, mode="w", shape=u.shape, chunks=chunks, dtype=u.dtype, compressor=blosc())
    for first in range(0, u.shape[1], 95):
        band = slice(first, min(first + 95, u.shape[1]))
        region = (slice(None), band, slice(None))
        da.store(u[region].rechunk(chunks), target, regions=region, lock=False)


def symmetric_sum(data, out):
    x = da.from_zarr(f"{data}/square.zarr", component="x")
    save_values(out, (x + x.T).sum().compute())


def median_time(data, out):
    save_values(out, da.median(wind(data), axis=0).compute())


def mask(data, out):
    """Finds the sizes first, since a Zarr array needs its shape, and evens the chunks."""
    u = wind(data)
    selected = u[u > 11.5].compute_chunk_sizes()
    write_zarr(selected.rechunk(4194304), out)


def gaussian(data, out):
    from scipy.ndimage import gaussian_filter

    volume = da.from_zarr(f"{data}/volume.zarr", component="x")
    # Without a boundary of Dask's, the blocks at the ends meet scipy's: the same reflection.
    write_zarr(volume.map_overlap(gaussian_filter, depth=8, boundary="none", dtype=volume.dtype, sigma=2.0), out)


def cumulative_time(data, out):
    write_zarr(da.cumsum(wind(data), axis=0), out)


def group_means(data):
    u, labels = wind(data), numpy.load(f"{data}/labels.npy")
    means = [u[labels == label].mean(axis=0) for label in range(labels.max() + 1)]
    return u, labels, da.stack(means).compute()


def climatology(data, out):
    save_values(out, group_means(data)[2])


def climatology_anomaly(data, out):
    """Two passes, as in `anomaly_blosc`."""
    u, labels, means = group_means(data)
    steps = da.from_array(labels, chunks=u.chunks[0])[:, None, None]
    write_zarr(da.map_blocks(lambda block, label: block - means[label[:, 0, 0]], u, steps, dtype=u.dtype), out)


PROGRAMS = (
    rechunk,
    rechunk_by_bands,
    symmetric_sum,
    median_time,
    mask,
    gaussian,
    cumulative_time,
    climatology,
    climatology_anomaly,
)
