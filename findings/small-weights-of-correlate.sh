#!/bin/bash
# scipy.ndimage.correlate and convolve drop weights of at most 2.2e-16, whatever the others are: a kernel in small units,
# as one of 1e-16 for a sum in other units, gives zeros everywhere. correlate1d and convolve1d of the same array and
# weights give the sums, as scipy.signal.correlate does. Weights that are dropped do not meet their element either: where
# it is NaN or infinite and its weight 0, correlate gives a number and correlate1d NaN.
#
# Seen with SciPy 1.17.1 and NumPy 2.4.6:
#
#     correlate: [0. 0. 0. 0. 0.]
#     correlate1d: [3.e-16 3.e-16 3.e-16 3.e-16 3.e-16]
#     correlate, NaN at weight 0: [ 0. nan  0. nan  0.]
#     correlate1d, NaN at weight 0: [ 0. nan nan nan  0.]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q numpy==2.4.6 scipy==1.17.1
"$folder/venv/bin/python" - <<'END'
import sys

import numpy as np
import scipy
from scipy import ndimage

print("numpy", np.__version__, "scipy", scipy.__version__)

ones, small = np.ones(5), np.full(3, 1e-16)
gap, half = np.array([0, 0, np.nan, 0, 0]), np.array([1.0, 0, 2])
seen = {
    "correlate": ndimage.correlate(ones, small),
    "correlate1d": ndimage.correlate1d(ones, small),
    "correlate, NaN at weight 0": ndimage.correlate(gap, half),
    "correlate1d, NaN at weight 0": ndimage.correlate1d(gap, half),
}
nan = np.nan
expected = [[0] * 5, [3e-16] * 5, [0, nan, 0, nan, 0], [0, nan, nan, nan, 0]]
as_stated = True
for (what, values), want in zip(seen.items(), expected):
    same = np.allclose(values, want, rtol=1e-12, atol=0, equal_nan=True)
    print(f"{what}: {values}" + ("" if same else f", was {want}"))
    as_stated = as_stated and same
sys.exit(0 if as_stated else 1)
END
