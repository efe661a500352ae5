#!/usr/bin/python3
"""Varve reads what netCDF4-python and xarray write: dimensions, groups, unlimited axes, attributes, consolidated Zarr."""
from cases import main, need, require_same, values

np, netCDF4, xarray = need("numpy", "netCDF4", "xarray")

TYPES = ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f4", "f8"]


def variable_of(info, name):
    return next(v for v in info["variables"] if v["name"] == name)


def each_type(cases):
    path = cases.path(".nc")
    with netCDF4.Dataset(path, "w") as file:
        file.createDimension("time", None)
        file.createDimension("lat", 5)
        file.createDimension("lon", 7)
        for name in TYPES:
            variable = file.createVariable(name, name, ("time", "lat", "lon"), zlib=True, chunksizes=(2, 5, 3))
            variable.set_auto_maskandscale(False)
            variable[:] = values(name, (6, 5, 7))
            variable.units = "m s-1"
            variable.level = np.int32(3)
    for name in TYPES:
        require_same(cases.read(f"{path}:{name}"), values(name, (6, 5, 7)), name)
    variable = variable_of(cases.info(path), "f4")
    assert variable["dimension_names"] == ["time", "lat", "lon"], variable
    assert variable["attributes"]["units"] == "m s-1", variable
    assert variable["attributes"]["level"] == 3, variable


def options(cases, **kinds):
    path = cases.path(".nc")
    x = values("float32", (40, 30))
    with netCDF4.Dataset(path, "w", format=kinds.pop("format", "NETCDF4")) as file:
        file.createDimension("a", 40)
        file.createDimension("b", 30)
        variable = file.createVariable("x", "f4", ("a", "b"), **kinds)
        variable.set_auto_maskandscale(False)
        variable[:] = x
    require_same(cases.read(f"{path}:x"), x)


def groups(cases):
    path = cases.path(".nc")
    x = values("float64", (4, 3))
    with netCDF4.Dataset(path, "w") as file:
        file.createDimension("row", 4)
        group = file.createGroup("forecast/model")
        group.createDimension("column", 3)
        group.createVariable("q", "f8", ("row", "column"))[:] = x
    require_same(cases.read(f"{path}:forecast/model/q"), x)
    assert variable_of(cases.info(path), "forecast/model/q")["dimension_names"] == ["row", "column"]


def dataset():
    x = xarray.DataArray(values("float32", (4, 5, 6)), dims=("time", "lat", "lon"),
                         coords={"lat": np.linspace(-60, 60, 5), "lon": np.arange(6) * 60.0, "time": np.arange(4)},
                         attrs={"units": "K", "long_name": "temperature"})
    return xarray.Dataset({"t": x, "mask": (("lat", "lon"), values("int16", (5, 6)))}, attrs={"title": "test"})


def from_xarray(cases, ending, write):
    path = cases.path(ending)
    expected = dataset()
    write(expected, path)
    for name in ("t", "mask", "lat", "lon", "time"):
        require_same(cases.read(f"{path}:{name}"), expected[name].values, name)
    info = cases.info(path)
    variable = variable_of(info, "t")
    assert variable["dimension_names"] == ["time", "lat", "lon"], variable
    assert variable["attributes"]["units"] == "K", variable
    assert info["attributes"]["title"] == "test", info["attributes"]


def register(cases):
    cases.check("each type", each_type, cases)
    cases.check("contiguous", lambda: options(cases, contiguous=True))
    cases.check("zlib", lambda: options(cases, zlib=True, complevel=1))
    cases.check("zlib shuffle fletcher32", lambda: options(cases, zlib=True, shuffle=True, fletcher32=True))
    cases.check("big-endian", lambda: options(cases, endian="big", zlib=True))
    cases.check("classic model", lambda: options(cases, format="NETCDF4_CLASSIC", zlib=True))
    cases.check("groups", groups, cases)
    cases.check("xarray to_netcdf", from_xarray, cases, ".nc", lambda data, path: data.to_netcdf(path))
    cases.check("xarray to_netcdf, compressed", from_xarray, cases, ".nc",
                lambda data, path: data.to_netcdf(path, encoding={"t": {"zlib": True, "chunksizes": (2, 3, 6)}}))
    try:
        import zarr  # noqa: F401
    except ImportError:
        return
    cases.check("xarray to_zarr, consolidated", from_xarray, cases, ".zarr",
                lambda data, path: data.to_zarr(path, consolidated=True))
    cases.check("xarray to_zarr, chunks", from_xarray, cases, ".zarr",
                lambda data, path: data.to_zarr(path, encoding={"t": {"chunks": (2, 3, 4)}}, consolidated=False))


main(register)
