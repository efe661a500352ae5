#!/bin/bash
# scipy.ndimage.gaussian_filter makes an image of equal integers darker, by one per axis, at some sigmas and not at
# others. SciPy 1.17.1 with NumPy 2.4.6, Python 3.11, Linux x86-64.
#
# The normalised weights add up to a little less than 1 in float64 at sigma 2.5, so a constant c becomes
# c - 1e-14, and the conversion to the integer dtype of the output truncates, once per axis. Who normalises
# images by their background, or filters masks of 0 and 1, loses one grey value per axis, or the mask. Filtering
# floats and rounding does not.
#
# Seen: uint8 images of 255 become 253 in two dimensions and 252 in three at sigma 2.5; 255 at sigma 2 and 3; of
# the 256 constants, 243 change along one axis at sigma 2.5, 7 at sigma 3, 1 at sigma 2, none at sigma 1 and 4; a mask of
# ones becomes zeros. The same image in float32 stays 255.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q numpy==2.4.6 scipy==1.17.1
"$folder/venv/bin/python" - <<'END'
import sys

import numpy as np
import scipy
from scipy.ndimage import gaussian_filter

print("numpy", np.__version__, "scipy", scipy.__version__)


def middle(value, sigma, ndim, dtype="u1"):
    return gaussian_filter(np.full((60,) * ndim, value, dtype), sigma).flat[(60**ndim - 1) // 2]


def changed(sigma):
    return sum(int(middle(value, sigma, 1)) != value for value in range(256))


seen = {
    "255 at sigma 2.5 in 1, 2 and 3 dimensions": [int(middle(255, 2.5, ndim)) for ndim in (1, 2, 3)],
    "255 at sigma 1, 2, 3 and 4 in 2 dimensions": [int(middle(255, sigma, 2)) for sigma in (1, 2, 3, 4)],
    "constants of 256 that change along one axis, sigma 1, 2, 2.5, 3, 4": [changed(s) for s in (1, 2, 2.5, 3, 4)],
    "a mask of ones at sigma 2.5": int(middle(1, 2.5, 2)),
    "255 as float32 at sigma 2.5": float(middle(255, 2.5, 2, "f4")),
}
expected = [[254, 253, 252], [255, 255, 255, 255], [0, 1, 243, 7, 0], 0, 255.0]
for (what, value), want in zip(seen.items(), expected):
    print(f"{what}: {value}" + ("" if value == want else f", was {want}"))
sys.exit(0 if list(seen.values()) == expected else 1)
END
