"""What a run writes never harms what it reads, its other results, or the report about it."""
import hashlib
import json
import os
import pathlib
import shutil
import subprocess

import cases
import numpy as np

h5py, zarr = cases.need("h5py", "zarr")


def checksum(path):
    """Names, link targets and bytes of all that lies at a path."""
    digest = hashlib.sha256()
    for folder, folders, files in os.walk(path) if path.is_dir() else [(path.parent, [], [path.name])]:
        folders.sort()
        for name in sorted(files):
            digest.update(name.encode() + (pathlib.Path(folder) / name).read_bytes())
    return digest.hexdigest()


def refused(test, kept, message, *arguments, status=2):
    """The command ends with an error, and nothing of `kept` has changed."""
    before = {path: checksum(path) for path in kept}
    names = sorted(os.listdir(test.folder))
    done = subprocess.run([test.binary, *map(str, arguments)], capture_output=True, text=True, timeout=120)
    assert done.returncode == status, (arguments, done.returncode, done.stdout, done.stderr)
    assert message in done.stderr and done.stderr.startswith("varve: error: "), done.stderr
    assert "compute" not in arguments or done.stdout == "", done.stdout
    assert sorted(os.listdir(test.folder)) == names, set(os.listdir(test.folder)) ^ set(names)
    for path, sum_before in before.items():
        assert checksum(path) == sum_before, path


def folder_of(test):
    folder = test.path("")
    folder.mkdir()
    return folder


def make_group(path):
    group = zarr.open_group(str(path), mode="w")
    group.create_dataset("sub", data=np.arange(12.0).reshape(3, 4), chunks=(2, 2))
    return path


def make_hdf5(path, values=np.arange(6.0)):
    with h5py.File(path, "w") as file:
        file["x"] = values
    return path


def store_around_the_input(test):
    folder = folder_of(test)
    group = make_group(folder / "g.zarr")
    refused(test, [group], "contains", "compute", "-i", f"x={group}/sub", "x + 1", "-o", group, "--overwrite")
    refused(test, [group], "is an input", "compute", "-i", f"x={group}:sub", "x + 1", "-o", group, "--overwrite")
    refused(test, [group], "lies inside", "compute", "-i", f"x={group}:sub", "x + 1", "-o", group / "new.zarr")
    refused(test, [group], "contains", "convert", f"{group}/sub", group, "--overwrite")
    os.symlink(group, folder / "link.zarr")
    refused(test, [group], "contains", "compute", "-i", f"x={group}/sub", "x", "-o", folder / "link.zarr", "--overwrite")
    refused(test, [group], "contains", "compute", "-i", f"x={folder}/link.zarr/sub", "x", "-o", group, "--overwrite")


def inputs_that_only_choose(test):
    folder = folder_of(test)
    mask = folder / "m.npy"
    np.save(mask, np.array([1, 0, 1, 0, 0, 1]))
    refused(test, [mask], "is an input", "compute", "-i", f"m={mask}", "arange(6)[m > 0]", "-o", mask, "--overwrite")
    refused(test, [mask], "is an input", "compute", "-i", f"m={mask}", "1 + 1", "-o", mask, "--overwrite")


def links_inside_a_store(test):
    folder = folder_of(test)
    source, data = folder / "s.zarr", make_group(folder / "data.zarr")
    make_group(source)
    shutil.rmtree(source / "sub")
    os.symlink(data / "sub", source / "sub")
    refused(test, [data], "contains", "compute", "-i", f"x={source}:sub", "x", "-o", data, "--overwrite")
    chunky = make_group(folder / "c.zarr")
    chunk = next(path for path in (chunky / "sub").rglob("*") if path.is_file() and path.name[0].isdigit())
    target = folder / "t.zarr" / chunk.name
    make_group(folder / "t.zarr")
    shutil.move(chunk, target)
    os.symlink(target, chunk)
    refused(test, [target], "contains", "compute", "-i", f"x={chunky}:sub", "x", "-o", folder / "t.zarr", "--overwrite")


