"""Counter-based random numbers, the same as the engine's: each is a function of its seed and its place alone.

Philox 4x32 with 10 rounds (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC11).
"""

import numpy as np

MULTIPLIERS = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
STEPS = 0x9E3779B9, 0xBB67AE85
WORD = 0xFFFFFFFF
CODEBOOKS, PLAN = 0, 1  # third word of a counter


def blocks(seed: int, counters: np.ndarray) -> np.ndarray:
    """Four words of 32 bits [n, 4] for counters [n, 4]."""
    key = seed & WORD, seed >> 32 & WORD
    a, b, c, d = (counters[:, i].astype(np.int64).astype(np.uint64) & np.uint64(WORD) for i in range(4))
    low, half = np.uint64(WORD), np.uint64(32)
    for _ in range(10):
        first, second = MULTIPLIERS[0] * a, MULTIPLIERS[1] * c
        a, b, c, d = (
            second >> half ^ b ^ np.uint64(key[0]),
            second & low,
            first >> half ^ d ^ np.uint64(key[1]),
            first & low,
        )
        key = (key[0] + STEPS[0]) & WORD, (key[1] + STEPS[1]) & WORD
    return np.stack([a, b, c, d], 1)


def uniforms(seed: int, frames: np.ndarray, channels: np.ndarray, kind: int) -> np.ndarray:
    """Two numbers in 0 ... 1 [n, 2] for each pair of a code frame and a channel [n]; `kind`: CODEBOOKS or PLAN."""
    zeros = np.zeros_like(frames)
    words = blocks(seed, np.stack([frames, channels, zeros + kind, zeros], 1))
    bits = words[:, 0::2] << np.uint64(32) | words[:, 1::2]
    return (bits >> np.uint64(11)) * 2.0**-53
