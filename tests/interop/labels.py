"""What outputs of compute say of themselves: coordinates, names and attributes, as xarray would have them."""
import subprocess
import warnings

import cases
import numpy as np

h5py, zarr, netCDF4, xarray = cases.need("h5py", "zarr", "netCDF4", "xarray")
warnings.simplefilter("ignore")

ENDINGS = ((".nc", ()), (".zarr", ("--zarr-format", "2")))
MASK = [True, False, True, True, False, True]


def make_file(path, first_day=0, flipped=False, time_units="days since 2000-01-01"):
    with netCDF4.Dataset(path, "w") as file:
        file.title, file.institution = "a title", "an institute"
        for name, extent in (("time", 6), ("lat", 4), ("lon", 5)):
            file.createDimension(name, extent)
            axis = file.createVariable(name, "f8", (name,))
            axis.units = {"time": time_units, "lat": "degrees_north", "lon": "degrees_east"}[name]
            axis.long_name = f"the {name}"
            axis[:] = np.arange(extent) * 1.5 + {"time": first_day, "lat": 10, "lon": 20}[name]
        if flipped:
            file["lat"][:] = file["lat"][:][::-1].copy()
        t = file.createVariable("t", "f4", ("time", "lat", "lon"), fill_value=np.float32(-99), chunksizes=(2, 4, 5))
        t.units, t.long_name, t.standard_name = "K", "temperature", "air_temperature"
        t.cell_methods, t.coordinates = "time: point", "height"
        t.actual_range = np.float32([0, 36])
        t[:] = np.arange(120).reshape(6, 4, 5) % 37
        p = file.createVariable("p", "i2", ("time", "lat", "lon"), fill_value=-999)
        p.scale_factor, p.add_offset, p.units = 0.5, 100.0, "Pa"
        p[:] = np.ma.masked_equal(np.arange(120).reshape(6, 4, 5) * 0.5 + 100.0, 103.5)
        file.createVariable("m", "i1", ("time",))[:] = MASK
        w = file.createVariable("w", "f4", ("lat",))
        w.units = "1"
        w[:] = np.arange(4)
    return path


def opened(path):
    if str(path).endswith(".zarr"):
        return xarray.open_zarr(path, consolidated=False, decode_times=False)
    return xarray.open_dataset(path, engine="netcdf4", decode_times=False)


def source_of(path):
    return xarray.open_dataset(path, engine="netcdf4", decode_times=False)


def plain(attributes):
    """Returns attributes with lists in place of arrays, which compare as a whole."""
    return {name: np.asarray(value).tolist() for name, value in attributes.items()}


