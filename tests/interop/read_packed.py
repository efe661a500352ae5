#!/usr/bin/python3
"""Varve decodes packed variables as xarray and netCDF4-python do (CF conventions)."""
from cases import main, need, require_same

np, netCDF4, xarray = need("numpy", "netCDF4", "xarray")

STORED = {
    "i1": np.array([-127, -1, 0, 1, 5, 127, -128, 100], "i1"),
    "i2": np.array([-32767, -1, 0, 1, 5, 32767, -32768, 1000], "i2"),
    "i4": np.array([-(2**31) + 1, -1, 0, 1, 5, 2**31 - 1, 16777217, 1000], "i4"),
    "u1": np.array([0, 1, 5, 127, 128, 254, 255, 100], "u1"),
    "f4": np.array([0, 1.5, -2.25, 1e10, -999, 9.5, np.nan, 3], "f4"),
    "f8": np.array([0, 1.5, -2.25, 1e100, -999, 9.5, np.nan, 3], "f8"),
}

# Stored type, attributes, and the dtype that the decoded variable must have.
PACKED = {
    "scale": ("i2", {"scale_factor": 0.01}, "float64"),
    "scale that float32 holds": ("i2", {"scale_factor": 0.5}, "float64"),
    "scale of one": ("i2", {"scale_factor": 1.0}, "float64"),
    "scale in float32": ("i2", {"scale_factor": np.float32(0.01)}, "float32"),
    "scale and offset in float32": ("i2", {"scale_factor": np.float32(0.01), "add_offset": np.float32(273.15)}, "float32"),
    "offset": ("i2", {"add_offset": 273.15}, "float64"),
    "offset in float32": ("i2", {"add_offset": np.float32(16)}, "float32"),
    "scale and offset of two types": ("i2", {"scale_factor": np.float32(0.25), "add_offset": 16.0}, "float64"),
    "bytes": ("i1", {"scale_factor": 0.125}, "float64"),
    "wide integers": ("i4", {"scale_factor": 0.5}, "float64"),
    "wide integers in float32": ("i4", {"scale_factor": np.float32(0.5)}, "float64"),
    "floats": ("f4", {"scale_factor": 0.1}, "float64"),
    "fill": ("i2", {"scale_factor": np.float32(0.5), "_FillValue": np.int16(-32767)}, "float32"),
    "fill and missing": ("i2", {"scale_factor": 0.5, "_FillValue": np.int16(-32767), "missing_value": np.int16(-32767)},
                         "float64"),
    "float fill": ("f4", {"_FillValue": np.float32(-999)}, "float32"),
    "double missing": ("f8", {"missing_value": -999.0}, "float64"),
    "NaN fill": ("f4", {"_FillValue": np.float32(np.nan)}, "float32"),
}

# xarray leaves valid ranges to netCDF4-python.
RANGES = {
    "valid_range": ("i2", {"scale_factor": 0.5, "valid_range": np.array([-100, 1000], "i2")}),
    "valid_min": ("i2", {"scale_factor": 0.5, "valid_min": np.int16(0)}),
    "valid_max of floats": ("f4", {"valid_max": np.float32(9)}),
    "list of missing values": ("i2", {"scale_factor": 2.0, "missing_value": np.array([1, 5], "i2")}),
}


BYTES = np.array([-128, -1, 0, 1, 100, 127], "i1")
UNSIGNED = [128.0, 255, 0, 1, 100, 127]
NAN = float("nan")

# Where readers differ (io/README.md has the table): xarray 2026.9, netCDF4-python 1.7.5. Expected values by hand.
CONTESTED = {
    # netCDF4-python and xarray multiply in int8: [0, -2, 0, 2, -56, -2].
    "scale of a byte": (BYTES, {"scale_factor": np.int8(2)}, [-256, -2, 0, 2, 200, 254]),
    # netCDF4-python adds in int8: -28, -56 and -29 at the ends.
    "offset of a byte": (BYTES, {"add_offset": np.int8(100)}, [-28, 99, 100, 101, 200, 227]),
    "unsigned": (BYTES, {"_Unsigned": "true"}, UNSIGNED),
    # xarray knows only "true".
    "unsigned in capitals": (BYTES, {"_Unsigned": "True"}, UNSIGNED),
    "not unsigned": (BYTES, {"_Unsigned": "false"}, [-128, -1, 0, 1, 100, 127]),
    # netCDF4-python leaves them unsigned.
    "unsigned bytes that are not": (BYTES.view("u1"), {"_Unsigned": "false"}, [-128, -1, 0, 1, 100, 127]),
    "unsigned with a fill": (BYTES, {"_Unsigned": "true", "_FillValue": np.int8(-1)}, [128, NAN, 0, 1, 100, 127]),
    # xarray looks for -1 among the unsigned numbers.
    "unsigned with a missing value of its type": (
        BYTES, {"_Unsigned": "true", "missing_value": np.int8(-1)}, [128, NAN, 0, 1, 100, 127]),
    # netCDF4-python looks for 255 among the signed ones.
    "unsigned with a missing value beyond its type": (
        BYTES, {"_Unsigned": "true", "missing_value": np.int16(255)}, [128, NAN, 0, 1, 100, 127]),
    # -56 is 200. netCDF4-python fails, xarray leaves valid ranges alone.
    "unsigned with a valid range": (
        BYTES, {"_Unsigned": "true", "valid_range": np.array([0, -56], "i1")}, [128, NAN, 0, 1, 100, 127]),
    # netCDF4-python takes the signed numbers, none of which is above 200.
    "unsigned with a maximum beyond its type": (
        BYTES, {"_Unsigned": "true", "valid_max": np.int16(200)}, [128, NAN, 0, 1, 100, 127]),
    "unsigned and scaled": (BYTES, {"_Unsigned": "true", "scale_factor": 0.5}, [64, 127.5, 0, 0.5, 50, 63.5]),
    # NetCDF fills no bytes by default; netCDF4-python masks 255 all the same.
    "255 in packed unsigned bytes": (BYTES.view("u1"), {"scale_factor": 0.5}, [64, 127.5, 0, 0.5, 50, 63.5]),
}

