#!/bin/bash
# netCDF-C shifts the rows of a NetCDF-4 variable that is shorter than its unlimited dimension, where that
# dimension is not the first. netCDF4 1.7.5 with netCDF-C 4.10.1 and HDF5 2.2.0, h5py 3.16.0, NumPy 2.4.6, Python 3.11.
#
# Several variables may share an unlimited dimension and be written to different lengths: each reads as long as
# the longest, padded with fill. Along the first dimension that holds. Along the second, netCDF-C reads the rows that
# exist as one run of elements, and pads behind all of them: the second row's numbers stand in the first.
# Readers of the HDF5 file itself (h5py) see each row where it was written. Varve pads each row.
#
# Seen: [[1, 2, 3], [4, 5, 6]] along (x: 2, y: unlimited), where another variable has 5 along y, reads as
# [[1, 2, 3, 4, 5], [6, fill, fill, fill, fill]], not as [[1, 2, 3, fill, fill], [4, 5, 6, fill, fill]]. Read row by
# row it is right. With the unlimited dimension first, [[1, 2], [3, 4]] beside three rows reads right.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q numpy==2.4.6 netCDF4==1.7.5 h5py==3.16.0
cd "$folder"
venv/bin/python - <<'END'
import sys

import h5py
import netCDF4
import numpy as np

print("netCDF4", netCDF4.__version__, "netCDF-C", netCDF4.__netcdf4libversion__, "HDF5", netCDF4.__hdf5libversion__,
      "h5py", h5py.__version__)
FILL = -1


def read(name, sizes, short, longest):
    """Writes `short` beside a variable of the shape `longest`; returns it by netCDF4 at once, by rows, and by h5py."""
    with netCDF4.Dataset(name, "w") as file:
        for dimension, size in sizes.items():
            file.createDimension(dimension, size)
        for variable, values in (("short", short), ("longest", np.zeros(longest))):
            out = file.createVariable(variable, "i4", tuple(sizes), fill_value=FILL)
            out[tuple(slice(0, n) for n in np.shape(values))] = values
    with netCDF4.Dataset(name) as file:
        file["short"].set_auto_mask(False)
        whole = file["short"][:].tolist()
        rows = [file["short"][row].tolist() for row in range(len(whole))]
    with h5py.File(name) as file:
        return whole, rows, file["short"][:].tolist()


second = read("second.nc", {"x": 2, "y": None}, [[1, 2, 3], [4, 5, 6]], (2, 5))
first = read("first.nc", {"y": None, "x": 2}, [[1, 2], [3, 4]], (3, 2))
print("unlimited second, at once:  ", second[0])
print("unlimited second, row by row:", second[1])
print("unlimited second, by h5py:  ", second[2])
print("unlimited first, at once:   ", first[0])
expected = (
    [[1, 2, 3, 4, 5], [6, FILL, FILL, FILL, FILL]],
    [[1, 2, 3, FILL, FILL], [4, 5, 6, FILL, FILL]],
    [[1, 2, 3], [4, 5, 6]],
)
if second != expected or first[0] != [[1, 2], [3, 4], [FILL, FILL]]:
    sys.exit("the behaviour has changed")
END
