#!/usr/bin/python3
"""Varve reads virtual datasets from their sources, with the values that h5py reads."""
import itertools
import resource
import subprocess

from cases import DTYPES, main, need, require_same, values

np, h5py = need("numpy", "h5py")


def source(folder, name, array, dataset="x", **options):
    with h5py.File(folder / name, "a") as file:
        file.create_dataset(dataset, data=array, **options)


def virtual(path, shape, dtype, mappings, fill=None, mode="w"):
    """Writes a virtual dataset "v" of mappings (file, dataset, shape of the source, box there, box here): boxes are
    pairs (start, count), None for all."""
    creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    if fill is not None:
        creation.set_fill_value(np.array(fill, dtype))
    for file, dataset, extent, there, here in mappings:
        spaces = []
        for whole, box in ((shape, here), (extent, there)):
            spaces.append(h5py.h5s.create_simple(whole))
            if box is not None:
                spaces[-1].select_hyperslab(*box)
        creation.set_virtual(spaces[0], str(file).encode(), dataset.encode(), spaces[1])
    with h5py.File(path, mode, libver="latest") as file:
        h5py.h5d.create(file.id, b"v", h5py.h5t.py_create(np.dtype(dtype), logical=True), h5py.h5s.create_simple(shape), creation)
    return path


def stored(path, name="v"):
    with h5py.File(path) as file:
        return file[name][...]


def folder_of(cases):
    folder = cases.path("")
    folder.mkdir()
    return folder


def same_as_h5py(cases, path):
    expected = stored(path)
    require_same(cases.read(f"{path}:v", "--memory", "8MiB"), expected, str(path))
    return expected


LAYOUTS = {
    "contiguous": {},
    "uncompressed chunks": {"chunks": (3, 5)},
    "compressed chunks": {"chunks": (3, 5), "compression": "gzip", "shuffle": True},
    "chunks that the library decodes": {"chunks": (3, 5), "scaleoffset": 0},
}


def stacked(cases, dtype, order, layout):
    """Files along a new axis."""
    folder = folder_of(cases)
    kind = np.dtype(dtype).newbyteorder(order)
    for i in range(3):
        source(folder, f"{i}.h5", values(dtype, (7, 11), i).astype(kind), **layout)
    mappings = [(f"{i}.h5", "x", (7, 11), None, ((i, 0, 0), (1, 7, 11))) for i in range(3)]
    found = same_as_h5py(cases, virtual(folder / "v.h5", (3, 7, 11), kind, mappings))
    require_same(found[1].astype(dtype), values(dtype, (7, 11), 1))


def joined(cases, axis, layout):
    """Files along an axis that they have, of different extents, and a part of each."""
    folder = folder_of(cases)
    mappings, at = [], 0
    for i, extent in enumerate((9, 5, 17)):
        shape = (extent, 12) if axis == 0 else (12, extent)
        source(folder, f"{i}.h5", values("int32", shape, i), **layout)
        start, count = [1, 2], [shape[0] - 1, shape[1] - 3]
        here = [0, 0]
        here[axis] = at
        at += count[axis]
        mappings.append((f"{i}.h5", "x", shape, (tuple(start), tuple(count)), (tuple(here), tuple(count))))
    shape = (at, 9) if axis == 0 else (11, at)
    same_as_h5py(cases, virtual(folder / "v.h5", shape, "int32", mappings, -7))


def ranks_that_differ(cases):
    folder = folder_of(cases)
    source(folder, "a.h5", values("float64", (4, 6)), chunks=(2, 3), compression="gzip")
    source(folder, "b.h5", values("float64", (6,)))
    source(folder, "c.h5", np.float64(3.5))
    source(folder, "d.h5", values("float64", (1, 4, 1, 6)), chunks=(1, 3, 1, 4), compression="gzip")
    mappings = [("a.h5", "x", (4, 6), ((2, 0), (1, 6)), ((0, 0, 3), (1, 6, 1))),
                ("b.h5", "x", (6,), None, ((1, 0, 3), (1, 6, 1))),
                ("d.h5", "x", (1, 4, 1, 6), ((0, 0, 0, 1), (1, 4, 1, 5)), ((0, 2, 4), (4, 1, 5))),
                ("c.h5", "x", (), None, ((5, 5, 0), (1, 1, 1)))]
    same_as_h5py(cases, virtual(folder / "v.h5", (6, 6, 9), "float64", mappings, 0.25))