def external_links_and_virtual_sources(test):
    folder = folder_of(test)
    far = make_hdf5(folder / "far.h5")
    middle, near, virtual, nested = (folder / name for name in ("middle.h5", "near.h5", "virtual.h5", "nested.h5"))
    with h5py.File(middle, "w") as file:
        file["x"] = h5py.ExternalLink("far.h5", "/x")
    with h5py.File(near, "w") as file:
        file["x"] = h5py.ExternalLink("middle.h5", "/x")
    layout = h5py.VirtualLayout(shape=(2, 6), dtype="f8")
    layout[0] = h5py.VirtualSource("far.h5", "x", shape=(6,))
    layout[1] = h5py.VirtualSource("near.h5", "x", shape=(6,))
    with h5py.File(virtual, "w") as file:
        file.create_virtual_dataset("v", layout)
    layout = h5py.VirtualLayout(shape=(2, 6), dtype="f8")
    layout[:] = h5py.VirtualSource("virtual.h5", "v", shape=(2, 6))
    with h5py.File(nested, "w") as file:
        file.create_virtual_dataset("v", layout)
    kept = [far, middle, near, virtual, nested]
    for source in (f"{near}:x", f"{virtual}:v", f"{nested}:v"):
        for out in (far, middle, near):
            refused(test, kept, "is an input", "compute", "-i", f"x={source}", "x * 2", "-o", f"{out}:y", "--overwrite")
    refused(test, kept, "is an input", "convert", nested, virtual, "--overwrite")
    refused(test, kept, "report", "compute", "-i", f"x={virtual}:v", "x.sum()", "--report", far)


def raw_files_and_families(test):
    folder = folder_of(test)
    raw = folder / "raw.npy"
    np.save(raw, np.arange(6.0))
    outer = folder / "outer.h5"
    with h5py.File(outer, "w") as file:
        file.create_dataset("x", (6,), "f8", external=[("raw.npy", 128, 48)])
    refused(test, [raw, outer], "is an input", "compute", "-i", f"x={outer}:x", "x + 1", "-o", raw, "--overwrite")
    part = make_hdf5(folder / "part0.h5", np.arange(4.0))
    make_hdf5(folder / "part1.h5", np.arange(4.0))
    space = h5py.h5s.create_simple((2, 4), (h5py.h5s.UNLIMITED, 4))
    space.select_hyperslab((0, 0), (h5py.h5s.UNLIMITED, 1), (1, 1), (1, 4))
    family = folder / "family.h5"
    with h5py.File(family, "w") as file:
        creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        creation.set_virtual(space, b"part%b.h5", b"x", h5py.h5s.create_simple((4,)))
        h5py.h5d.create(file.id, b"v", h5py.h5t.IEEE_F64LE, space, creation)
    refused(test, [part, family], "is an input", "compute", "-i", f"x={family}:v", "x + 1", "-o", f"{part}:x", "--overwrite")


def families_where_the_environment_says(test):
    folder = folder_of(test)
    (folder / "parts").mkdir()
    part = make_hdf5(folder / "parts" / "part0.h5", np.arange(4.0))
    make_hdf5(folder / "parts" / "part1.h5", np.arange(4.0) + 4)
    space = h5py.h5s.create_simple((2, 4), (h5py.h5s.UNLIMITED, 4))
    space.select_hyperslab((0, 0), (h5py.h5s.UNLIMITED, 1), (1, 1), (1, 4))
    for number, name in enumerate((b"part%b.h5", b"/no such folder/part%b.h5")):
        family = folder / f"family{number}.h5"
        with h5py.File(family, "w") as file:
            creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
            creation.set_virtual(space, name, b"x", h5py.h5s.create_simple((4,)))
            h5py.h5d.create(file.id, b"v", h5py.h5t.IEEE_F64LE, space, creation)
        os.environ["HDF5_VDS_PREFIX"] = f"{folder}/no such folder:{folder}/parts"
        try:
            assert test.run("compute", "-i", f"x={family}:v", "sum(x)") == "28.0\n"
            refused(test, [part, family], "is an input", "compute", "-i", f"x={family}:v", "x + 1", "-o", f"{part}:x", "--overwrite")
        finally:
            del os.environ["HDF5_VDS_PREFIX"]


def raw_files_where_the_environment_says(test):
    folder = folder_of(test)
    (folder / "raw").mkdir()
    raw, outer = folder / "raw" / "raw.npy", folder / "outer.h5"
    np.save(raw, np.arange(6.0))
    with h5py.File(outer, "w") as file:
        file.create_dataset("x", (6,), "f8", external=[("raw.npy", 128, 48)])
    for prefix in ("${ORIGIN}/raw", f"{folder}/raw"):
        os.environ["HDF5_EXTFILE_PREFIX"] = prefix
        try:
            assert test.run("compute", "-i", f"x={outer}:x", "sum(x)") == "15.0\n"
            refused(test, [raw, outer], "is an input", "compute", "-i", f"x={outer}:x", "x + 1", "-o", raw, "--overwrite")
        finally:
            del os.environ["HDF5_EXTFILE_PREFIX"]


