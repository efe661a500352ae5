"""Checks a file written by test_hdf5_write.cpp with h5py, netCDF4 and xarray; fails by an exception."""
import sys

import h5py
import netCDF4
import numpy as np
import xarray

path = sys.argv[1]
is_netcdf = path.endswith(".nc")
names = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64"]
if not is_netcdf:
    names += ["float16", "complex64", "complex128"]

with h5py.File(path, "r") as file:
    assert file.attrs["title"] in ("größe", "größe".encode()), file.attrs["title"]
    for name in names:
        values = np.arange(30).reshape(6, 5)
        dtype = np.dtype(name)
        if name == "bool":
            values, dtype = values % 2, np.dtype("int8" if is_netcdf else "bool")
        dataset = file[name]
        assert dataset.dtype == dtype, (name, dataset.dtype)
        assert (dataset[...] == values.astype(dtype)).all(), name
        assert dataset.chunks == (4, 2)
        assert dataset.dims[0][0].name == "/time" and dataset.dims[1][0].name == "/lat"
        assert list(dataset.attrs["levels"]) == [1, 2, 3]
    assert h5py.h5ds.is_scale(file["time"].id)
    assert file["forecast/q"].fillvalue == -1 and (file["forecast/q"][...] == 0).all()

if is_netcdf:
    with netCDF4.Dataset(path) as file:
        assert file.title == "größe"
        assert file.data_model == "NETCDF4"
        assert set(file.dimensions) == {"time", "lat", "level"}, file.dimensions
        assert set(file.variables) == set(names) | {"time"}
        assert file["float64"].dimensions == ("time", "lat") and file["float64"].units == "m"
        assert (file["int32"][...] == np.arange(30).reshape(6, 5)).all()
        q = file["forecast/q"]
        assert q.dimensions == ("time", "level") and q._FillValue == -1 and (q[...] == 0).all()
    with xarray.open_dataset(path) as data:
        assert data["float32"].dims == ("time", "lat")
        assert np.issubdtype(data["time"].dtype, np.datetime64)
        assert (data["float32"].values == np.arange(30).reshape(6, 5)).all()