def missing_and_unmapped(cases):
    folder = folder_of(cases)
    source(folder, "a.h5", values("float32", (5, 4)), chunks=(2, 4), compression="gzip")
    mappings = [("no.h5", "x", (5, 4), None, ((0, 0), (5, 4))), ("a.h5", "x", (5, 4), None, ((7, 0), (5, 4))),
                ("a.h5", "other", (5, 4), None, ((12, 0), (5, 4))), ("no.h5", "x", (2, 2), ((0, 0), (2, 2)), ((7, 5), (2, 2)))]
    for fill in (None, np.nan, 8):
        same_as_h5py(cases, virtual(folder / "v.h5", (20, 8), "float32", mappings, fill))
    same_as_h5py(cases, virtual(folder / "v.h5", (20, 8), "float32", mappings[:1], 1))
    same_as_h5py(cases, virtual(folder / "v.h5", (3, 3), "float32", [], 1))


def overlapping(cases):
    folder = folder_of(cases)
    shapes = {"a.h5": (6, 6), "b.h5": (4, 4), "c.h5": (12, 12)}
    for name, shape in shapes.items():
        source(folder, name, values("int64", shape, len(name)), chunks=(3, 2), compression="gzip")
    boxes = {"a.h5": (1, 1), "b.h5": (4, 3), "c.h5": (0, 0), "no.h5": (2, 2)}
    for order in itertools.permutations(boxes):
        mappings = [(name, "x", shapes.get(name, (5, 5)), None, (boxes[name], shapes.get(name, (5, 5)))) for name in order]
        same_as_h5py(cases, virtual(folder / "v.h5", (12, 12), "int64", mappings, -1))


def short_sources(cases):
    """What a source lacks of its selection has the fill value: libhdf5 gives an error, or what memory holds."""
    folder = folder_of(cases)
    for name, options in LAYOUTS.items():
        source(folder, f"{name}.h5", values("int32", (5, 8)), **options)
        path = virtual(folder / "v.h5", (9, 9), "int32", [(f"{name}.h5", "x", (8, 9), ((2, 0), (6, 9)), ((1, 0), (6, 9)))], 77)
        expected = np.full((9, 9), 77, "int32")
        expected[1:4, :8] = values("int32", (5, 8))[2:]
        require_same(cases.read(f"{path}:v"), expected, name)


def sources_of_other_shapes(cases):
    folder = folder_of(cases)
    source(folder, "a.h5", values("int32", (5, 8)))
    for there in (None, ((0,), (5,))):
        path = virtual(folder / "v.h5", (9,), "int32", [("a.h5", "x", (5,), there, ((0,), (5,)))])
        done = subprocess.run([cases.binary, "compute", "-i", f"x={path}:v", "x.sum()"], capture_output=True, text=True)
        assert done.returncode == 1 and "a.h5:x: has" in done.stderr, done
        assert cases.info(path)["variables"][0]["shape"] == [9]


def other_dtypes(cases):
    folder = folder_of(cases)
    for number, (there, here) in enumerate([("float32", "float64"), ("float64", "float32"), ("float64", "int16"), ("int64", "uint8"),
                                            ("uint16", "int16"), (">i4", "<i8"), ("int8", "float16"), (">f8", "<f8")]):
        for kind, options in LAYOUTS.items():
            if "library" in kind and np.dtype(there).kind == "f":
                continue
            name = f"{number} {kind}.h5"
            array = np.linspace(-300.75, 70000, 77).reshape(7, 11).astype(there)
            source(folder, name, array, **options)
            mappings = [(name, "x", (7, 11), ((1, 1), (5, 9)), ((2, 0), (5, 9)))]
            same_as_h5py(cases, virtual(folder / "v.h5", (8, 10), here, mappings, 3))


