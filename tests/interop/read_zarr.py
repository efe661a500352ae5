#!/usr/bin/python3
"""Varve reads what zarr-python writes (format 2): compressors, filters, orders, fill values, groups."""
from cases import DTYPES, main, need, require_same, values

np, zarr, numcodecs = need("numpy", "zarr", "numcodecs")

COMPRESSORS = {
    "none": None,
    "default": "default",
    "zlib": numcodecs.Zlib(5),
    "gzip": numcodecs.GZip(1),
    "zstd": numcodecs.Zstd(3),
    "lz4": numcodecs.LZ4(),
    "blosc lz4 shuffle": numcodecs.Blosc("lz4", 5, numcodecs.Blosc.SHUFFLE),
    "blosc lz4hc bitshuffle": numcodecs.Blosc("lz4hc", 5, numcodecs.Blosc.BITSHUFFLE),
    "blosc zstd": numcodecs.Blosc("zstd", 3, numcodecs.Blosc.SHUFFLE),
    "blosc zlib noshuffle": numcodecs.Blosc("zlib", 1, numcodecs.Blosc.NOSHUFFLE),
    "blosc blosclz": numcodecs.Blosc("blosclz", 9),
}


def written(cases, array, chunks, **options):
    path = cases.path(".zarr")
    z = zarr.open_array(str(path), mode="w", shape=array.shape, dtype=array.dtype, chunks=chunks, **options)
    z[...] = array
    require_same(cases.read(path), z[...])


def partly_written(cases, fill_value):
    path = cases.path(".zarr")
    z = zarr.open_array(str(path), mode="w", shape=(10, 7), dtype="float32", chunks=(4, 3), fill_value=fill_value)
    z[4:8, 3:6] = 5
    expected = z[...]
    if fill_value is None:  # missing chunks have no value; look where there is one
        require_same(cases.read(path)[4:8, 3:6], expected[4:8, 3:6])
    else:
        require_same(cases.read(path), expected)


def in_groups(cases):
    path = cases.path(".zarr")
    root = zarr.open_group(str(path), mode="w")
    x, y = values("int32", (6, 5)), values("float64", (4,))
    root.create_dataset("x", data=x, chunks=(4, 2))
    root.require_group("deep/down").create_dataset("y", data=y)
    require_same(cases.read(f"{path}:x"), x)
    require_same(cases.read(f"{path}:deep/down/y"), y)
    names = {variable["name"] for variable in cases.info(path)["variables"]}
    assert names == {"x", "deep/down/y"}, names
    zarr.consolidate_metadata(str(path))
    require_same(cases.read(f"{path}:deep/down/y"), y)


def register(cases):
    for dtype in DTYPES:
        x = values(dtype, (11, 6, 5))
        cases.check(f"{dtype}", written, cases, x, (4, 6, 2))
        cases.check(f"{dtype} big-endian", written, cases, x.astype(np.dtype(dtype).newbyteorder(">")), (4, 6, 2))
    x = values("float32", (23, 17))
    for name, compressor in COMPRESSORS.items():
        cases.check(f"compressor {name}", lambda c=compressor: written(cases, x, (10, 9), compressor=c))
    cases.check("order F", lambda: written(cases, x, (10, 9), order="F"))
    cases.check("order F, no compressor", lambda: written(cases, x, (10, 9), order="F", compressor=None))
    cases.check("shuffle filter", lambda: written(cases, x, (10, 9), filters=[numcodecs.Shuffle(4)],
                                                  compressor=numcodecs.Zlib(1)))
    cases.check("nested chunks", lambda: written(cases, x, (10, 9), dimension_separator="/"))
    cases.check("chunks beyond the array", written, cases, x, (100, 100))
    cases.check("chunks of one", written, cases, values("int16", (5, 4)), (1, 1))
    cases.check("0-d", lambda: written(cases, np.array(3.5), ()))
    cases.check("empty", lambda: written(cases, np.zeros((0, 4), "int8"), (1, 4)))
    for fill_value in (0, -1.5, np.nan, np.inf, -np.inf, None):
        cases.check(f"fill value {fill_value}", partly_written, cases, fill_value)
    cases.check("groups", in_groups, cases)


main(register)
