"""What metadata survives: fill values, attributes, dimension names and coordinates, as other implementations see them."""
import base64
import json
import struct
import subprocess
import warnings

import cases
import numpy as np

h5py, zarr, netCDF4, xarray = cases.need("h5py", "zarr", "netCDF4", "xarray")
warnings.simplefilter("ignore")


def make_netcdf(path):
    with netCDF4.Dataset(path, "w") as file:
        file.Conventions, file.title = "CF-1.8", "a title"
        for name, extent in (("time", 6), ("lat", 4), ("lon", 5)):
            file.createDimension(name, extent)
            axis = file.createVariable(name, "f8", (name,))
            axis.units = f"unit of {name}"
            axis[:] = np.arange(extent) * 1.5 + 10
        masked = file.createVariable("q", "f4", ("time", "lat", "lon"), chunksizes=(2, 3, 5))  # no _FillValue
        values = np.ma.masked_array(np.arange(120, dtype="f4").reshape(6, 4, 5))
        values[1, 2, 3] = np.ma.masked
        masked[:] = values
        masked.units = "kg"
        packed = file.createVariable("t", "i2", ("time", "lat", "lon"), fill_value=-999)
        packed.scale_factor, packed.add_offset = 0.5, 100.0
        packed[:] = np.ma.masked_equal(np.arange(120).reshape(6, 4, 5) * 0.5 + 100.0, 103.5)
        below = file.createGroup("model")
        below.author = "somebody"
        below.createVariable("w", "f8", ("lat",))[:] = np.arange(4)
        file.createVariable("flag", "i4", ("lat",))[:] = [1, 2, -2147483647, 4]
    return path


def opened(path):
    if str(path).endswith(".zarr"):
        return xarray.open_zarr(path, consolidated=False)
    return xarray.open_dataset(path, engine="netcdf4")


def default_fill(test, ending, *options):
    source = make_netcdf(test.path(".nc"))
    out = test.path(ending)
    test.run("convert", f"{source}:q", out, *options)
    expected = opened(source)["q"].values
    assert np.isnan(expected[1, 2, 3]) or expected[1, 2, 3] > 9e36  # what xarray makes of the source itself
    wanted = np.arange(120, dtype="f4").reshape(6, 4, 5)
    wanted[1, 2, 3] = np.nan
    # No attribute is invented: xarray sees what it sees in the source, but masks by the fill values of Zarr v2.
    assert np.array_equal(opened(out)["q"].values, wanted if ending == ".zarr" else expected, equal_nan=True)
    again = test.compute("q", q=f"{out}:q")
    assert np.array_equal(again, wanted, equal_nan=True)


def default_fill_of_datasets(test):
    source = make_netcdf(test.path(".nc"))
    fill = np.float32(netCDF4.default_fillvals["f4"])
    out = test.path(".h5")
    test.run("convert", f"{source}:q", out)
    with h5py.File(out) as file:
        assert file["q"].fillvalue == fill and "_FillValue" not in file["q"].attrs
    out = test.path(".zarr")
    test.run("convert", f"{source}:q", out, "--zarr-format", "2")
    assert zarr.open(str(out), "r")["q"].fill_value == fill
    out = test.path(".zarr")
    test.run("convert", f"{source}:q", out)
    about = json.loads((out / "q/zarr.json").read_text())
    assert np.float32(about["fill_value"]) == fill, about
    out = test.path(".npy")
    test.run("convert", f"{source}:q", out)
    assert np.isnan(np.load(out)[1, 2, 3])


