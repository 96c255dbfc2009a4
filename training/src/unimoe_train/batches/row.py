"""One sequence that the model reads and learns."""

from dataclasses import dataclass

import numpy as np


@dataclass
class Row:
    """T positions, of which F hold code frames: P plan channels and C codebooks; W plan channels are written."""

    ids: list[int]
    frames: np.ndarray  # [F, P + C]
    labels: np.ndarray  # [T, C]
    plan: np.ndarray  # [T, W] labels of the written plan channels
    weight: np.ndarray  # [T] of the loss
