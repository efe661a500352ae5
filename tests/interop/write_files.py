#!/usr/bin/python3
"""What Varve writes is read by zarr-python, h5py, netCDF4-python and NumPy: every dtype, each codec, names, attributes."""
import zarr3
from cases import DTYPES, main, need, require_same, values

np, zarr, h5py, netCDF4, xarray = need("numpy", "zarr", "h5py", "netCDF4", "xarray")

ZARR_CODECS = ["none", "gzip:1", "zstd:3", "blosc:lz4:5", "blosc:zstd:3", "blosc:zlib:1", "blosc:blosclz:9",
               "blosc:lz4hc:5:noshuffle", ""]
HDF5_CODECS = ["none", "gzip:1", "gzip:6:noshuffle", ""]


def convert(cases, array, ending, *options):
    source, out = cases.path(".npy"), cases.path(ending)
    np.save(source, array)
    cases.run("convert", source, out, "--quiet", *options)
    return out


def codec_option(codec):
    return ("--codec", codec) if codec else ()


def zarr_2(cases, array, chunks, codec=""):
    out = convert(cases, array, ".zarr", "--zarr-format", "2", "--chunks", chunks, *codec_option(codec))
    z = zarr.open(str(out), mode="r")
    z = z if isinstance(z, zarr.Array) else next(z.arrays())[1]
    require_same(z[...], array)
    assert list(z.chunks) == [int(text) for text in chunks.split(",")], z.chunks


def zarr_3(cases, array, chunks, codec=""):
    out = convert(cases, array, ".zarr", "--chunks", chunks, *codec_option(codec))
    name = "" if (out / "zarr.json").read_text().find('"array"') >= 0 else next(p.name for p in out.iterdir() if p.is_dir())
    again, meta = zarr3.read(out, name)
    require_same(again, array)
    assert meta["chunk_grid"]["configuration"]["chunk_shape"] == [int(text) for text in chunks.split(",")]


def hdf5(cases, array, chunks, codec=""):
    out = convert(cases, array, ".h5", "--chunks", chunks, *codec_option(codec))
    with h5py.File(out, "r") as file:
        (dataset,) = [item for item in file.values() if isinstance(item, h5py.Dataset) and item.ndim == array.ndim]
        require_same(dataset[...], array)


def netcdf(cases, array, chunks):
    out = convert(cases, array, ".nc", "--chunks", chunks)
    with netCDF4.Dataset(out) as file:
        (variable,) = [v for v in file.variables.values() if v.ndim == array.ndim]
        variable.set_auto_maskandscale(False)
        stored = variable[:]
    # NetCDF has neither bool nor complex numbers: they are bytes, and pairs.
    if array.dtype.kind == "c":
        stored = stored["r"] + np.array(1j, array.dtype) * stored["i"]
    expected = array.astype("int8") if array.dtype == bool else array
    require_same(stored, expected)
    with xarray.open_dataset(out, engine="netcdf4", mask_and_scale=False) as data:
        if array.dtype.kind != "c":
            seen = next(v for v in data.values() if v.ndim == array.ndim).values
            require_same(seen, array if array.dtype == bool else expected)  # by an attribute, for xarray
    require_same(cases.read(out), expected)


def npy(cases, array):
    source, out = cases.path(".npy"), cases.path(".npy")
    np.save(source, array)
    cases.run("compute", "-i", f"x={source}", "x[::-1]", "-o", out, "--quiet")
    require_same(np.load(out), array[::-1])


def described():
    x = xarray.DataArray(values("float32", (4, 5, 6)), dims=("time", "lat", "lon"),
                         coords={"lat": np.linspace(-60, 60, 5), "lon": np.arange(6) * 60.0, "time": np.arange(4.0)},
                         attrs={"units": "K", "level": 3, "range": [1.5, 2.5]})
    return xarray.Dataset({"t": x})


def same_dataset(data, expected):
    require_same(data["t"].values, expected["t"].values)
    assert data["t"].dims == ("time", "lat", "lon"), data["t"].dims
    assert data["t"].attrs["units"] == "K", data["t"].attrs
    assert int(data["t"].attrs["level"]) == 3, data["t"].attrs
    np.testing.assert_array_equal(data["t"].attrs["range"], [1.5, 2.5])
    for name in ("lat", "lon", "time"):
        require_same(data[name].values, expected[name].values, name)