def fill_of_zarr_3(test):
    source = make_netcdf(test.path(".nc"))
    out, back = test.path(".zarr"), test.path(".nc")
    test.run("convert", f"{source}:q", out)
    about = json.loads((out / "q/zarr.json").read_text())
    assert "_FillValue" not in about["attributes"] and np.float32(about["fill_value"]) == np.float32(netCDF4.default_fillvals["f4"])
    test.run("convert", f"{out}:q", back)
    with netCDF4.Dataset(back) as file:
        assert "_FillValue" not in file["q"].ncattrs() and file["q"][1, 2, 3] is np.ma.masked
    with netCDF4.Dataset(source, "a") as file:
        file.createVariable("own", "f4", ("lon",), fill_value=-5)[:] = np.ma.masked_less(np.arange(5), 1)
    out, back = test.path(".zarr"), test.path(".nc")
    test.run("convert", f"{source}:own", out)
    text = json.loads((out / "own/zarr.json").read_text())["attributes"]["_FillValue"]  # as xarray keeps it there
    assert struct.unpack("<d", base64.b64decode(text, validate=True))[0] == -5
    test.run("convert", f"{out}:own", back)
    with netCDF4.Dataset(back) as file:
        assert file["own"]._FillValue == np.float32(-5)
    assert np.isnan(opened(back)["own"].values[0])


def plain_integers_stay(test):
    source = make_netcdf(test.path(".nc"))
    for ending, options in ((".nc", ()), (".zarr", ("--zarr-format", "2"))):
        out = test.path(ending)
        test.run("convert", f"{source}:flag", out, *options)
        assert opened(out)["flag"].dtype == np.dtype("int32")
        assert opened(out)["flag"].values.tolist() == [1, 2, -2147483647, 4]


def zero_fill_is_no_mask(test):
    source = test.path(".h5")
    with h5py.File(source, "w") as file:
        file.create_dataset("x", data=np.arange(4.0), fillvalue=0.0)
        file["lat"] = np.arange(4)
        file["lat"].make_scale("lat")
        file["x"].dims[0].attach_scale(file["lat"])
    for ending, options in ((".nc", ()), (".zarr", ("--zarr-format", "2"))):
        out = test.path(ending)
        test.run("convert", source, out, *options)
        assert opened(out)["x"].values.tolist() == [0, 1, 2, 3]


def attributes(test, ending, *options):
    source = make_netcdf(test.path(".nc"))
    whole, one = test.path(ending), test.path(ending)
    test.run("convert", source, whole, *options)
    test.run("convert", f"{source}:q", one, *options)
    for out in (whole, one):
        attrs = opened(out).attrs
        assert attrs["Conventions"] == "CF-1.8" and attrs["title"] == "a title", attrs
        assert opened(out)["q"].attrs["units"] == "kg"
        assert opened(out)["time"].attrs["units"] == "unit of time"
    if ending == ".zarr":
        group = xarray.open_zarr(whole, group="model", consolidated=False)
    else:
        group = xarray.open_dataset(whole, group="model")
    assert group.attrs["author"] == "somebody"


def packed_to_npy(test):
    source = make_netcdf(test.path(".nc"))
    expected = opened(source)["t"].values
    out = test.path(".npy")
    test.run("convert", f"{source}:t", out)
    assert np.array_equal(np.load(out), expected, equal_nan=True) and np.isnan(expected).sum() == 1
    out = test.path(".nc")
    test.run("convert", f"{source}:t", out, "--decode")
    with netCDF4.Dataset(out) as file:
        assert file["t"].dtype.kind == "f" and "scale_factor" not in file["t"].ncattrs()
    assert np.array_equal(opened(out)["t"].values, expected, equal_nan=True)


NAMED = {
    "q.mean(axis=0)": ("lat", "lon"), "q.T": ("lon", "lat", "time"), "q[::2, 1]": ("time", "lon"),
    "flip(q, axis=1) + 1": ("time", "lat", "lon"), "q - q.mean(axis=0)": ("time", "lat", "lon"),
    "q[1:4] * 2": ("time", "lat", "lon"), "q.sum(axis=(1, 2))": ("time",), "q[[3, 0], 0]": ("time", "lon"),
    "q[::-2]": ("time", "lat", "lon"),
}
XARRAY = {
    "q.mean(axis=0)": lambda q: q.mean("time", skipna=False), "q.T": lambda q: q.T, "q[::2, 1]": lambda q: q[::2, 1],
    "flip(q, axis=1) + 1": lambda q: q[:, ::-1] + 1, "q[1:4] * 2": lambda q: q[1:4] * 2, "q[::-2]": lambda q: q[::-2],
    "q.sum(axis=(1, 2))": lambda q: q.sum(("lat", "lon"), skipna=False),
}


