"""Loudness and silence, the same for every clip."""

import numpy as np

LOUDNESS = 0.08
"""Root mean square of a clip, full scale being 1."""

PEAK = 0.95
"""No sample is louder."""


def normalise(samples: np.ndarray) -> np.ndarray:
    """Brings samples [n] to one loudness, or as near to it as the peak allows, without an offset."""
    samples = samples - samples.mean()
    samples = samples * (LOUDNESS / (np.sqrt(np.mean(samples**2)) + 1e-9))
    peak = np.abs(samples).max()
    return samples * (PEAK / peak) if peak > PEAK else samples


def trim(
    samples: np.ndarray, rate: int, threshold: float = 0.01, lead: float = 0.05, tail: float = 0.075
) -> np.ndarray:
    """Cuts silence from both ends of samples [n] at `rate` Hz.

    `threshold` is relative to the peak; `lead` and `tail` seconds of silence stay. Silence alone becomes empty.
    """
    loud = np.flatnonzero(np.abs(samples) > threshold * np.abs(samples).max(initial=0))
    if len(loud) == 0:
        return samples[:0]
    return samples[max(0, loud[0] - round(lead * rate)) : loud[-1] + round(tail * rate)]


def fade_out(samples: np.ndarray, rate: int, seconds: float = 0.05) -> np.ndarray:
    """Samples [n] at `rate` Hz whose last `seconds` fade to silence."""
    faded, count = samples.copy(), round(seconds * rate)
    faded[-count:] *= np.linspace(1, 0, min(count, len(faded)), dtype=faded.dtype)
    return faded
