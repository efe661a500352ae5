"""What survives NetCDF to Zarr to NetCDF and HDF5, to the last attribute, as today's packages from PyPI see it.

Debian's packages are older than what users have, so the script makes a virtual environment of its own, with pinned
versions, in the folder that `--environment` names, and runs itself there. It is skipped where that cannot be made.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys

SKIPPED = 77
PACKAGES = ["numpy==2.4.6", "xarray==2026.9.0", "netCDF4==1.7.5.1.post1", "h5py==3.16.0", "zarr==3.1.6"]

# What cannot be kept, and is therefore not compared. README.md has the same list in words.
#  - Zarr has no NaN and no infinities in JSON: zarr-python and xarray read the words "NaN", "Infinity", "-Infinity".
#  - Zarr v2 has one NaN: payloads of fill values become it. Zarr keeps none in other attributes.
#  - Zarr has no types of attributes: xarray reads int and float (float64), so that variables packed with float32 factors
#    decode to float64 in it. NetCDF and HDF5 that Varve makes of that Zarr have the types again.
#  - Unlimited dimensions become fixed; dimensions that no variable uses, and variables of text, are left out.
#  - HDF5 has no way to tell NetCDF's texts of one string from lists of one.


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


def environment(folder):
    """Returns the Python of the virtual environment, which it makes unless it is there already."""
    python = folder / "bin" / "python"
    mark = folder / "packages.txt"
    if mark.exists() and mark.read_text().split() == PACKAGES:
        return python
    if sys.version_info[:2] < (3, 11):
        skip(f"Python 3.11 is needed for {', '.join(PACKAGES)}; this is {sys.version.split()[0]}")
    steps = [[sys.executable, "-m", "venv", "--clear", str(folder)],
             [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--prefer-binary", *PACKAGES]]
    for step in steps:
        try:
            done = subprocess.run(step, capture_output=True, text=True, timeout=400)
        except (OSError, subprocess.TimeoutExpired) as error:
            skip(f"no virtual environment: {error}")
        if done.returncode != 0:
            skip(f"no virtual environment: {(done.stderr or done.stdout).strip().splitlines()[-1:]}")
    mark.write_text("\n".join(PACKAGES))
    return python


def run_inside():
    parser = argparse.ArgumentParser()
    parser.add_argument("--varve", required=True)
    parser.add_argument("--environment", help="a folder for the virtual environment")
    options = parser.parse_args()
    if options.environment is None:
        return
    python = environment(pathlib.Path(options.environment))
    os.execv(python, [str(python), "-I", "-B", "-W", "ignore", __file__, "--varve", options.varve])


run_inside()
sys.path.insert(0, str(pathlib.Path(__file__).parent))
import warnings  # noqa: E402

import cases  # noqa: E402

h5py, netCDF4, xarray, zarr, np = cases.need("h5py", "netCDF4", "xarray", "zarr", "numpy")
warnings.simplefilter("ignore")

INTEGERS = ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]
LONG = "a long history; " * 8000  # 128 kB: more than the header of an HDF5 object holds
PAYLOAD4 = np.array([0x7FC00ABC], "u4").view("f4")[0]
PAYLOAD8 = np.array([0x7FF8000000ABCDEF], "u8").view("f8")[0]


def set_attributes(target, long=True):
    """Attributes of all types: scalars, lists, empty, texts, NaN and infinities."""
    for dtype in INTEGERS:
        info = np.iinfo(dtype)
        target.setncattr(f"low_{dtype}", np.array(info.min, dtype)[()])
        target.setncattr(f"list_{dtype}", np.array([info.min, 1, info.max], dtype))
    for dtype in ("f4", "f8"):
        target.setncattr(f"tenth_{dtype}", np.array(0.1, dtype)[()])
        target.setncattr(f"half_{dtype}", np.array(0.5, dtype)[()])
        target.setncattr(f"whole_{dtype}", np.array(850, dtype)[()])
        target.setncattr(f"zero_{dtype}", np.array(-0.0, dtype)[()])
        target.setncattr(f"large_{dtype}", np.array(np.finfo(dtype).max, dtype)[()])
        target.setncattr(f"nan_{dtype}", np.array(np.nan, dtype)[()])
        target.setncattr(f"inf_{dtype}", np.array(np.inf, dtype)[()])
        target.setncattr(f"list_{dtype}", np.array([1.5, np.nan, -np.inf, 0.1], dtype))
    target.text, target.empty, target.snow, target.lines = "a text", "", "größe ☃", "one\ntwo \"three\""
    target.word, target.bits = "NaN", "0x7fc00abc"  # texts that look like numbers
    target.digits = "12"
    target.setncattr_string("texts", ["a", "", "größe"])
    if long:
        target.history = LONG
        target.many = np.arange(9000, dtype="f8")  # 72 kB


def make_netcdf(path):
    with netCDF4.Dataset(path, "w") as file:
        set_attributes(file)
        file.Conventions = "CF-1.12"
        for name, extent in (("time", None), ("x", 4), ("bare", 3), ("lonely", 7)):
            file.createDimension(name, extent)
        time = file.createVariable("time", "f8", ("time",))
        time.units, time[:] = "days since 2000-01-01", [0.0, 1.5]
        plain(file, "attributed", "f4", ("time", "x")).title = "all attributes"
        set_attributes(file["attributed"])
        for dtype in INTEGERS:
            plain(file, f"fill_{dtype}", dtype, ("x",), fill=np.array(np.iinfo(dtype).max - 3, dtype)[()])
            plain(file, f"no_{dtype}", dtype, ("bare",))
        for name, dtype, fill in (("payload", "f4", PAYLOAD4), ("payload", "f8", PAYLOAD8), ("nan", "f4", np.nan), ("nan", "f8", np.nan),
                                  ("inf", "f4", -np.inf), ("large", "f4", 1e20), ("no", "f4", None), ("no", "f8", None)):
            plain(file, f"{name}_{dtype}", dtype, ("x", "bare"), fill=fill)
        plain(file, "scalar", "f4", ())
        for name, factors, fill in PACKED:
            variable = plain(file, name, "i2", ("x",), fill=fill)
            for key, value in factors.items():
                variable.setncattr(key, value)
        flags = plain(file, "flags", "i1", ("x",))
        flags.flag_values, flags.flag_meanings, flags.valid_range = np.array([1, 2, 3], "i1"), "a b c", np.array([0, 3], "i1")
        missing = plain(file, "missing", "f4", ("x",))
        missing.missing_value, missing.valid_max = np.array([np.float32(-9999.9), np.float32(np.nan)], "f4"), np.float32(35.1)
        plain(file, "bytes", "i1", ("x",)).setncattr("_Unsigned", "true")
        plain(file, "truth", "i1", ("x",)).setncattr("dtype", "bool")
        group = file.createGroup("model")
        set_attributes(group, long=False)
        group.createDimension("inner", 2)
        plain(group, "w", "f8", ("inner", "x"))
        inner = group.createGroup("run")  # without variables
        inner.author, inner.number = "somebody", np.int16(7)
        file.createGroup("nothing")
        names = file.createVariable("names", "S1", ("x",))
        names[:] = np.array(list("abcd"), "S1")
    return path


PACKED = [
    ("packed_f4", {"scale_factor": np.float32(0.01), "add_offset": np.float32(273.15)}, -999),
    ("packed_f8", {"scale_factor": 0.5, "add_offset": 1.0}, -999),
    ("packed_bare", {"scale_factor": np.float32(0.1)}, None),
    ("packed_one", {"scale_factor": 1.0}, None),
    ("packed_offset", {"add_offset": np.float32(100)}, -1),
]


def plain(place, name, dtype, dimensions, fill=None):
    """Adds a variable of small numbers; integers hold their fill value once, if they have one."""
    variable = place.createVariable(name, dtype, dimensions, fill_value=fill)
    variable.set_auto_maskandscale(False)
    shape = tuple(2 if d == "time" else len(place.dimensions.get(d) or place.parent.dimensions[d]) for d in dimensions)
    values = (np.arange(int(np.prod(shape, dtype=int))) % 4).reshape(shape).astype(dtype)
    if fill is not None and values.size:
        values.reshape(-1)[-1] = fill
    variable[...] = values
    return variable


def of(value):
    """Makes an attribute or array comparable to the last bit: texts as they are, numbers as dtype, shape and bytes."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and all(isinstance(v, str) for v in value):
        return value
    array = np.asarray(value)
    return (array.dtype.newbyteorder("=").str, array.shape, array.tobytes())