def files_by_other_names(test):
    folder = folder_of(test)
    source, other, link = make_hdf5(folder / "a.h5"), folder / "b.h5", folder / "c.h5"
    os.link(source, other)
    os.symlink(source, link)
    for out in (other, link, folder / "." / "x" / ".." / "a.h5"):
        refused(test, [source], "is an input", "compute", "-i", f"x={source}:x", "x + 1", "-o", f"{out}:y", "--overwrite")
        refused(test, [source], "report", "compute", "-i", f"x={source}:x", "sum(x)", "--report", out)
        refused(test, [source], "trace", "compute", "-i", f"x={source}:x", "sum(x)", "--trace", out)


def reports_upon_results(test):
    folder = folder_of(test)
    source = make_hdf5(folder / "a.h5")
    store, result = folder / "out.zarr", folder / "out.npy"
    x = f"x={source}:x"
    for option in ("--report", "--trace"):
        refused(test, [source], "another file", "compute", "-i", x, "x + 1", "-o", result, option, result)
        refused(test, [source], "another file", "compute", "-i", x, "x + 1", "-o", store, option, store / "r.json")
        refused(test, [source], "another file", "convert", f"{source}:x", result, option, result)
        assert not store.exists() and not result.exists()
    refused(test, [], "another file", "compute", "1 + 1", "--report", folder / "r.json", "--trace", folder / "r.json")
    refused(test, [], "lies inside", "compute", "-i", x, "x", "x + 1", "-o", store, "-o", store / "inner.zarr")
    test.run("compute", "-i", x, "x + 1", "-o", result)
    refused(test, [result], "another kind", "compute", "-i", x, "sum(x)", "--report", result)
    partial = folder / ".late.npy.varve-partial"
    np.save(folder / "p.npy", np.arange(6))
    os.rename(folder / "p.npy", partial)
    refused(test, [partial], "until it is whole", "compute", "-i", f"x={partial}", "x + 1", "-o", folder / "late.npy")


def reports_that_cannot_be_written(test):
    folder = folder_of(test)
    out = folder / "out.npy"
    for option in ("--report", "--trace"):
        done = subprocess.run([test.binary, "compute", "arange(3)", "arange(4)", "-o", out, option, "/dev/full", "--overwrite"],
                              capture_output=True, text=True)
        assert done.returncode == 1 and done.stdout == "[0 1 2 3]\n", done
        assert done.stderr.startswith("varve: error: the results are complete") and "/dev/full" in done.stderr, done
        assert np.load(out).tolist() == [0, 1, 2]
    refused(test, [], "cannot be written there", "compute", "1 + 1", "--report", folder, status=1)
    refused(test, [], "cannot be written there", "compute", "1 + 1", "--report", folder / "no" / "r.json", status=1)


def reports_that_can(test):
    report = test.path(".json")
    for _ in range(2):  # a report replaces an older one
        test.run("compute", "1 + 1", "--report", report, "--trace", "/dev/null")
        assert "wall_seconds" in json.loads(report.read_text())
    done = subprocess.run([test.binary, "compute", "1 + 1", "--report", "/dev/stdout", "--trace", "/dev/stdout"],
                          capture_output=True, text=True)
    assert done.returncode == 0 and "wall_seconds" in done.stdout, done


def siblings_are_allowed(test):
    folder = folder_of(test)
    group = make_group(folder / "g.zarr")
    test.run("compute", "-i", f"x={group}/sub", "x + 1", "-o", folder / "g2.zarr", "--report", folder / "g.json")
    test.run("compute", "-i", f"x={group}/sub", "x + 2", "-o", folder / "g2.zarr", "--overwrite", "--report", folder / "g.json")
    assert np.array_equal(test.compute("x", x=folder / "g2.zarr"), np.arange(12.0).reshape(3, 4) + 2)


def register(test):
    for check in (store_around_the_input, inputs_that_only_choose, links_inside_a_store, external_links_and_virtual_sources,
                  raw_files_and_families, families_where_the_environment_says,
                  raw_files_where_the_environment_says, files_by_other_names, reports_upon_results, reports_that_cannot_be_written,
                  reports_that_can, siblings_are_allowed):
        test.check(check.__name__, check, test)


cases.main(register)