def names_and_coordinates(test, expression, ending, *options):
    source = make_netcdf(test.path(".nc"))
    out = test.path(ending)
    test.run("compute", "-i", f"q={source}:q", expression, "-o", f"{out}:r", "--quiet", *options)
    result = opened(out)["r"]
    assert result.dims == NAMED[expression], result.dims
    if expression in XARRAY:
        expected = XARRAY[expression](opened(source)["q"].where(lambda q: q < 9e36))
        for name in expected.dims:
            assert np.array_equal(result[name].values, expected[name].values), name
            assert result[name].attrs["units"] == f"unit of {name}"
        assert np.allclose(result.values, expected.values, equal_nan=True)


def raw_keeps_packing(test):
    source = make_netcdf(test.path(".nc"))
    out = test.path(".nc")
    test.run("compute", "--raw", "-i", f"t={source}:t", "t[2:, :, ::2]", "-o", f"{out}:t")
    assert np.array_equal(opened(out)["t"].values, opened(source)["t"].values[2:, :, ::2], equal_nan=True)
    assert opened(out)["t"].dims == ("time", "lat", "lon")


def axes_that_differ_in_one_file(test):
    source = make_netcdf(test.path(".nc"))
    for ending in (".nc", ".zarr"):
        out = test.path(ending)
        test.run("compute", "-i", f"q={source}:q", "q[:-1]", "q[1:]", "q[::2]", "-o", f"{out}:a", "-o", f"{out}:b", "-o", f"{out}:c",
                 *(("--zarr-format", "2") if ending == ".zarr" else ()))
        data = opened(out)
        full = opened(source)["time"].values
        for name, part in (("a", full[:-1]), ("b", full[1:]), ("c", full[::2])):
            assert np.array_equal(data[data[name].dims[0]].values, part), name
            assert data[name].dims[1:] == ("lat", "lon")


def scalars(test):
    for options in (("--zarr-format", "2"), ()):
        out = test.path(".zarr")
        test.run("compute", "arange(5).sum()", "-o", f"{out}:s", *options)
        if options:
            assert int(opened(out)["s"]) == 10
        else:
            assert json.loads((out / "s/zarr.json").read_text())["dimension_names"] == []


def bools(test):
    out = test.path(".nc")
    test.run("compute", "arange(4) > 1", "-o", f"{out}:b")
    assert opened(out)["b"].dtype == bool and opened(out)["b"].values.tolist() == [False, False, True, True]


def chunks_and_version_stay(test):
    source = make_netcdf(test.path(".nc"))
    first, second, other = test.path(".zarr"), test.path(".zarr"), test.path(".zarr")
    test.run("convert", source, first, "--zarr-format", "2")
    test.run("convert", first, second)
    assert zarr.open(str(second), "r")["q"].chunks == (2, 3, 5)
    test.run("convert", first, other, "--zarr-format", "3")
    assert json.loads((other / "q/zarr.json").read_text())["chunk_grid"]["configuration"]["chunk_shape"] == [2, 3, 5]