def netcdf_contents(path):
    """All that netCDF4 tells of a file, by path; without variables of text."""
    contents = {}

    def add(place, prefix):
        contents[f"{prefix}/"] = {name: of(place.getncattr(name)) for name in place.ncattrs()}
        for name, variable in place.variables.items():
            if variable.dtype == "S1":
                continue
            variable.set_auto_maskandscale(False)
            attributes = {key: of(variable.getncattr(key)) for key in variable.ncattrs()}
            contents[f"{prefix}/{name}"] = {"dims": variable.dimensions, "values": of(variable[...]), **attributes}
        for name, group in place.groups.items():
            add(group, f"{prefix}/{name}")

    with netCDF4.Dataset(path) as file:
        add(file, "")
    return contents


def require_equal(actual, expected, what, different=()):
    """Compares contents; `different` are pairs of path and name that cannot be kept."""
    problems = [f"{path} is missing" for path in expected.keys() - actual.keys()]
    problems += [f"{path} is new" for path in actual.keys() - expected.keys()]
    for path in expected.keys() & actual.keys():
        left, right = actual[path], expected[path]
        for name in sorted(left.keys() | right.keys()):
            if (path, name) in different or ("*", name) in different:
                continue
            if left.get(name) != right.get(name):
                problems.append(f"{path} {name}: {str(left.get(name))[:90]} instead of {str(right.get(name))[:90]}")
    assert not problems, f"{what}: {len(problems)} differences: " + "; ".join(problems[:8])


