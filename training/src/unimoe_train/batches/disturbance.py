"""Wrong codes among those that the model reads, so that it learns to live with its own mistakes. The plan stays."""

import numpy as np

SLIP = 30  # rows: 0.6 s


def slipped(rows: np.ndarray, share: float, eos: int, planned: int, rng: np.random.Generator) -> np.ndarray:
    """Replaces the codes of a share of the rows [F, planned + C] by those of others at most `SLIP` away: as the model's
    own slips are, plausible, and at the wrong time. BOS, EOS and PAD stay."""
    codes = rows[:, planned:]
    hit = rng.random(len(codes)) < share
    source = np.clip(np.arange(len(codes)) + rng.integers(-SLIP, SLIP + 1, len(codes)), 0, len(codes) - 1)
    sounds = (np.maximum(codes, codes[source]) < eos).all(1)
    return np.concatenate([rows[:, :planned], np.where((hit & sounds)[:, None], codes[source], codes)], 1)


def noisy(rows: np.ndarray, share: float, eos: int, planned: int, rng: np.random.Generator) -> np.ndarray:
    """Replaces all codes of a share of the rows [F, planned + C] by random ones. BOS, EOS and PAD stay."""
    codes = rows[:, planned:]
    hit = rng.random(len(codes)) < share
    noise = rng.integers(0, eos, codes.shape)
    return np.concatenate([rows[:, :planned], np.where(hit[:, None] & (codes < eos), noise, codes)], 1)
