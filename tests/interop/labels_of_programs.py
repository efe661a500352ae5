"""What a C++ program writes says of itself what the output of the same commands does."""
import pathlib
import subprocess
import sys

import cases
import labels
import numpy as np

netCDF4, xarray = cases.need("netCDF4", "xarray")

EXPRESSIONS = {
    "mean": "mean(t, axis='time')",
    "part": "t[1:6:2]",
    "joined": "concat([t[4:], t[:3]], axis='time')",
    "masked": "t[m > 0]",
    "chosen": "isel(t, time=3, lat=slice(1, 3))",
    "anomaly": "p - mean(p, axis='time')",
    "total": "sum(t * 2, axis=('lat', 'lon'))",
}


def write_both(test, program, ending, version):
    source, by_program, by_command = labels.make_file(test.path(".nc")), test.path(ending), test.path(ending)
    subprocess.run([program, source, by_program, str(version)], check=True, timeout=120)
    inputs = [part for name in "tpm" for part in ("-i", f"{name}={source}:{name}")]
    outputs = [part for name in EXPRESSIONS for part in ("-o", f"{by_command}:{name}")]
    test.run("compute", *inputs, *EXPRESSIONS.values(), *outputs, *(["--zarr-format", version] if "zarr" in ending else []))
    return source, by_program, by_command


def said_of(group):
    """Returns all that a NetCDF file says but its numbers, with the dtypes of attributes."""
    typed = lambda holder: {name: (np.asarray(value).dtype.str, np.asarray(value).tolist())
                            for name, value in ((n, holder.getncattr(n)) for n in holder.ncattrs())}
    return typed(group), {name: (variable.dtype.str, variable.dimensions, variable.shape, variable.chunking(),
                                 variable.filters(), typed(variable)) for name, variable in group.variables.items()}


def netcdf_files_agree(test, program):
    source, by_program, by_command = write_both(test, program, ".nc", 3)
    with netCDF4.Dataset(by_program) as a, netCDF4.Dataset(by_command) as b:
        (file, arrays), expected = said_of(a), said_of(b)
        assert file == expected[0], (file, expected[0])
        assert arrays == expected[1], (arrays, expected[1])
    mine, other = labels.opened(by_program), labels.opened(by_command)
    assert mine.identical(other)
    assert mine["mean"].attrs["units"] == "K" and "units" not in mine["total"].attrs
    expected = labels.source_of(source)
    assert mine["mean"].coords["lat"].identical(expected["lat"])
    chosen = mine["chosen"]
    np.testing.assert_array_equal(chosen.coords[chosen.dims[0]], expected["lat"][1:3])


def zarr_files_agree(test, program, version):
    _, by_program, by_command = write_both(test, program, ".zarr", version)
    files = lambda root: {str(path.relative_to(root)): path.read_bytes() for path in pathlib.Path(root).rglob("*")
                          if path.is_file()}
    mine, other = files(by_program), files(by_command)
    assert mine.keys() == other.keys(), mine.keys() ^ other.keys()
    differing = [name for name in mine if mine[name] != other[name]]
    assert not differing, (differing, mine[differing[0]][:500], other[differing[0]][:500])


def main():
    at = sys.argv.index("--program")
    program = sys.argv[at + 1]
    del sys.argv[at:at + 2]

    def checks(test):
        test.check("netcdf", netcdf_files_agree, test, program)
        for version in (2, 3):
            test.check(f"zarr v{version}", zarr_files_agree, test, program, version)
    cases.main(checks)


if __name__ == "__main__":
    main()
