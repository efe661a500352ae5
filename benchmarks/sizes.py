"""Reads and writes sizes as people do: 512MiB, 4GiB."""

import re

_UNITS = {"": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "KB": 10**3, "MB": 10**6, "GB": 10**9}


def parse_size(text):
    match = re.fullmatch(r"([0-9.]+)\s*([KMG]i?B|B|)", text)
    if not match:
        raise ValueError(f"not a size: {text!r} (write 512MiB or 4GiB)")
    return int(float(match[1]) * _UNITS[match[2]])


def format_size(count):
    for unit in ("GiB", "MiB", "KiB"):
        if count >= _UNITS[unit]:
            return f"{count / _UNITS[unit]:.4g} {unit}"
    return f"{count} B"