def bools_and_enumerations(cases):
    folder = folder_of(cases)
    source(folder, "a.h5", values("bool", (7, 11)), chunks=(3, 4), compression="gzip")
    same_as_h5py(cases, virtual(folder / "v.h5", (7, 11), "bool", [("a.h5", "x", (7, 11), None, ((0, 0), (7, 11)))]))
    for name, names in (("b.h5", {"red": 1, "blue": 2}), ("c.h5", {"blue": 1, "red": 2})):
        source(folder, name, np.array([1, 2, 1], "int32"), dtype=h5py.enum_dtype(names, basetype="int32"))
    mappings = [(name, "x", (3,), None, ((at,), (3,))) for name, at in (("b.h5", 0), ("c.h5", 3))]
    path = virtual(folder / "w.h5", (6,), h5py.enum_dtype({"red": 1, "blue": 2}, basetype="int32"), mappings)
    require_same(cases.read(f"{path}:v"), np.array([1, 2, 1, 2, 1, 2], "int32"))


def places(cases):
    """Sources are found beside the virtual dataset, in its own file, and where only the end of an old path is true."""
    folder = folder_of(cases)
    (folder / "below").mkdir()
    source(folder, "a.h5", values("int32", (6,), 1))
    source(folder / "below", "b.h5", values("int32", (6,), 2))
    path = folder / "v.h5"
    source(folder, "v.h5", values("int32", (6,), 3), "group/own")
    mappings = [(name, dataset, (6,), None, ((i, 0), (1, 6))) for i, (name, dataset) in enumerate(
        [("a.h5", "x"), ("below/b.h5", "/x"), (".", "group/own"), ("/no such folder/a.h5", "x"), (folder / "below/b.h5", "x"),
         ("v.h5", "group/own")])]
    same_as_h5py(cases, virtual(path, (6, 6), "int32", mappings, mode="a"))
    with h5py.File(folder / "link.h5", "w") as file:
        file["v"] = h5py.ExternalLink("v.h5", "/v")
    same_as_h5py(cases, folder / "link.h5")


def nested(cases):
    folder = folder_of(cases)
    for i in range(4):
        source(folder, f"{i}.h5", values("float32", (6, 5), i), chunks=(4, 5), compression="gzip")
    for i in range(2):
        virtual(folder / f"v{i}.h5", (13, 5), "float32", [(f"{2 * i + j}.h5", "x", (6, 5), None, ((6 * j, 0), (6, 5))) for j in range(2)], i)
    path = virtual(folder / "w.h5", (2, 15, 5), "float32", [(f"v{i}.h5", "v", (13, 5), None, ((i, 1, 0), (1, 13, 5))) for i in range(2)], 9)
    same_as_h5py(cases, path)
    for i in range(20):  # deeper than is followed
        path = virtual(folder / f"d{i}.h5", (2, 15, 5), "float32", [(path.name, "v", (2, 15, 5), None, ((0, 0, 0), (2, 15, 5)))], i)
    same_as_h5py(cases, path)


def circles(cases):
    folder = folder_of(cases)
    whole = ((8,), None, ((0,), (8,)))
    virtual(folder / "own.h5", (8,), "float64", [(".", "v", *whole)])
    for i in range(3):
        virtual(folder / f"c{i}.h5", (8,), "float64", [(f"c{(i + 1) % 3}.h5", "v", *whole)])
    virtual(folder / "to.h5", (8,), "float64", [("c0.h5", "v", *whole)])
    for name in ("own.h5", "c1.h5", "to.h5"):
        done = subprocess.run([cases.binary, "compute", "-i", f"x={folder / name}:v", "x.sum()"], capture_output=True, text=True)
        assert done.returncode == 1 and "leads back to itself" in done.stderr, done


