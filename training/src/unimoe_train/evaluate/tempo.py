"""Tempo: the lag at which a piece's onsets repeat."""

import re

import librosa
import numpy as np

from unimoe_train.evaluate.hearing import RATE

HOP = 80  # samples between onset strengths: 5 ms
SLOWEST, FASTEST = 45, 210  # beats a minute
TOLERANCE = 0.05
OCTAVES = (0.5, 1, 2)  # allowed errors
PREFERRED, SPREAD = 110, 1.3  # beats a minute, octaves: which of several good lags is taken
COMB = {0.5: 0.5, 1: 1, 2: 1, 3: 0.3, 4: 1}  # beats after which onsets should come again, and how much that counts
WORDS = {"slow": (50, 84), "medium": (85, 118), "fast": (119, 190)}  # beats a minute of the words for a tempo
OFFSET = 0.5  # keeps the preference from ruling where nothing repeats
SMOOTHING = np.hanning(9) / np.hanning(9).sum()
"""All found on pieces of training sets."""


def onsets(samples: np.ndarray) -> np.ndarray:
    """Samples [n] -> onset strength [frames], 200 a second."""
    return librosa.onset.onset_strength(y=samples, sr=RATE, hop_length=HOP, n_fft=512, n_mels=64, fmax=8000, lag=2)


def estimate(samples: np.ndarray) -> float:
    """Beats a minute."""
    strength = np.convolve(onsets(samples), SMOOTHING, "same")
    strength = strength - strength.mean()
    lags = np.fft.irfft(np.abs(np.fft.rfft(strength, 2 * len(strength))) ** 2)[: len(strength)]
    lags = lags / (lags[0] + 1e-9) / np.maximum(1 - np.arange(len(lags)) / len(lags), 0.2)
    per_minute = 60 * RATE / HOP
    tempi = np.exp(np.linspace(np.log(SLOWEST), np.log(FASTEST), 600))
    comb = sum(
        weight * np.interp(beats * per_minute / tempi, np.arange(len(lags)), lags) for beats, weight in COMB.items()
    )
    prior = np.exp(-0.5 * (np.log2(tempi / PREFERRED) / SPREAD) ** 2)
    return float(tempi[np.argmax((comb + OFFSET) * prior)])


def states_number(clip: dict, caption: str) -> bool:
    """Whether a caption states the tempo in beats a minute."""
    return re.search(rf"(?<!\d){clip['bpm']}(?!\d)", caption) is not None


def target(clip: dict, caption: str) -> tuple[float, float]:
    """The slowest and fastest tempo that a caption allows: the number it states, or the range of its word."""
    if states_number(clip, caption):
        return clip["bpm"], clip["bpm"]
    return WORDS[clip["tempo"]]


def agrees(bpm: float, slowest: float, fastest: float) -> bool:
    """Whether an estimate lies within five percent of a range, octave errors allowed."""
    return any(slowest * (1 - TOLERANCE) <= bpm * octave <= fastest * (1 + TOLERANCE) for octave in OCTAVES)
