"""A voice made another one: pitch and formants moved by WORLD (Morise et al. 2016), which takes speech apart into pitch,
spectral envelope and aperiodicity."""

import numpy as np

FRAME_PERIOD = 5.0  # ms


def moved(samples: np.ndarray, rate: int, semitones: float, formants: float) -> np.ndarray:
    """Samples [n] at `rate` Hz with the pitch `semitones` higher and the formants `formants` times as high."""
    import pyworld

    x = np.ascontiguousarray(samples, np.float64)
    pitch, times = pyworld.dio(x, rate, frame_period=FRAME_PERIOD)
    pitch = pyworld.stonemask(x, pitch, times, rate)
    envelope, noise = pyworld.cheaptrick(x, pitch, times, rate), pyworld.d4c(x, pitch, times, rate)
    envelope, noise = stretched(envelope, formants), stretched(noise, formants)
    made = pyworld.synthesize(pitch * 2 ** (semitones / 12), envelope, noise, rate, FRAME_PERIOD)
    return np.asarray(made, np.float32)


def stretched(spectra: np.ndarray, factor: float) -> np.ndarray:
    """Spectra [frames, bins] whose features lie at `factor` times their frequencies; the highest bin is repeated."""
    if factor == 1.0:
        return spectra
    bins = spectra.shape[1]
    places = np.minimum(np.arange(bins) / factor, bins - 1)
    low = places.astype(int)
    high, part = np.minimum(low + 1, bins - 1), places - low
    return np.ascontiguousarray(spectra[:, low] * (1 - part) + spectra[:, high] * part)
