"""Distances between a sound and its reconstruction."""

import importlib.util

import numpy as np
import torch

from unimoe_train.codec.losses import spectral_loss
from unimoe_train.data.resampling import resampled
from unimoe_train.evaluate.hearing import RATE

EDGE = 0.005  # seconds at either end in which a click would be heard


def distances(true: np.ndarray, made: np.ndarray, rate: int, is_speech: bool) -> dict[str, float]:
    """Samples [n] at `rate` Hz twice -> multi-resolution STFT distances, and for speech STOI and PESQ where they are installed.

    `click`: by how much the first or last EDGE seconds have a higher peak than the true ones, in root mean squares of the
    clip. `mel`: L1 of log10 mels; `spectrum`: spectral convergence and log-magnitude L1 as in training. The shorter is padded.
    """
    length = max(len(true), len(made))
    true, made = (np.pad(x, (0, length - len(x))).astype(np.float32) for x in (true, made))
    with torch.no_grad():
        mel, spectrum = spectral_loss(torch.from_numpy(made)[None], torch.from_numpy(true)[None], rate)
    result = {"mel": mel.item(), "spectrum": spectrum.item(), "click": click(true, made, rate)}
    if is_speech:
        true, made = (resampled(x, rate, RATE) for x in (true, made))
    if is_speech and importlib.util.find_spec("pystoi"):
        from pystoi import stoi

        result["stoi"] = float(stoi(true, made, RATE))
    if is_speech and importlib.util.find_spec("pesq"):
        result["pesq"] = _pesq(true, made)
    return result


def click(true: np.ndarray, made: np.ndarray, rate: int) -> float:
    """How much higher the peak at either end is than the true one, in root mean squares of the true samples [n]."""
    count = round(EDGE * rate)
    ends = (slice(None, count), slice(-count, None))
    excess = max(float(np.abs(made[end]).max() - np.abs(true[end]).max()) for end in ends)
    return max(0.0, excess) / (float(np.sqrt(np.mean(true**2))) + 1e-9)


def _pesq(true: np.ndarray, made: np.ndarray) -> float:
    """Wide-band PESQ; not a number where it finds no speech."""
    from pesq import PesqError, pesq

    value = pesq(RATE, true, made, "wb", on_error=PesqError.RETURN_VALUES)
    return float(value) if value > 0 else float("nan")