# Zarr v2 has one NaN.
LOST_IN_V2 = {("/payload_f4", "_FillValue"), ("/payload_f8", "_FillValue")}


def through(test, *steps):
    """Converts the source step by step; returns the contents of the last file, which is a NetCDF, and of the source."""
    source = make_netcdf(test.path(".nc"))
    place = source
    for ending, options in steps:
        target = test.path(ending)
        test.run("convert", place, target, *options)
        place = target
    return netcdf_contents(place), netcdf_contents(source)


def kept(test, *steps, different=()):
    actual, expected = through(test, *steps)
    require_equal(actual, expected, " to ".join(ending for ending, options in steps), different)


def text_is_named(test):
    source = make_netcdf(test.path(".nc"))
    done = subprocess.run([test.binary, "convert", source, test.path(".zarr")], capture_output=True, text=True)
    assert "names is left out" in done.stderr, done.stderr


def left_out_is_named(test):
    source = test.path(".h5")
    with h5py.File(source, "w") as file:
        file["x"] = np.arange(3)
        file["x"].attrs["turn"], file["x"].attrs["kept"] = 1 + 2j, np.float16(0.1)
        file.create_group("below").attrs["other"] = file["x"].ref
    for ending in (".h5", ".nc", ".zarr"):
        target = test.path(ending)
        done = subprocess.run([test.binary, "convert", source, target], capture_output=True, text=True)
        assert done.returncode == 0 and "turn: compound type" in done.stderr and "below/other: reference" in done.stderr, done.stderr
        back = test.path(".h5")
        test.run("convert", target, back)
        with h5py.File(back) as file:
            assert of(file["x"].attrs["kept"]) == of((np.float32 if ending == ".nc" else np.float16)(np.float16(0.1))), ending
            assert "below" in file and "turn" not in file["x"].attrs


def seen_by_h5py(test):
    source, target = make_netcdf(test.path(".nc")), test.path(".h5")
    test.run("convert", source, target)
    with netCDF4.Dataset(source) as before, h5py.File(target) as after:
        for path, place in (("/", before), ("/attributed", before["attributed"]), ("/model", before["model"])):
            for name in place.ncattrs():
                value, wanted = after[path].attrs[name], place.getncattr(name)
                if isinstance(wanted, (str, list)):
                    assert (value if isinstance(value, str) else list(value)) == wanted, (path, name, value)
                else:
                    assert of(value) == of(wanted), (path, name, value, wanted)
        for name, variable in before.variables.items():
            if "_FillValue" in variable.ncattrs():
                assert of(after[name].fillvalue) == of(variable.getncattr("_FillValue")), name


WORDS = {"NaN": np.nan, "Infinity": np.inf, "-Infinity": -np.inf}


def spelled(value):
    """What Zarr has of an attribute of NetCDF: values of Python, words for what JSON lacks."""
    if isinstance(value, str):
        return value
    if isinstance(value, (list, np.ndarray)):
        return [spelled(v) for v in list(value)]
    value = value.item()
    return next((word for word, number in WORDS.items() if value == number or (value != value and number != number)), value)


def seen_by_zarr(test, version):
    source, target = make_netcdf(test.path(".nc")), test.path(".zarr")
    test.run("convert", source, target, "--zarr-format", version)
    group = zarr.open_group(str(target), mode="r")
    with netCDF4.Dataset(source) as before:
        for there, place in ((group, before), (group["attributed"], before["attributed"]), (group["model"], before["model"])):
            for name in place.ncattrs():
                wanted = spelled(place.getncattr(name))
                value = there.attrs[name]
                assert value == wanted and type(value) is type(wanted), (name, value, wanted)
        assert group["model/run"].attrs["author"] == "somebody" and "nothing" in group
        for name, variable in before.variables.items():
            if "_FillValue" not in variable.ncattrs():
                continue
            fill, wanted = group[name].fill_value, variable.getncattr("_FillValue")
            if "payload" in name and version == "2":
                assert np.isnan(fill), name
            else:
                assert of(np.asarray(fill, variable.dtype)) == of(wanted), (name, fill, wanted)


