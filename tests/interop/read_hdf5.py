#!/usr/bin/python3
"""Varve reads what h5py writes: layouts, filters, byte orders, types, groups."""
from cases import DTYPES, main, need, require_same, values

np, h5py = need("numpy", "h5py")
try:
    import hdf5plugin
except ImportError:
    hdf5plugin = None

FILTERS = {
    "none": {},
    "gzip": {"compression": "gzip", "compression_opts": 1},
    "gzip shuffle": {"compression": "gzip", "shuffle": True},
    "shuffle alone": {"shuffle": True},
    "fletcher32": {"fletcher32": True},
    "gzip shuffle fletcher32": {"compression": "gzip", "shuffle": True, "fletcher32": True},
    "lzf": {"compression": "lzf"},
    "lzf shuffle": {"compression": "lzf", "shuffle": True},
}
if hdf5plugin is not None:
    FILTERS |= {
        "plugin blosc lz4": dict(hdf5plugin.Blosc("lz4", 5, hdf5plugin.Blosc.SHUFFLE)),
        "plugin blosc zstd bitshuffle": dict(hdf5plugin.Blosc("zstd", 3, hdf5plugin.Blosc.BITSHUFFLE)),
        "plugin zstd": dict(hdf5plugin.Zstd()),
        "plugin lz4": dict(hdf5plugin.LZ4()),
    }
    # A build of hdf5plugin may lack some of its filters.
    FILTERS = {name: options for name, options in FILTERS.items()
               if not isinstance(options.get("compression"), int) or h5py.h5z.filter_avail(options["compression"])}


def written(cases, array, **options):
    path = cases.path(".h5")
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=array, **options)
    require_same(cases.read(f"{path}:x"), array)
    require_same(cases.read(path), array)


def compact(cases):
    path = cases.path(".h5")
    x = values("int16", (7, 5))
    with h5py.File(path, "w") as file:
        properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        properties.set_layout(h5py.h5d.COMPACT)
        space = h5py.h5s.create_simple(x.shape)
        dataset = h5py.h5d.create(file.id, b"x", h5py.h5t.NATIVE_INT16, space, properties)
        dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, x)
    require_same(cases.read(path), x)


def never_written(cases):
    path = cases.path(".h5")
    with h5py.File(path, "w") as file:
        x = file.create_dataset("x", (9, 8), "float32", chunks=(4, 4), fillvalue=-2.5)
        x[4:8, 0:4] = 1
        expected = x[...]
        file.create_dataset("y", (5,), "int32")
    require_same(cases.read(f"{path}:x"), expected)
    require_same(cases.read(f"{path}:y"), np.zeros(5, "int32"))


def in_groups(cases):
    path = cases.path(".h5")
    x = values("float64", (4, 6))
    with h5py.File(path, "w") as file:
        file.create_dataset("model/run 1/x", data=x, chunks=(2, 4))
        file.create_dataset("text", data="not a number")
        file["link"] = h5py.SoftLink("/model/run 1/x")
    require_same(cases.read(f"{path}:model/run 1/x"), x)
    require_same(cases.read(f"{path}:link"), x)


def grown(cases):
    path = cases.path(".h5")
    with h5py.File(path, "w") as file:
        x = file.create_dataset("x", (3, 4), "int32", maxshape=(None, None), chunks=(2, 3), compression="gzip")
        x[...] = 1
        x.resize((7, 5))
        x[3:, :] = values("int32", (4, 5))
        expected = x[...]
    require_same(cases.read(path), expected)


def many_chunks(cases, **options):
    path = cases.path(".h5")
    x = values("int16", (300, 200))
    with h5py.File(path, "w", **options) as file:
        file.create_dataset("x", data=x, chunks=(3, 2))
    require_same(cases.read(path), x)


def converted(cases):
    path, out = cases.path(".h5"), cases.path(".npy")
    x = values("float32", (6, 5))
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=x)
        file.create_dataset("y", data=x[:2])
    cases.run("convert", f"{path}:x", out, "--quiet")
    require_same(np.load(out), x)


def register(cases):
    for dtype in DTYPES:
        x = values(dtype, (11, 6, 5))
        cases.check(f"{dtype} contiguous", written, cases, x)
        cases.check(f"{dtype} chunked", lambda a=x: written(cases, a, chunks=(4, 6, 2), compression="gzip"))
        if dtype != "bool" and np.dtype(dtype).itemsize > 1 and np.dtype(dtype).kind != "c":
            big = x.astype(np.dtype(dtype).newbyteorder(">"))
            cases.check(f"{dtype} big-endian", written, cases, big)
            cases.check(f"{dtype} big-endian gzip", lambda a=big: written(cases, a, chunks=(4, 6, 2),
                                                                         compression="gzip", shuffle=True))
    x = values("float32", (53, 37))
    for name, options in FILTERS.items():
        cases.check(f"filter {name}", lambda o=options: written(cases, x, chunks=(20, 17), **o))
    cases.check("chunks of one", lambda: written(cases, values("int8", (4, 5)), chunks=(1, 1)))
    cases.check("0-d", written, cases, np.float64(1.25))
    cases.check("compact", compact, cases)
    cases.check("chunks that were never written", never_written, cases)
    cases.check("groups and links", in_groups, cases)
    cases.check("convert one of two variables", converted, cases)
    cases.check("resized", grown, cases)
    cases.check("30000 chunks", many_chunks, cases)
    cases.check("30000 chunks, latest format", lambda: many_chunks(cases, libver="latest"))


main(register)
