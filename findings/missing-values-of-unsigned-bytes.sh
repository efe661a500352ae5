#!/bin/bash
# Readers of NetCDF disagree about missing numbers of bytes with _Unsigned = "true", each in its own way, and one fails.
# netCDF4-python 1.7.5.1.post1, xarray 2026.9.0, NumPy 2.4.6, Python 3.11, Linux x86-64.
#
# The NetCDF User's Guide wants missing_value and valid_range in the type of the packed data, which is a signed
# byte: 255 is written as -1b and 200 as -56b. Files with the unsigned number in a wider type exist too. Bytes
# 128, 255, 0, 1 with missing_value -1b: netCDF4-python masks 255, xarray keeps it. With missing_value 255s: xarray
# masks, netCDF4-python keeps it. _FillValue = -1b is masked by both. With valid_range = 0b, -56b netCDF4-python
# cannot be read at all (it makes a mask with the default fill of signed bytes, -127, for unsigned data), and
# xarray does not look at ranges. _Unsigned = "True" is unsigned for netCDF4-python and signed for xarray.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q numpy==2.4.6 netCDF4==1.7.5.1.post1 xarray==2026.9.0
"$folder/venv/bin/python" - "$folder/bytes.nc" <<'END'
import sys
import warnings

import netCDF4
import numpy as np
import xarray

warnings.simplefilter("ignore")
print("netCDF4", netCDF4.__version__, "xarray", xarray.__version__, "numpy", np.__version__)


def write(attributes, fill=None):
    with netCDF4.Dataset(sys.argv[1], "w") as file:
        file.createDimension("n", 4)
        variable = file.createVariable("v", "i1", ("n",), fill_value=fill)
        variable.set_auto_maskandscale(False)
        variable.setncatts(attributes)
        variable[:] = np.array([-128, -1, 0, 1], "i1")


def by_netcdf4():
    with netCDF4.Dataset(sys.argv[1]) as file:
        try:
            return np.ma.asarray(file["v"][:]).tolist()
        except Exception as error:
            return type(error).__name__


def by_xarray():
    with xarray.open_dataset(sys.argv[1]) as data:
        return [None if np.isnan(value) else int(value) for value in data["v"].values]


whole, masked, signed = [128, 255, 0, 1], [128, None, 0, 1], [-128, -1, 0, 1]
cases = [
    ("_FillValue -1b", {"_Unsigned": "true"}, np.int8(-1), masked, masked),
    ("missing_value -1b", {"_Unsigned": "true", "missing_value": np.int8(-1)}, None, masked, whole),
    ("missing_value 255s", {"_Unsigned": "true", "missing_value": np.int16(255)}, None, whole, masked),
    ("valid_range 0b, -56b", {"_Unsigned": "true", "valid_range": np.array([0, -56], "i1")}, None, "TypeError", whole),
    ("_Unsigned True", {"_Unsigned": "True"}, None, whole, signed),
]
same = True
for what, attributes, fill, want_netcdf4, want_xarray in cases:
    write(attributes, fill)
    seen = by_netcdf4(), by_xarray()
    same = same and seen == (want_netcdf4, want_xarray)
    print(f"{what}: netCDF4 {seen[0]}, xarray {seen[1]}")
sys.exit(0 if same else 1)
END
