"""What the judges hear: sound at 16 kHz, which Whisper, PESQ and the judges' own statistics are made for."""

import numpy as np

from unimoe_train.data.clips import ClipSet
from unimoe_train.data.resampling import resampled

RATE = 16000  # Hz


def clip(clips: ClipSet, index: int) -> np.ndarray:
    """A clip of a set as the judges hear it, float32 [n]."""
    return resampled(clips.audio(index), clips.rate, RATE)