def refusals(test):
    source = make_netcdf(test.path(".nc"))
    q = f"q={source}:q"
    group = test.path(".zarr")
    test.run("compute", "-i", q, "q", "-o", f"{group}:x")

    def refused(status, part, *words, env=None):
        done = subprocess.run([test.binary, *map(str, words)], capture_output=True, text=True, env=env)
        assert done.returncode == status and part in done.stderr, (words, done.returncode, done.stderr)

    refused(2, "ending", "compute", "-i", q, "q", "-o", test.path(".foo"))
    refused(2, "codec", "compute", "-i", q, "q", "-o", test.path(".zarr"), "--codec", "foo")
    refused(2, "lz4", "compute", "-i", q, "q", "-o", test.path(".zarr"), "--codec", "lz4")
    refused(2, "without a name", "compute", "-i", q, "q", "-o", f"{test.path('.npy')}:foo")
    refused(2, "several arrays", "compute", "-i", f"q={source}", "q", "-o", test.path(".npy"))
    refused(2, "nothing", "compute", "-i", f"q={source}:nothing", "q")
    test.run("compute", "-i", f"q={group}", "q[0, 0, 0]")  # the only array that is no coordinate
    refused(2, "nothing", "convert", f"{source}:nothing", test.path(".npy"))
    refused(2, "step", "compute", "arange(0,10,0)")
    refused(2, "VARVE_MEMORY", "compute", "1 + 1", env={"VARVE_MEMORY": "foo"})
    refused(2, "VARVE_THREADS", "compute", "1 + 1", env={"VARVE_THREADS": "8x"})
    refused(2, "--zarr-format", "convert", f"{source}:q", test.path(".nc"), "--zarr-format", "2")
    refused(2, "--codec", "convert", f"{source}:q", test.path(".npy"), "--codec", "zstd")
    refused(2, "--chunks", "convert", f"{source}:q", test.path(".npy"), "--chunks", "1,1,1")
    refused(1, "--overwrite", "compute", "-i", q, "q", "-o", f"{group}:x")
    refused(2, "is an input", "compute", "-i", f"x={group}:x", "x + 1", "-o", f"{group}/../{group.name}:y", "--overwrite")
    refused(1, "report /no/such", "compute", "1 + 1", "--report", "/no/such/folder/r.json")
    refused(1, "trace /no/such", "compute", "1 + 1", "--trace", "/no/such/folder/t.json")
    both = test.path(".zarr")
    test.run("compute", "-i", q, "q", "q + 1", "-o", f"{both}:a", "-o", f"{both.parent}/./{both.name}:b")
    assert (both / "b").is_dir()


def descriptions(test):
    source = make_netcdf(test.path(".nc"))
    out = test.path(".zarr")
    test.run("convert", source, out)
    about = {v["name"]: v for v in test.info(out)["variables"]}
    stored = sum(p.stat().st_size for p in (out / "q" / "c").rglob("*") if p.is_file())
    assert about["q"]["stored_bytes"] == stored
    text = test.run("info", f"{source}:t")
    assert "float64, NaN where stored as -999" in text, text  # the dtype of its factors


def register(test):
    for ending, options in ((".nc", ()), (".zarr", ("--zarr-format", "2"))):
        test.check(f"a default fill value masks after conversion to {ending}", default_fill, test, ending, *options)
        test.check(f"attributes of the file and of groups survive in {ending}", attributes, test, ending, *options)
        for expression in NAMED:
            test.check(f"{expression}: names and coordinates in {ending}", names_and_coordinates, test, expression, ending,
                       *options)
    test.check("a default fill value is that of the dataset", default_fill_of_datasets, test)
    test.check("a fill value goes through Zarr v3", fill_of_zarr_3, test)
    test.check("plain integers are not masked", plain_integers_stay, test)
    test.check("a fill value of zero does not mask", zero_fill_is_no_mask, test)
    test.check("npy holds decoded values", packed_to_npy, test)
    test.check("stored numbers keep their packing", raw_keeps_packing, test)
    test.check("axes that differ get names of their own", axes_that_differ_in_one_file, test)
    test.check("scalars name their axes", scalars, test)
    test.check("xarray reads bools", bools, test)
    test.check("convert keeps chunks and Zarr version", chunks_and_version_stay, test)
    test.check("bad usage exits with 2", refusals, test)
    test.check("info tells stored bytes and decoding", descriptions, test)


cases.main(register)
