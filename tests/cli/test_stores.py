"""Reads stores and converts between formats by the varve binary, as a user would.

    test_stores.py VARVE [name of a test ...]

Tests that need zarr, h5py or netCDF4 are skipped where those are missing.
"""

import json
import sys

from command_line import ARRAYS, assert_close, from_json, main, path, refuse, run, succeed

import numpy as np


def make_zarr():
    import zarr

    group = zarr.open_group(path("g.zarr"), "w")
    data = np.arange(30 * 40, dtype="int16").reshape(30, 40)
    packed = group.create_dataset("t", data=data, chunks=(10, 16), fill_value=-9999)
    packed.attrs.update(scale_factor=0.5, add_offset=10.0, units="K", _ARRAY_DIMENSIONS=["lat", "lon"])
    for name, count in (("lat", 30), ("lon", 40)):
        axis = group.create_dataset(name, data=np.arange(count) * 1.5)
        axis.attrs["_ARRAY_DIMENSIONS"] = [name]
    group.create_dataset("other", data=np.ones(5, "float32"))
    group.create_dataset("text", data=np.array(["a", "bc"], dtype="U2"))
    return data


def test_zarr():
    data = make_zarr()
    lines = succeed("compute", "-i", f"t={path('g.zarr')}:t", "t.mean()", "t[0, 1]").splitlines()
    assert np.isclose(float(lines[0]), (data * 0.5 + 10).mean()), lines
    assert float(lines[1]) == 10.5, lines
    assert succeed("compute", "--raw", "-i", f"t={path('g.zarr')}:t", "t[0, 1]") == "1\n"
    refuse(2, "nothing", "compute", "-i", f"t={path('g.zarr')}:nothing", "t")
    about = {v["name"]: v for v in json.loads(succeed("info", path("g.zarr"), "--json"))["variables"]}
    assert about["t"]["chunks"] == [10, 16] and about["t"]["dimension_names"] == ["lat", "lon"], about
    assert about["t"]["attributes"]["units"] == "K", about
    assert "problem" in about["text"], about
    one = succeed("info", path("g.zarr") + ":t")
    assert "chunks" in one and "(10, 16)" in one and "units: K" in one, one
    assert "cannot be opened" in succeed("info", path("g.zarr"))


def test_convert_zarr():
    import zarr

    data = make_zarr()
    succeed("convert", path("g.zarr") + ":t", path("one.zarr") + ":temp", "--zarr-format", "2", "--chunks", "7,9", "--codec",
            "zstd:3")
    copy = zarr.open_group(path("one.zarr"), "r")
    assert sorted(copy.array_keys()) == ["lat", "lon", "temp"], list(copy.array_keys())
    assert np.array_equal(copy["temp"][:], data) and copy["temp"].chunks == (7, 9)
    assert copy["temp"].attrs["scale_factor"] == 0.5 and copy["temp"].attrs["_ARRAY_DIMENSIONS"] == ["lat", "lon"]
    assert copy["temp"].attrs["_FillValue"] == -9999
    assert np.array_equal(copy["lat"][:], np.arange(30) * 1.5)

    done = run("convert", path("g.zarr"), path("all.zarr"), "--zarr-format", "2")
    assert done.returncode == 0 and "text" in done.stderr and "warning" in done.stderr, done
    assert sorted(zarr.open_group(path("all.zarr"), "r").array_keys()) == ["lat", "lon", "other", "t"]

    succeed("convert", path("g.zarr") + ":t", path("t.npy"))
    assert np.array_equal(np.load(path("t.npy")), data * 0.5 + 10)  # npy has no attributes that say how to decode
    refuse(2, "name it", "convert", path("g.zarr"), path("all.npy"), "--quiet")
    refuse(2, "--chunks", "convert", path("g.zarr"), path("never.zarr"), "--chunks", "1,2,3", "--quiet")
    refuse(1, "", "convert", path("g.zarr") + ":t", path("one.zarr"))
    succeed("convert", path("x.npy"), path("x.zarr"))
    assert_close(from_json(succeed("compute", "--json", "-i", "x=" + path("x.zarr"), "x")), ARRAYS["x"], "npy to zarr")


def test_convert_hdf5():
    import h5py

    data = make_zarr()
    run("convert", path("g.zarr"), path("g.h5"), "--quiet")
    with h5py.File(path("g.h5")) as file:
        assert np.array_equal(file["t"][:], data)
        assert file["t"].attrs["scale_factor"] == 0.5
    name = path("g.h5") + ":t"
    lines = succeed("compute", "-i", "t=" + name, "-i", "again=" + name, "t.mean()", "(again - t).max()")
    assert np.isclose(float(lines.splitlines()[0]), (data * 0.5 + 10).mean())


def test_chunks_that_hdf5_lacks_are_not_visited():
    import h5py

    with h5py.File(path("sparse.h5"), "w") as file:
        sparse = file.create_dataset("x", shape=(10**12,), chunks=(1000,), dtype="f4")
        sparse[5] = 3
        sparse[10**11] = 4
    assert float(succeed("compute", "-i", "x=" + path("sparse.h5"), "sum(x)")) == 7


def test_convert_netcdf():
    import netCDF4

    data = make_zarr()
    succeed("convert", path("g.zarr") + ":t", path("t.nc"))
    with netCDF4.Dataset(path("t.nc")) as file:
        variable = file["t"]
        variable.set_auto_maskandscale(False)
        assert variable.dimensions == ("lat", "lon"), variable.dimensions
        assert np.array_equal(variable[:], data)
        assert np.array_equal(file["lon"][:], np.arange(40) * 1.5)
    out = path("anomaly.nc") + ":anomaly"
    succeed("compute", "-i", f"t={path('t.nc')}:t", "t - t.mean()", "-o", out)
    with netCDF4.Dataset(path("anomaly.nc")) as file:
        assert file["anomaly"].dimensions == ("lat", "lon")
        expected = data * 0.5 - (data * 0.5).mean()
        assert np.allclose(file["anomaly"][:], expected, atol=1e-4)
    succeed("compute", "-i", f"t={path('t.nc')}:t", "median(t, axis=0)", "-o", path("middle.nc") + ":t")
    with netCDF4.Dataset(path("middle.nc")) as file:
        assert file["t"].dimensions == ("lon",)
        assert np.array_equal(file["lon"][:], np.arange(40) * 1.5)


if __name__ == "__main__":
    sys.exit(main(globals()))
