"""The delay pattern: codebook c of a code frame is written delay[c] steps later, which orders the codebooks of a frame.

Codes are [T, C] in time order; D is the longest delay. Everything here is NumPy on whole clips.
"""

import numpy as np

from unimoe_train.model.configuration import ModelConfiguration
from unimoe_train.model.heads import IGNORE


def delayed(codes: np.ndarray, c: ModelConfiguration) -> np.ndarray:
    """A clip [T, C] as the model sees it as a voice prompt, [T + D + 1, C]: codebook c is BOS for delay[c] + 1 steps,
    then its codes, then one EOS, then PAD."""
    T = len(codes)
    frames = np.full((T + c.maximum_delay + 1, c.codebooks), c.pad, np.int64)
    for codebook, delay in enumerate(c.delay):
        start = delay + 1
        frames[:start, codebook] = c.bos
        frames[start : start + T, codebook] = codes[:, codebook]
        frames[start + T : start + T + 1, codebook] = c.eos
    return frames


def generated(codes: np.ndarray, c: ModelConfiguration) -> tuple[np.ndarray, np.ndarray]:
    """What generation feeds and what it should answer for a clip [T, C].

    Returns inputs [T + D, C] (T + 1 for D = 0) and for each the labels, the next frame [same]: codes in all codebooks,
    EOS in the first only; `IGNORE` where generation overrides the model's answer.
    """
    frames, T = delayed(codes, c), len(codes)
    steps = T + max(1, c.maximum_delay)
    labels = np.full((steps, c.codebooks), IGNORE, np.int64)
    for codebook, delay in enumerate(c.delay):
        labels[delay : delay + T, codebook] = codes[:, codebook]
    labels[T, 0] = c.eos
    return frames[:steps], labels


def undelayed(frames: np.ndarray, length: int, c: ModelConfiguration) -> np.ndarray:
    """The codes [length, C] of generated frames [at least length + D, C], of which the first follows BOS."""
    return np.stack([frames[delay : delay + length, codebook] for codebook, delay in enumerate(c.delay)], 1)