def whole_dataset(cases, ending, *options):
    """NetCDF in, another format out, read by xarray: dimensions, coordinates and attributes stay."""
    source, out = cases.path(".nc"), cases.path(ending)
    expected = described()
    expected.to_netcdf(source)
    cases.run("convert", source, out, "--quiet", *options)
    if ending == ".zarr":
        with xarray.open_dataset(out, engine="zarr", mask_and_scale=False, consolidated=False) as data:
            same_dataset(data, expected)
    else:
        with xarray.open_dataset(out, engine="netcdf4", mask_and_scale=False) as data:
            same_dataset(data, expected)


def dimension_scales(cases):
    source, out = cases.path(".nc"), cases.path(".h5")
    described().to_netcdf(source)
    cases.run("convert", source, out, "--quiet")
    with h5py.File(out) as file:
        t = file["t"]
        assert [axis.keys()[0] if len(axis) else axis.label for axis in t.dims] in (
            [["time"], ["lat"], ["lon"]], ["time", "lat", "lon"]), [(axis.label, list(axis)) for axis in t.dims]
        np.testing.assert_array_equal(file["lat"][...], np.linspace(-60, 60, 5))


def dimension_names_3(cases):
    source, out = cases.path(".nc"), cases.path(".zarr")
    described().to_netcdf(source)
    cases.run("convert", source, out, "--quiet")
    again, meta = zarr3.read(out, "t")
    require_same(again, described()["t"].values)
    assert meta["dimension_names"] == ["time", "lat", "lon"], meta
    assert meta["attributes"]["units"] == "K", meta


def several_outputs(cases):
    source, out = cases.path(".npy"), cases.path(".h5")
    x = values("float64", (20, 30), seed=3)
    x[~np.isfinite(x)] = 0
    x = np.clip(x, -1e6, 1e6)
    np.save(source, x)
    cases.run("compute", "-i", f"x={source}", "x * 2", "max(x, axis=0)", "-o", f"{out}:doubled", "-o", f"{out}:peak", "--quiet")
    with h5py.File(out) as file:
        require_same(file["doubled"][...], x * 2)
        require_same(file["peak"][...], x.max(axis=0))


def refused_type(cases, dtype):
    source, out = cases.path(".npy"), cases.path(".nc")
    np.save(source, values(dtype, (3,)))
    try:
        cases.run("convert", source, out, "--quiet")
    except AssertionError as error:
        assert dtype in str(error), error
        assert not out.exists(), "a refused output is left"
        return
    raise AssertionError("NetCDF cannot hold it, but it was written")


def register(cases):
    for dtype in DTYPES:
        x = values(dtype, (11, 6, 5))
        cases.check(f"zarr 2 {dtype}", zarr_2, cases, x, "4,6,2")
        cases.check(f"zarr 3 {dtype}", zarr_3, cases, x, "4,6,2")
        cases.check(f"hdf5 {dtype}", hdf5, cases, x, "4,6,2")
        cases.check(f"npy {dtype}", npy, cases, x)
        if dtype == "float16":
            cases.check(f"netcdf {dtype}", refused_type, cases, dtype)
        else:
            cases.check(f"netcdf {dtype}", netcdf, cases, x, "4,6,2")
    x = values("float32", (53, 37))
    for codec in ZARR_CODECS:
        cases.check(f"zarr 2 codec {codec}", zarr_2, cases, x, "20,17", codec)
        cases.check(f"zarr 3 codec {codec}", zarr_3, cases, x, "20,17", codec)
    for codec in HDF5_CODECS:
        cases.check(f"hdf5 codec {codec}", hdf5, cases, x, "20,17", codec)
    cases.check("xarray reads NetCDF", whole_dataset, cases, ".nc")
    cases.check("xarray reads Zarr 2", whole_dataset, cases, ".zarr", "--zarr-format", "2")
    cases.check("h5py finds dimension scales", dimension_scales, cases)
    cases.check("Zarr 3 has dimension names", dimension_names_3, cases)
    cases.check("several outputs in one file", several_outputs, cases)


main(register)