# What NetCDF leaves where nothing was written. netCDF4-python and Varve take it for missing in packed variables,
# xarray does not; files that are compared with xarray do not hold it.
DEFAULT_FILL = {stored: netCDF4.default_fillvals[stored] for stored in STORED}


def write(path, stored, attributes, values=None):
    attributes = dict(attributes)
    with netCDF4.Dataset(path, "w") as file:
        file.createDimension("n", 8)
        variable = file.createVariable("x", stored, ("n",), fill_value=attributes.pop("_FillValue", None))
        variable.set_auto_maskandscale(False)
        variable.setncatts(attributes)
        variable[:] = STORED[stored] if values is None else values


def require_close(actual, expected):
    """Decoded numbers agree to the last places of the coarser of the two dtypes, and NaN stands in the same places."""
    coarse = np.float32 in (actual.dtype, expected.dtype)
    np.testing.assert_allclose(actual, expected, rtol=1e-6 if coarse else 1e-15, atol=0)


def like_xarray(cases, stored, attributes, dtype):
    path = cases.path(".nc")
    values = STORED[stored]
    if "_FillValue" not in attributes:
        values = np.where(values == DEFAULT_FILL[stored], values + 1, values).astype(stored)
    write(path, stored, attributes, values)
    actual = cases.compute("x", x=f"{path}:x")
    assert actual.dtype == dtype, f"dtype {actual.dtype}, expected {dtype}"
    with xarray.open_dataset(path, mask_and_scale=True) as data:
        require_close(actual, data["x"].values)
    raw = cases.compute("x", "--raw", x=f"{path}:x")
    require_same(raw, values)


def like_netcdf4(cases, stored, attributes):
    path = cases.path(".nc")
    write(path, stored, attributes)
    with netCDF4.Dataset(path) as file:
        expected = np.ma.filled(file["x"][:].astype("float64"), np.nan)
    require_close(cases.compute("x", x=f"{path}:x").astype("float64"), expected)


def as_documented(cases, stored, attributes, expected):
    path = cases.path(".nc")
    attributes = dict(attributes)
    with netCDF4.Dataset(path, "w") as file:
        file.createDimension("n", stored.size)
        variable = file.createVariable("x", stored.dtype, ("n",), fill_value=attributes.pop("_FillValue", None))
        variable.set_auto_maskandscale(False)
        variable.setncatts(attributes)
        variable[:] = stored
    actual = cases.compute("x", x=f"{path}:x")
    np.testing.assert_array_equal(actual.astype("float64"), expected)
    if actual.dtype.kind in "iu":  # not packed, nothing missing
        assert actual.dtype == (np.uint8 if min(expected) >= 0 else np.int8), actual.dtype
    require_same(cases.compute("x", "--raw", x=f"{path}:x"), stored)


def in_zarr(cases):
    path = cases.path(".zarr")
    data = xarray.Dataset({"x": ("n", np.array([1.5, np.nan, -3.25, 100]))})
    data.to_zarr(path, encoding={"x": {"dtype": "int16", "scale_factor": 0.25, "_FillValue": -9999}})
    require_close(cases.compute("x", x=f"{path}:x"), data["x"].values)
    require_same(cases.compute("x", "--raw", x=f"{path}:x"), np.array([6, -9999, -13, 400], "int16"))


def reduced(cases):
    path = cases.path(".nc")
    write(path, *PACKED["fill"][:2])
    with xarray.open_dataset(path) as data:
        expected = data["x"].mean(skipna=True).values
    actual = cases.compute("nanmean(x)", x=f"{path}:x")
    np.testing.assert_allclose(actual, expected, rtol=1e-6)


def register(cases):
    for name, (stored, attributes, dtype) in PACKED.items():
        cases.check(name, like_xarray, cases, stored, attributes, dtype)
    for name, (stored, attributes) in RANGES.items():
        cases.check(name, like_netcdf4, cases, stored, attributes)
    for name, (stored, attributes, expected) in CONTESTED.items():
        cases.check(name, as_documented, cases, stored, attributes, expected)
    cases.check("nanmean of a packed variable", reduced, cases)
    try:
        import zarr  # noqa: F401
    except ImportError:
        return
    cases.check("packed by xarray in Zarr", in_zarr, cases)


main(register)