def run(test, *arguments):
    """Returns what goes to stderr of a command that succeeds."""
    done = subprocess.run([test.binary, *map(str, arguments)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, (arguments, done.stderr)
    return done.stderr


SELECTIONS = {
    "t[m > 0]": lambda t: t.isel(time=np.array(MASK)),
    "t[[1, 2, 5]]": lambda t: t.isel(time=[1, 2, 5]),
    "t[[5, 1, 2, 0]]": lambda t: t.isel(time=[5, 1, 2, 0]),
    "take(t, [3, 0], axis=1)": lambda t: t.isel(lat=[3, 0]),
    "concat([t[4:], t[:3]])": lambda t: xarray.concat([t[4:], t[:3]], "time"),
    "concat([t[:, :, 3:], t[:, :, :1]], axis=2)": lambda t: xarray.concat([t[:, :, 3:], t[:, :, :1]], "lon"),
    "t[m > 0][[2, 0]]": lambda t: t.isel(time=np.array(MASK)).isel(time=[2, 0]),
    "t[m > 0, 1:3]": lambda t: t.isel(time=np.array(MASK), lat=slice(1, 3)),
    "t[::2, [0, 3, 1]].T": lambda t: t.isel(time=slice(None, None, 2), lat=[0, 3, 1]).T,
    "isel(t, time=3, lat=slice(1, 3))": lambda t: t.isel(time=3, lat=slice(1, 3)),
    "isel(t, lat=[3, 0], lon=slice(None, None, 2))": lambda t: t.isel(lat=[3, 0], lon=slice(None, None, 2)),
    "isel(t, time=m > 0).isel(lon=-1)": lambda t: t.isel(time=np.array(MASK)).isel(lon=-1),
    "mean(t[m > 0] * 2, axis=2)": lambda t: (t.isel(time=np.array(MASK)) * 2).mean("lon"),
}


def selections(test, expression, ending, options):
    source, out = make_file(test.path(".nc")), test.path(ending)
    assert run(test, "compute", "-i", f"t={source}:t", "-i", f"m={source}:m", expression, "-o", f"{out}:r", *options) == ""
    result, expected = opened(out)["r"], SELECTIONS[expression](source_of(source)["t"])
    assert result.dims == expected.dims, result.dims
    assert np.allclose(result.values, expected.values)
    for name in expected.dims:
        assert np.array_equal(result[name].values, expected[name].values), (name, result[name].values)
        assert result[name].attrs == expected[name].attrs, name


def joined_files(test, ending, options):
    first, second, out = make_file(test.path(".nc")), make_file(test.path(".nc"), 9), test.path(ending)
    assert run(test, "compute", "-i", f"a={first}:t", "-i", f"b={second}:t", "concat([a, b])", "-o", f"{out}:t", *options) == ""
    expected = xarray.concat([source_of(first)["t"], source_of(second)["t"]], "time")
    assert np.array_equal(opened(out)["time"].values, expected["time"].values)
    assert opened(out)["lat"].values.tolist() == expected["lat"].values.tolist()


def joined_files_of_other_units(test):
    """Numbers of other units are not joined."""
    first, second = make_file(test.path(".nc")), make_file(test.path(".nc"), 9, time_units="days since 2000-01-10")
    out = test.path(".nc")
    told = run(test, "compute", "-i", f"a={first}:t", "-i", f"b={second}:t", "concat([a, b])", "-o", f"{out}:t")
    assert "time" in told and "warning" in told, told
    with netCDF4.Dataset(out) as file:
        assert "time" not in file.variables and "lat" in file.variables and file["t"].dimensions == ("time", "lat", "lon")


def axes_that_differ(test):
    source, flipped, later = make_file(test.path(".nc")), make_file(test.path(".nc"), flipped=True), make_file(test.path(".nc"), 3)
    for expression in ("a - b", "mean(a * b)", "where(b > 3, a, 0)"):
        told = run(test, "compute", "-i", f"a={source}:t", "-i", f"b={flipped}:t", expression)
        assert told.count("warning") == 1 and "lat of" in told and ("10 to 14.5, 14.5 to 10" in told or "14.5 to 10, 10 to 14.5" in told), told
        assert run(test, "compute", "-i", f"a={source}:t", "-i", f"b={flipped}:t", expression, "--quiet") == ""
    out = test.path(".nc")
    run(test, "compute", "-i", f"a={source}:t", "-i", f"b={flipped}:t", "a - b", "-o", f"{out}:d")
    with netCDF4.Dataset(out) as file:  # neither latitude is right for both
        assert "lat" not in file.variables and file["d"].dimensions == ("time", "lat", "lon")
        assert np.array_equal(file["lon"][:], np.arange(5) * 1.5 + 20)
    assert "lat" not in run(test, "compute", "-i", f"a={source}:t", "-i", f"b={later}:t", "a - b")
    assert "time of" in run(test, "compute", "-i", f"a={source}:t", "-i", f"b={later}:t", "a - b")
    out = test.path(".nc")
    run(test, "compute", "-i", f"a={source}:t", "-i", f"b={flipped}:t", "a", "b", "-o", f"{out}:a", "-o", f"{out}:b")
    result = opened(out)
    assert np.array_equal(result[result["a"].dims[1]].values, np.arange(4) * 1.5 + 10)
    assert np.array_equal(result[result["b"].dims[1]].values, (np.arange(4) * 1.5 + 10)[::-1])


def axes_that_agree(test):
    source, other, single = make_file(test.path(".nc")), make_file(test.path(".nc")), make_file(test.path(".nc"))
    with netCDF4.Dataset(single, "a") as file:  # the same latitudes in single precision
        file.renameVariable("lat", "old")
        lat = file.createVariable("lat", "f4", ("lat",))
        lat.units = "degrees_north"
        lat[:] = np.arange(4) * 1.5 + 10
    for path in (other, single):
        out = test.path(".nc")
        assert run(test, "compute", "-i", f"a={source}:t", "-i", f"b={path}:t", "a - b", "-o", f"{out}:d") == ""
        assert opened(out)["lat"].values.tolist() == (np.arange(4) * 1.5 + 10).tolist()
    assert run(test, "compute", "-i", f"a={source}:t", "sum(a[1:] - a[:-1])", "sum(a - a[::-1])") == ""


# What is left of units, long_name, standard_name and cell_methods.
ALL, QUANTITY, NOTHING = {"units", "long_name", "standard_name", "cell_methods"}, {"units", "long_name", "standard_name"}, set()
KEPT = {
    "t": ALL, "t[1:3, 0]": ALL, "t[m > 0]": ALL, "max(t, axis=0)": ALL, "sort(t)": ALL, "concat([t, t])": ALL, "t.T": ALL,
    "mean(t, axis=0)": QUANTITY, "median(t, axis=0)": QUANTITY, "t - mean(t, axis=0)": QUANTITY, "std(t, axis=0)": QUANTITY,
    "sum(t, axis=0)": QUANTITY, "where(t > 3, t, 0)": QUANTITY, "gaussian_filter(t, 1)": QUANTITY, "abs(t - t[0])": QUANTITY,
    "t * 2": NOTHING, "t + 1": NOTHING, "t * t": NOTHING, "var(t, axis=0)": NOTHING, "t > 3": NOTHING, "argmax(t, axis=0)": NOTHING,
    "t - w[:, newaxis]": NOTHING, "exp(t)": NOTHING, "count_nonzero(t, axis=0)": NOTHING,
}


def attributes(test, expression, ending, options):
    source, out = make_file(test.path(".nc")), test.path(ending)
    given = [text for name in "tmw" for text in ("-i", f"{name}={source}:{name}")]
    run(test, "compute", *given, expression, "-o", f"{out}:r", *options)
    result = opened(out)
    told = result["r"].attrs
    expected = {name: source_of(source)["t"].attrs[name] for name in KEPT[expression]}
    assert {name: told[name] for name in told if name in ALL | {"coordinates"}} == expected, told
    assert ("actual_range" in told) == (expression in ("t", "sort(t)")), told  # it holds for all elements alone
    assert result.attrs["title"] == "a title" and result.attrs["institution"] == "an institute", result.attrs


def attributes_of_two_files(test):
    first, second, out = make_file(test.path(".nc")), make_file(test.path(".nc")), test.path(".nc")
    with netCDF4.Dataset(second, "a") as file:
        file.title, file["t"].long_name = "another", "another"
    run(test, "compute", "-i", f"a={first}:t", "-i", f"b={second}:t", "a - b", "-o", f"{out}:d")
    result = opened(out)
    assert result["d"].attrs["units"] == "K" and "long_name" not in result["d"].attrs, result["d"].attrs
    assert "title" not in result.attrs and result.attrs["institution"] == "an institute", result.attrs


def raw_elements_stay_packed(test, expression, ending, options):
    source, out = make_file(test.path(".nc")), test.path(ending)
    run(test, "compute", "--raw", "-i", f"p={source}:p", "-i", f"m={source}:m", expression, "-o", f"{out}:p", *options)
    p = source_of(source)["p"]
    expected = {"p[m > 0]": p.isel(time=np.array(MASK)), "p[[4, 1]]": p.isel(time=[4, 1]), "max(p, axis=0)": p.max("time"),
                "concat([p[3:], p[:3]])": xarray.concat([p[3:], p[:3]], "time"), "p[:, 1].T": p[:, 1].T}[expression]
    result = opened(out)["p"]
    assert np.array_equal(result.values, expected.values, equal_nan=True), result
    assert result.attrs["units"] == "Pa" and result.encoding["scale_factor"] == 0.5, (result.attrs, result.encoding)
    assert np.array_equal(test.compute("p", p=f"{out}:p"), expected.values.astype("f4"), equal_nan=True)


def packed_numbers_in_sums_have_no_unit(test):
    source, out = make_file(test.path(".nc")), test.path(".nc")
    run(test, "compute", "--raw", "-i", f"p={source}:p", "mean(p, axis=0)", "-o", f"{out}:p")
    with netCDF4.Dataset(out) as file:
        assert not {"units", "scale_factor", "add_offset"} & set(file["p"].ncattrs()), file["p"].ncattrs()


def files_without_a_name(test):
    source, out, product = make_file(test.path(".nc")), test.path(".nc"), test.path(".nc")
    t = f"t={source}:t"
    run(test, "compute", "-i", t, "t[m > 0].mean(axis=2)".replace("m > 0", "1:5"), "-o", out)
    assert set(opened(out).variables) == {"t", "time", "lat"}
    assert opened(out)["t"].attrs["units"] == "K" and np.array_equal(opened(out)["time"].values, source_of(source)["time"][1:5])
    assert test.compute("x", x=out).shape == (4, 4)  # the only array that is no coordinate
    run(test, "compute", "-i", t, "-i", f"w={source}:w", "t * w[:, newaxis]", "-o", product)
    assert set(opened(product).variables) == {"data", "time", "lat", "lon"}
    bare = test.path(".zarr")
    run(test, "compute", "-i", t, "t[0]", "-o", bare)  # an array at the root of a Zarr has no room for others
    assert test.compute("x", x=bare).shape == (4, 5)


def dimensions_without_values(test):
    source = test.path(".nc")
    with netCDF4.Dataset(source, "w") as file:
        file.createDimension("time", 3)
        file.createDimension("lat", 4)
        file.createVariable("t", "f4", ("time", "lat"))[:] = np.arange(12).reshape(3, 4)
        file.createVariable("time", "f8", ("time",))[:] = [5, 6, 7]
    for expression in ("t", "t[[0, 2]]", "t[:, 1:]"):
        for ending, options in ENDINGS:
            out = test.path(ending)
            assert run(test, "compute", "-i", f"t={source}:t", expression, "-o", f"{out}:t", *options) == ""
            result = opened(out)
            assert result["t"].dims == ("time", "lat") and set(result.variables) == {"t", "time"}, result
    done = subprocess.run([test.binary, "compute", "-i", f"lat={source}:lat", "lat"], capture_output=True, text=True)
    assert done.returncode == 2 and "dimension without values" in done.stderr, done


def unlimited_dimensions(test, compressed):
    source = test.path(".nc")
    with netCDF4.Dataset(source, "w") as file:
        for name, extent in (("time", None), ("x", 3), ("step", None)):
            file.createDimension(name, extent)
        long = file.createVariable("long", "f4", ("time", "x"), zlib=compressed, chunksizes=(100, 3))
        short = file.createVariable("short", "i4", ("time", "x"), fill_value=-7, zlib=compressed, chunksizes=(100, 2))
        both = file.createVariable("both", "f8", ("x", "step", "time"), chunksizes=(2, 2, 5), zlib=compressed)
        time = file.createVariable("time", "f8", ("time",), chunksizes=(64,))
        never = file.createVariable("never", "i2", ("time",), fill_value=5)
        group = file.createGroup("g")
        inner = group.createVariable("inner", "u1", ("time",), chunksizes=(512,))
        long[:] = np.arange(731 * 3).reshape(731, 3)
        short[:390] = np.arange(390 * 3).reshape(390, 3)
        both[:, :3, :7] = np.arange(63).reshape(3, 3, 7)
        time[:10] = np.arange(10)
        inner[:4] = [1, 2, 3, 4]
    with netCDF4.Dataset(source) as file:
        file.set_auto_mask(False)
        expected = {name: file[name][:] for name in ("long", "short", "both", "time", "never", "g/inner")}
    # libnetcdf 4.9.0 reads "both" as if its rows lay one behind the other: what it has of a short last axis comes first
    expected["both"] = np.full((3, 3, 731), netCDF4.default_fillvals["f8"])
    expected["both"][:, :, :7] = np.arange(63).reshape(3, 3, 7)
    assert expected["short"].shape == (731, 3) and expected["time"].shape == (731,) and expected["both"].shape == (3, 3, 731)
    about = {variable["name"]: variable["shape"] for variable in test.info(source)["variables"]}
    for name, values in expected.items():
        assert tuple(about[name]) == values.shape, (name, about)
        cases.require_same(test.read(f"{source}:{name}"), values, name)
        part = test.compute("x[..., 1:400:3]" if name == "both" else "x[1:400:3]", "--raw", x=f"{source}:{name}")
        cases.require_same(part, values[..., 1:400:3] if name == "both" else values[1:400:3], name)
        cases.require_same(test.compute("x", "--raw", "--memory", "1MiB", x=f"{source}:{name}"), values, name)
    copy = test.path(".nc")
    run(test, "convert", source, copy)
    with netCDF4.Dataset(copy) as file:
        file.set_auto_mask(False)
        for name, values in expected.items():
            assert np.array_equal(file[name][:], values), name  # fixed dimensions now


def plain_hdf5_keeps_its_extents(test):
    source = test.path(".h5")
    with h5py.File(source, "w") as file:
        file.create_dataset("time", data=np.arange(5.0), maxshape=(None,), chunks=(4,))
        file["time"].make_scale("time")
        file.create_dataset("t", data=np.arange(3.0), maxshape=(None,), chunks=(4,))
        file["t"].dims[0].attach_scale(file["time"])
    assert test.read(f"{source}:t").shape == (3,)


def variables_of_a_file_that_is_overwritten(test, ending, options):
    source, out = make_file(test.path(".nc")), test.path(ending)
    given = [text for name in "tpmw" for text in ("-i", f"{name}={source}:{name}")]
    run(test, "compute", *given, "t", "t[:, 1:3]", "-o", f"{out}:a", "-o", f"{out}:c", "--codec", "gzip:3", "--chunks", "2,2,2", *options)
    run(test, "compute", *given, "mean(t, axis=0)", "-o", f"{out}:b", "--overwrite")
    before = opened(out).load()
    assert before["c"].dims == ("time", "lat_2", "lon")
    run(test, "compute", *given, "mean(p, axis=0)", "-o", f"{out}:b", "--overwrite")
    after = opened(out)
    assert set(after.variables) == set(before.variables), after
    assert np.array_equal(after["b"].values, source_of(source)["p"].mean("time", skipna=False).values, equal_nan=True)
    assert after["b"].attrs["units"] == "Pa" and after["b"].dims == ("lat", "lon")
    for name in set(before.variables) - {"b"}:
        assert before[name].dims == after[name].dims and np.array_equal(before[name].values, after[name].values), name
        assert plain(before[name].attrs) == plain(after[name].attrs) and before[name].dtype == after[name].dtype, name
    assert after["a"].encoding["chunksizes" if ending == ".nc" else "chunks"] == (2, 2, 2)
    assert after.attrs == before.attrs
    # an axis that differs gets a name of its own, and what is not needed any more goes
    run(test, "compute", *given, "t[:, ::2]", "-o", f"{out}:c", "--overwrite")
    result = opened(out)
    assert result["c"].dims == ("time", "lat_2", "lon") and result["lat_2"].values.tolist() == [10, 13], result
    assert result["a"].dims == ("time", "lat", "lon") and result["lat"].values.tolist() == [10, 11.5, 13, 14.5]
    run(test, "compute", *given, "t + 1", "-o", f"{out}:d", "--overwrite")  # a new one beside them
    assert set(opened(out).variables) == set(result.variables) | {"d"}
    run(test, "compute", *given, "w", "-o", test.path(".nc"), "--overwrite")
    if ending == ".nc":
        run(test, "compute", *given, "w", "-o", out, "--overwrite")  # the file, whole
        assert set(opened(out).variables) == {"w", "lat"}


def converted_variables_keep_the_others(test):
    source, later, out = make_file(test.path(".nc")), make_file(test.path(".nc"), 5), test.path(".nc")
    run(test, "convert", f"{source}:t", out)
    run(test, "convert", f"{source}:p", f"{out}:p", "--overwrite")
    assert {"t", "p"} < set(opened(out).variables)
    assert np.array_equal(opened(out)["t"].values, source_of(source)["t"].values)
    done = subprocess.run([test.binary, "convert", f"{later}:p", f"{out}:p", "--overwrite"], capture_output=True, text=True)
    assert done.returncode == 2 and "time" in done.stderr and "differs" in done.stderr, done
    assert np.array_equal(opened(out)["p"].values, source_of(source)["p"].values, equal_nan=True)


def converted_variables_beside_arrays_without_dimensions(test):
    source = test.path(".nc")
    with netCDF4.Dataset(source, "w") as file:
        file.createDimension("time", 6)
        file.createVariable("time", "f8", ("time",))[:] = np.arange(6)
        file.createVariable("t", "f8", ("time",))[:] = np.arange(6) * 2
    for shift, same in ((0, True), (1, False)):
        out = test.path(".h5")
        with h5py.File(out, "w") as file:
            file["t"], file["time"] = np.zeros(6), np.arange(6.0) + shift
        done = subprocess.run([test.binary, "convert", f"{source}:t", f"{out}:t", "--overwrite"], capture_output=True, text=True)
        assert done.returncode == (0 if same else 2) and ("differs" in done.stderr) != same, done
        with h5py.File(out) as file:
            assert np.array_equal(file["t"][:], np.arange(6) * 2 if same else np.zeros(6))
            assert np.array_equal(file["time"][:], np.arange(6.0) + shift)


def make_groups(path, start=0):
    """Groups a and b with a time of their own, along which only a has a variable."""
    with netCDF4.Dataset(path, "w") as file:
        for name in "ab":
            group = file.createGroup(name)
            group.createDimension("time", 6)
            group.createVariable("time", "f8", ("time",))[:] = np.arange(6) * 1.5 + start
        file["a"].createVariable("t", "f8", ("time",))[:] = np.arange(6)
    return path


def converted_variables_take_their_coordinates_to_another_group(test):
    source, later = make_groups(test.path(".nc")), make_groups(test.path(".nc"), 5)
    for ending in (".nc", ".zarr"):
        for name in ("wind", "far/below/wind", "a/wind"):
            out = test.path(ending)
            run(test, "convert", f"{source}:a/t", f"{out}:{name}")
            group = name.rpartition("/")[0]
            about = {variable["name"] for variable in test.info(out)["variables"]}
            assert about == {name, f"{group}/time".lstrip("/")}, about
            if ending == ".nc":
                result = xarray.open_dataset(out, group=group or None, engine="netcdf4")
                assert result["wind"].dims == ("time",) and result["time"].values.tolist() == (np.arange(6) * 1.5).tolist()
    out = test.path(".nc")
    run(test, "convert", f"{source}:a/t", f"{out}:wind")
    run(test, "convert", f"{source}:a/t", f"{out}:calm", "--overwrite")  # along the same time
    with netCDF4.Dataset(out) as file:
        assert set(file.variables) == {"wind", "calm", "time"} and file["calm"].dimensions == ("time",), file
    done = subprocess.run([test.binary, "convert", f"{later}:a/t", f"{out}:calm", "--overwrite"], capture_output=True, text=True)
    assert done.returncode == 2 and ":time differs" in done.stderr, done


def coordinates_of_other_groups_stay(test):
    out = make_groups(test.path(".nc"))
    run(test, "compute", "arange(3)", "-o", f"{out}:a/t", "--overwrite")
    assert {variable["name"] for variable in test.info(out)["variables"]} == {"a/t", "b/time"}
    with netCDF4.Dataset(out, "a") as file:  # the time of the root belongs to what is in groups without one
        file.createDimension("time", 3)
        file.createVariable("time", "f8", ("time",))[:] = [1, 2, 3]
        for name in ("c", "d"):
            file.createGroup(name).createVariable("t", "f8", ("time",))[:] = [4, 5, 6]
    run(test, "compute", "arange(2)", "-o", f"{out}:c/t", "--overwrite")
    assert "time" in {variable["name"] for variable in test.info(out)["variables"]}
    run(test, "compute", "arange(2)", "-o", f"{out}:d/t", "--overwrite")
    assert {variable["name"] for variable in test.info(out)["variables"]} == {"a/t", "b/time", "c/t", "d/t"}


def the_only_array_beside_a_coordinate_that_is_open(test):
    source = test.path(".nc")
    with netCDF4.Dataset(source, "w") as file:
        file.createDimension("time", 6)
        file.createVariable("time", "f8", ("time",))[:] = np.arange(6)
        file.createVariable("t", "f8", ("time",))[:] = np.arange(6) * 2
    assert np.array_equal(test.compute("time + t", time=f"{source}:time", t=source), np.arange(6.0) * 3)


def variables_that_cannot_be_kept(test):
    source, out = make_file(test.path(".nc")), test.path(".nc")
    run(test, "convert", source, out)
    with netCDF4.Dataset(out, "a") as file:
        file.createVariable("names", str, ("lat",))[:] = np.array(list("abcd"), dtype=object)
    before = out.read_bytes()
    done = subprocess.run([test.binary, "compute", "-i", f"t={source}:t", "t", "-o", f"{out}:t", "--overwrite"],
                          capture_output=True, text=True)
    assert done.returncode == 2 and '"names" cannot be kept' in done.stderr and out.read_bytes() == before, done


def selections_by_name_that_cannot_be(test):
    source = make_file(test.path(".nc"))
    for expression, message in (("isel(t, tim=3)", "no axis of the array is called 'tim'; there are 'time', 'lat', 'lon'"),
                                ("isel(t, 3)", "takes at most 1 arguments"), ("isel(t, time=6)", "out of"),
                                ("isel(t, time=None)", "selects nothing"), ("isel(t, time=slice())", "one to three"),
                                ("isel(t, time=slice(1, 5, 0))", "cannot be 0"), ("isel(time=3)", "'x' is missing")):
        done = subprocess.run([test.binary, "compute", "-i", f"t={source}:t", expression], capture_output=True, text=True)
        assert done.returncode == 2 and message in done.stderr, (expression, done)


def register(test):
    for ending, options in ENDINGS:
        for expression in SELECTIONS:
            test.check(f"{expression}: coordinates are selected in {ending}", selections, test, expression, ending, options)
        for expression in KEPT:
            test.check(f"{expression}: attributes in {ending}", attributes, test, expression, ending, options)
        for expression in ("p[m > 0]", "p[[4, 1]]", "max(p, axis=0)", "concat([p[3:], p[:3]])", "p[:, 1].T"):
            test.check(f"{expression}: stays packed in {ending}", raw_elements_stay_packed, test, expression, ending, options)
        test.check(f"coordinates of files are joined in {ending}", joined_files, test, ending, options)
        test.check(f"overwriting one variable keeps the others of a {ending}", variables_of_a_file_that_is_overwritten, test,
                   ending, options)
    for check in (selections_by_name_that_cannot_be, joined_files_of_other_units, axes_that_differ, axes_that_agree, attributes_of_two_files,
                  packed_numbers_in_sums_have_no_unit, files_without_a_name, dimensions_without_values,
                  plain_hdf5_keeps_its_extents, converted_variables_keep_the_others, variables_that_cannot_be_kept,
                  converted_variables_beside_arrays_without_dimensions, converted_variables_take_their_coordinates_to_another_group,
                  coordinates_of_other_groups_stay, the_only_array_beside_a_coordinate_that_is_open):
        test.check(check.__name__.replace("_", " "), check, test)
    for compressed in (False, True):
        test.check("short variables reach to the end of their unlimited dimension", unlimited_dimensions, test, compressed)


if __name__ == "__main__":
    cases.main(register)
