#!/bin/bash
# scipy.ndimage.correlate and convolve drop weights of at most 2.2e-16, whatever the others are: a kernel in small units,
# as one of 1e-16 for a sum in other units, gives zeros everywhere. correlate1d and convolve1d of the same array and
# weights give the sums, as scipy.signal.correlate does. Weights that are dropped do not meet their element either: where
# it is NaN or infinite and its weight 0, correlate gives a number and correlate1d NaN.
#
# Seen with SciPy 1.17.1 and NumPy 2.4.6:
#
#     correlate    [0. 0. 0. 0. 0.]
#     correlate1d  [3.e-16 3.e-16 3.e-16 3.e-16 3.e-16]
#     NaN, weight 0: correlate [ 0. nan  0. nan  0.] correlate1d [ 0. nan nan nan  0.]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check scipy==1.17.1 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
from scipy import ndimage

ones, small = np.ones(5), np.full(3, 1e-16)
nd, along = ndimage.correlate(ones, small), ndimage.correlate1d(ones, small)
print("correlate   ", nd)
print("correlate1d ", along)
assert (nd == 0).all(), "correlate keeps small weights now"
assert np.allclose(along, 3e-16, rtol=1e-12, atol=0)

gap = np.array([0, 0, np.nan, 0, 0])
nd, along = (f(gap, np.array([1.0, 0, 2])) for f in (ndimage.correlate, ndimage.correlate1d))
print("NaN, weight 0: correlate", nd, "correlate1d", along)
assert nd[2] == 0 and np.isnan(along[2])
PYTHON
echo "as stated"
