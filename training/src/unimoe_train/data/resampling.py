"""One sample rate to another."""

import numpy as np
from scipy.signal import resample_poly


def resampled(samples: np.ndarray, found: int, wanted: int) -> np.ndarray:
    """Samples [n] at `found` Hz -> float32 at `wanted` Hz."""
    if found != wanted:
        divisor = np.gcd(found, wanted)
        samples = resample_poly(samples, wanted // divisor, found // divisor)
    return np.asarray(samples, np.float32)