def seen_by_xarray(test, version):
    source, target, copy = make_netcdf(test.path(".nc")), test.path(".zarr"), test.path(".nc")
    test.run("convert", source, target, "--zarr-format", version)
    before = xarray.open_dataset(source).drop_vars("names")
    after = xarray.open_zarr(target, consolidated=version == "2")
    assert set(after.variables) == set(before.variables), set(after.variables) ^ set(before.variables)
    for name, wanted in before.variables.items():
        value = after[name].variable
        assert value.dims == wanted.dims, (name, value.dims)
        missing = "_FillValue" in value.encoding and "_FillValue" not in wanted.encoding
        assert not missing or version == "2", name  # v2 masks by the fill value of the array, NetCDF's default here
        if not name.startswith("packed") and not missing:  # float32 factors are float64 in JSON
            assert value.dtype == wanted.dtype, (name, value.dtype, wanted.dtype)
        if name != "time":
            assert np.allclose(value.values.astype("f8"), wanted.values.astype("f8"), equal_nan=True), name
        for key, attribute in wanted.attrs.items():
            assert value.attrs[key] == spelled(attribute), (name, key)
        for key in ("scale_factor", "add_offset"):
            assert value.encoding.get(key) == wanted.encoding.get(key), (name, key)
        extra = value.attrs.keys() - wanted.attrs.keys() - {"varve_attribute_dtypes"}
        assert not extra, (name, extra)
    shown = {name: value for name, value in after.attrs.items() if name != "varve_attribute_dtypes"}
    assert shown == {name: spelled(value) for name, value in before.attrs.items()}, shown.keys() ^ before.attrs.keys()
    after.drop_vars("missing").to_netcdf(copy)  # xarray cannot write the word "NaN" as a missing_value again
    again = netCDF4.Dataset(copy)
    assert again["attributed"].text == "a text"


def decoded_dtypes(test):
    """Packed variables decode to the same dtype after every conversion, in Varve as in netCDF4."""
    source = make_netcdf(test.path(".nc"))
    files = [source]
    for ending, options in ((".nc", ()), (".h5", ()), (".zarr", ("--zarr-format", "2")), (".zarr", ("--zarr-format", "3"))):
        files.append(test.path(ending))
        test.run("convert", source, files[-1], *options)
    with netCDF4.Dataset(source) as file:
        for name, factors, fill in PACKED:
            wanted = file[name][:].filled(0).dtype if name != "packed_one" else np.dtype("f8")  # netCDF4 leaves factor 1 out
            for path in files:
                got = test.compute(name, **{name: f"{path}:{name}"})
                assert got.dtype == wanted, (path, name, got.dtype, wanted)
                # packed_bare has no fill value: NetCDF's default masks in netCDF4 and here
                assert np.isnan(got).sum() == (fill is not None), (path, name, got)


def masks_as_xarray(test):
    """What masks and what does not, in Varve as in xarray and netCDF4."""
    source = test.path(".nc")
    with netCDF4.Dataset(source, "w") as file:
        file.createDimension("x", 3)
        for name, missing in (("wider", np.float64(-9999.9)), ("same", np.float32(-9999.9)), ("whole", np.float64(-999))):
            variable = file.createVariable(name, "f4", ("x",))
            variable.set_auto_maskandscale(False)
            variable.missing_value, variable[:] = missing, np.array([missing, 1, 2], "f4")
    with netCDF4.Dataset(source) as file, xarray.open_dataset(source) as data:
        for name in ("wider", "same", "whole"):
            got = test.compute("x", x=f"{source}:{name}")
            cases.require_same(got, data[name].values, name)
            assert np.array_equal(np.isnan(got), np.ma.getmaskarray(file[name][:])), name
    store = test.path(".zarr")
    group = zarr.open_group(str(store), mode="w", zarr_format=2)
    for name, dtype in (("a", "i2"), ("b", "u1"), ("c", "i8"), ("d", "f4"), ("x", "i8")):
        array = group.create_array(name, shape=(3,), chunks=(2,), dtype=dtype, fill_value=0)
        array.attrs["_ARRAY_DIMENSIONS"] = ["x"]
        array[:] = np.arange(3)
    with xarray.open_zarr(store, consolidated=False) as data:
        for name in ("a", "b", "c", "d"):
            cases.require_same(test.compute("x", x=f"{store}:{name}"), data[name].values, name)
    # A coordinate has no missing values (CF), though xarray masks the zero of this one too.
    cases.require_same(test.compute("x", x=f"{store}:x"), np.arange(3), "coordinate")