def what_is_not_plain(cases):
    """Stays with libhdf5: steps, several blocks, other orders of rows, families of files."""
    folder = folder_of(cases)
    source(folder, "a.h5", values("int32", (12,)))
    source(folder, "b.h5", values("int32", (3, 4)))
    for i in range(3):
        source(folder, f"part{i}.h5", values("int32", (4,), i))

    def written(space, name, there):
        path = cases.path(".h5")
        path = folder / path.name
        with h5py.File(path, "w", libver="latest") as file:
            creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
            creation.set_virtual(space, name, b"x", there)
            extent = [4 * 3 if n == h5py.h5s.UNLIMITED else n for n in space.shape]
            h5py.h5d.create(file.id, b"v", h5py.h5t.NATIVE_INT32, h5py.h5s.create_simple(tuple(extent)), creation)
        same_as_h5py(cases, path)

    steps = h5py.h5s.create_simple((12,))
    steps.select_hyperslab((0,), (6,), (2,), (1,))
    half = h5py.h5s.create_simple((12,))
    half.select_hyperslab((3,), (6,))
    written(steps, b"a.h5", half)
    written(half, b"a.h5", steps)
    blocks = h5py.h5s.create_simple((12,))
    blocks.select_hyperslab((0,), (3,), (4,), (4,))  # blocks that touch: one block
    written(blocks, b"a.h5", h5py.h5s.create_simple((12,)))
    written(h5py.h5s.create_simple((12,)), b"b.h5", h5py.h5s.create_simple((3, 4)))
    family = h5py.h5s.create_simple((3, 4), (h5py.h5s.UNLIMITED, 4))
    family.select_hyperslab((0, 0), (h5py.h5s.UNLIMITED, 1), (1, 1), (1, 4))
    written(family, b"part%b.h5", h5py.h5s.create_simple((4,)))


def damaged_sources(cases):
    """A source that exists and cannot be read is an error, where libhdf5 gives fill values without a word."""
    folder = folder_of(cases)
    (folder / "a.h5").write_bytes(b"not HDF5")
    path = virtual(folder / "v.h5", (6,), "int32", [("a.h5", "x", (6,), None, ((0,), (6,)))])
    done = subprocess.run([cases.binary, "compute", "-i", f"x={path}:v", "x.sum()"], capture_output=True, text=True)
    assert done.returncode == 1 and str(folder / "a.h5") in done.stderr, done


def many_files(cases):
    """More files than may be open."""
    folder = folder_of(cases)
    count = 1500
    for i in range(count):
        source(folder, f"{i}.h5", np.full((2, 50), i, "int32"), chunks=(1, 50), compression="gzip")
    layout = h5py.VirtualLayout((count, 2, 50), "int32")
    for i in range(count):
        layout[i] = h5py.VirtualSource(f"{i}.h5", "x", (2, 50))
    with h5py.File(folder / "v.h5", "w", libver="latest") as file:
        file.create_virtual_dataset("v", layout, fillvalue=-1)
    few = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))  # noqa: E731
    done = subprocess.run([cases.binary, "compute", "-i", f"x={folder}/v.h5:v", "x[:, 1, 7].sum()", "x.max(axis=0).min()", "--memory", "64MiB"],
                          capture_output=True, text=True, preexec_fn=few)
    assert done.returncode == 0, done.stderr
    assert [float(line) for line in done.stdout.split()] == [count * (count - 1) / 2, count - 1], done.stdout


def register(cases):
    for dtype, order in itertools.product(DTYPES, "<>"):
        for name in ("contiguous", "compressed chunks"):
            cases.check(f"stacked {dtype} {order} {name}", stacked, cases, dtype, order, LAYOUTS[name])
    for (name, layout), axis in itertools.product(LAYOUTS.items(), (0, 1)):
        cases.check(f"joined along {axis}: {name}", joined, cases, axis, layout)
    for check in (ranks_that_differ, missing_and_unmapped, overlapping, short_sources, sources_of_other_shapes, other_dtypes,
                  bools_and_enumerations, places, nested, circles, what_is_not_plain, damaged_sources, many_files):
        cases.check(check.__name__, check, cases)


main(register)
