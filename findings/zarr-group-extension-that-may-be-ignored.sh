#!/bin/bash
# zarr-python cannot open a Zarr v3 group whose metadata has a member that it does not know, though the member says
# that it may be ignored; in the metadata of an array it ignores the same member. zarr 3.1.6 with NumPy 2.4.6, Python 3.11.
#
# The specification of Zarr v3 lets the metadata of arrays and groups have further members, and asks readers to
# ignore those that are objects with "must_understand": false. A store with such a note in the zarr.json of a group is
# closed to zarr-python, and so to xarray and Dask, with a TypeError of a constructor.
#
# Seen: TypeError: GroupMetadata.__init__() got an unexpected keyword argument 'note' for the group; the array with the
# same member reads.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q numpy==2.4.6 zarr==3.1.6
cd "$folder"
venv/bin/python - <<'END'
import json
import sys

import zarr

print("zarr", zarr.__version__)
group = zarr.open_group("g.zarr", mode="w", zarr_format=3)
group.create_array("x", shape=(3,), dtype="i4")[:] = [1, 2, 3]


def read_with_note(place):
    """Reads x while the zarr.json at `place` has a member that may be ignored."""
    with open(place) as file:
        text = file.read()
    with open(place, "w") as file:
        json.dump({**json.loads(text), "note": {"must_understand": False, "text": "made by hand"}}, file)
    try:
        return zarr.open_group("g.zarr", mode="r")["x"][:].tolist()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    finally:
        with open(place, "w") as file:
            file.write(text)


seen = {place: read_with_note(place) for place in ("g.zarr/x/zarr.json", "g.zarr/zarr.json")}
for place, what in seen.items():
    print(place, "->", what)
refused = "TypeError: GroupMetadata.__init__() got an unexpected keyword argument 'note'"
if list(seen.values()) != [[1, 2, 3], refused]:
    sys.exit("the behaviour has changed")
END