def nczarr(test):
    """What netCDF-C writes as NCZarr: shuffle with elementsize 0, types of attributes, fill values."""
    target = test.path(".zarr")
    with netCDF4.Dataset(f"file://{target}#mode=nczarr,file", "w") as file:
        file.createDimension("x", 600)
        for dtype in INTEGERS + ["f4", "f8"]:
            variable = file.createVariable(f"v_{dtype}", dtype, ("x",), zlib=True, shuffle=True, chunksizes=(256,))
            variable[:] = np.arange(600).astype(dtype)
        packed = file.createVariable("packed", "i2", ("x",), zlib=True)
        packed.scale_factor = np.float32(0.5)
        packed[:] = np.arange(600) * 0.5
        packed.level, packed.nothing = np.int16(3), np.float32(np.nan)
        file.version = np.float32(1.5)
    for dtype in INTEGERS + ["f4", "f8"]:
        cases.require_same(test.read(f"{target}:v_{dtype}"), np.arange(600).astype(dtype), dtype)
    got = test.compute("packed", packed=f"{target}:packed")
    assert got.dtype == np.float32 and np.array_equal(got, (np.arange(600) * 0.5).astype("f4"))
    out = test.path(".nc")
    test.run("convert", target, out)
    with netCDF4.Dataset(out) as file:
        assert of(file["packed"].level) == of(np.int16(3)) and of(file.version) == of(np.float32(1.5))
        assert isinstance(file["packed"].nothing, np.float32) and np.isnan(file["packed"].nothing)
        assert set(file.ncattrs()) == {"version"}, file.ncattrs()


def netcdf_reads_zarr(test):
    """netCDF-C takes the types from Varve's Zarr v2."""
    source, target = make_netcdf(test.path(".nc")), test.path(".zarr")
    test.run("convert", f"{source}:attributed", target, "--zarr-format", "2")
    with netCDF4.Dataset(source) as before, netCDF4.Dataset(f"file://{target}#mode=zarr,file") as after:
        wanted, got = before["attributed"], after["attributed"]
        for name in wanted.ncattrs():
            if isinstance(wanted.getncattr(name), (str, list)):
                continue
            assert of(got.getncattr(name)) == of(wanted.getncattr(name)), (name, got.getncattr(name))


def register(test):
    v2, v3 = ("--zarr-format", "2"), ("--zarr-format", "3")
    test.check("NetCDF to NetCDF keeps all", kept, test, (".nc", ()))
    test.check("NetCDF to HDF5 to NetCDF keeps all", kept, test, (".h5", ()), (".nc", ()))
    for version, different in ((v2, LOST_IN_V2), (v3, ())):
        def check(name, *steps):
            test.check(f"{name}, Zarr v{version[1]}", lambda: kept(test, *steps, different=different))
        check("NetCDF to Zarr to NetCDF keeps all", (".zarr", version), (".nc", ()))
        check("NetCDF to HDF5 to Zarr to NetCDF keeps all", (".h5", ()), (".zarr", version), (".nc", ()))
        check("NetCDF to Zarr to HDF5 to NetCDF keeps all", (".zarr", version), (".h5", ()), (".nc", ()))
        test.check(f"zarr-python reads all, Zarr v{version[1]}", seen_by_zarr, test, version[1])
        test.check(f"xarray reads all, Zarr v{version[1]}", seen_by_xarray, test, version[1])
    test.check("Zarr v2 to v3 to NetCDF keeps all",
               lambda: kept(test, (".zarr", v2), (".zarr", v3), (".nc", ()), different=LOST_IN_V2))
    test.check("attributes that cannot be kept are named", left_out_is_named, test)
    test.check("h5py reads all", seen_by_h5py, test)
    test.check("packed variables decode to the same dtype everywhere", decoded_dtypes, test)
    test.check("fill values and missing values mask as in xarray", masks_as_xarray, test)
    test.check("variables of text are named as left out", text_is_named, test)
    test.check("netCDF-C's NCZarr is read", nczarr, test)
    test.check("netCDF-C reads the types in Zarr v2", netcdf_reads_zarr, test)


cases.main(register)
