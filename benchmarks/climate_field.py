"""Climate-like wind: a smooth field that moves, plus noise, rounded as packed reanalysis data is.

Every chunk is made from its own random stream, so the values depend on the seed and on nothing else: not on the
number of processes, not on the container.
"""

import numpy

LATITUDES, LONGITUDES = 361, 720
CHUNK_STEPS = 24
PLANE_BYTES = LATITUDES * LONGITUDES * 4
# A power of two, so that the low mantissa bits are zero: gzip-1 with shuffle then halves the data, as it does real data.
RESOLUTION = 1 / 1024
NOISE = 0.5
SEED = 20240229


def steps_for(size_bytes):
    """Returns the number of time steps of a float32 array of about that size."""
    return max(1, size_bytes // PLANE_BYTES)


def wind(variable, first_step, steps, seed=SEED):
    """Returns float32 values of shape (steps, LATITUDES, LONGITUDES); `first_step` is a multiple of CHUNK_STEPS."""
    stream = numpy.random.SFC64([seed, ord(variable), first_step])
    values = numpy.random.Generator(stream).standard_normal((steps, LATITUDES, LONGITUDES), dtype=numpy.float32)
    values *= numpy.float32(NOISE)
    # "v" is the same kind of weather, elsewhere and later.
    shift = 0.0 if variable == "u" else 1.3
    latitude = numpy.deg2rad(numpy.linspace(90, -90, LATITUDES))[:, None]
    longitude = numpy.arange(LONGITUDES)[None, :] * (2 * numpy.pi / LONGITUDES)
    cosine = numpy.cos(latitude)
    jet = 12 * numpy.sin(2 * latitude + shift) ** 2 - 2
    for step in range(steps):
        time = first_step + step
        wave = 6 * cosine * numpy.sin(4 * longitude - 0.05 * time + shift)
        wave += 3 * cosine**2 * numpy.sin(7 * longitude + 0.11 * time)
        values[step] += (wave + jet * (1 + 0.2 * numpy.sin(2 * numpy.pi * time / 1460))).astype(numpy.float32)
    numpy.rint(values * numpy.float32(1 / RESOLUTION), out=values)
    values *= numpy.float32(RESOLUTION)
    return values


class Moments:
    """Accumulates in float64 what the answers of the workloads are, while the data is being made."""

    def __init__(self):
        self.count = 0
        self.time_sum = numpy.zeros((LATITUDES, LONGITUDES))
        self.square_sum = 0.0
        self.minimum, self.maximum = numpy.inf, -numpy.inf

    @classmethod
    def of(cls, values):
        moments = cls()
        moments.count = values.size
        for plane in values:  # one plane at a time: a float64 copy of a whole chunk would double the memory
            wide = plane.astype(numpy.float64)
            moments.time_sum += wide
            moments.square_sum += float(numpy.vdot(wide, wide))
        moments.minimum, moments.maximum = float(values.min()), float(values.max())
        return moments

    def add(self, other):
        self.count += other.count
        self.time_sum += other.time_sum
        self.square_sum += other.square_sum
        self.minimum = min(self.minimum, other.minimum)
        self.maximum = max(self.maximum, other.maximum)

    def answers(self):
        """Returns time_mean, mean, std, min and max. The field has a mean near its spread, so squares lose nothing."""
        steps = self.count // self.time_sum.size
        mean = self.time_sum.sum() / self.count
        return {
            "time_mean": self.time_sum / steps,
            "mean": mean,
            "std": numpy.sqrt(self.square_sum / self.count - mean**2),
            "min": self.minimum,
            "max": self.maximum,
        }
