"""Tempo: the lag at which a piece's onsets repeat."""

import librosa
import numpy as np

from unimoe_train.data.clips import RATE
from unimoe_train.data.pieces import SOLO_TEMPI

HOP = 80  # samples between onset strengths: 5 ms
SLOWEST, FASTEST = 50, 200  # beats a minute
TOLERANCE = 0.05
OCTAVES = (0.5, 1, 2)  # allowed errors
PREFERRED, SPREAD = 110, 0.9  # beats a minute, octaves: which of several good lags is taken


def onsets(samples: np.ndarray) -> np.ndarray:
    """Samples [n] -> onset strength [frames], 200 a second."""
    return librosa.onset.onset_strength(y=samples, sr=RATE, hop_length=HOP, n_fft=512, n_mels=64, fmax=8000, lag=2)


def estimate(samples: np.ndarray) -> float:
    """Beats a minute."""
    strength = onsets(samples)
    strength = strength - strength.mean()
    lags = np.fft.irfft(np.abs(np.fft.rfft(strength, 2 * len(strength))) ** 2)[: len(strength)]
    lags = lags / (lags[0] + 1e-9) / np.maximum(1 - np.arange(len(lags)) / len(lags), 0.2)
    per_minute = 60 * RATE / HOP
    tempi = np.exp(np.linspace(np.log(SLOWEST), np.log(FASTEST), 600))
    comb = sum(np.interp(k * per_minute / tempi, np.arange(len(lags)), lags) / k for k in (1, 2, 4))
    prior = np.exp(-0.5 * (np.log2(tempi / PREFERRED) / SPREAD) ** 2)
    return float(tempi[np.argmax((comb + 0.5) * prior)])


def states_number(clip: dict, caption: str) -> bool:
    """Whether a caption states the tempo in beats a minute."""
    return str(clip["bpm"]) in caption.replace(",", " ").split()


def target(clip: dict, caption: str) -> tuple[float, float]:
    """The slowest and fastest tempo that a caption allows: the number it states, or the range of its word."""
    if states_number(clip, caption):
        return clip["bpm"], clip["bpm"]
    if clip.get("genre"):
        return {"slow": (50, 84), "medium": (85, 118), "fast": (119, 190)}[clip["tempo"]]
    return SOLO_TEMPI[clip["tempo"]]


def agrees(bpm: float, slowest: float, fastest: float) -> bool:
    """Whether an estimate lies within five percent of a range, octave errors allowed."""
    return any(slowest * (1 - TOLERANCE) <= bpm * octave <= fastest * (1 + TOLERANCE) for octave in OCTAVES)
