"""What alignment hears: log-mels of every clip, made anew whenever they are asked for, since those of a day of speech do
not fit into memory."""

from collections.abc import Sequence

import numpy as np
import torch
from unimoe_train.codec.features import Layout
from unimoe_train.data.clips import ClipSet
from unimoe_train.progress import progress
from unimoe_train.state import State


class Mels:
    """Log-mels [code frames, bands] of the clips of sets, each band less its mean in the voice and in its deviations there:
    so all voices sound more alike."""

    def __init__(self, state: State, names: list[str]):
        self.sets = {name: ClipSet(state, name) for name in names}
        self.moments: dict[str, Moments] = {}
        places = [(name, clip) for name, sound in self.sets.items() for clip in range(len(sound))]
        for name, clip in progress(places, title="voices", unit="clip"):
            self.moments.setdefault(self.voice(name, clip), Moments()).add(self.raw(name, clip))

    def __len__(self) -> int:
        return sum(map(len, self.sets.values()))

    def of(self, places: list[tuple[str, int]]) -> "Chosen":
        """Those of (set, clip) pairs in order."""
        return Chosen(self, places)

    def clip(self, name: str, clip: int) -> np.ndarray:
        moments = self.moments[self.voice(name, clip)]
        return (self.raw(name, clip) - moments.mean) / moments.deviation

    def frames(self, name: str) -> list[int]:
        """The code frames of every clip of a set."""
        sound = self.sets[name]
        return [-(-clip["n"] // sound.hop) for clip in sound.clips]

    def voice(self, name: str, clip: int) -> str:
        return self.sets[name].clips[clip].get("voice", name)

    def raw(self, name: str, clip: int) -> np.ndarray:
        sound = self.sets[name]
        samples = torch.from_numpy(sound.padded(clip))[None]
        return Layout.of(sound.rate).log_mels(samples)[0].numpy()


class Chosen(Sequence):
    """The log-mels of some clips."""

    def __init__(self, mels: Mels, places: list[tuple[str, int]]):
        self.mels, self.places = mels, places

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, index: int) -> np.ndarray:
        return self.mels.clip(*self.places[index])


class Moments:
    """Mean and deviation of rows that come one after the other."""

    def __init__(self) -> None:
        self.count, self.sum, self.squares = 0, 0.0, 0.0

    def add(self, rows: np.ndarray) -> None:
        rows = rows.astype(np.float64)
        self.count, self.sum, self.squares = (
            self.count + len(rows),
            self.sum + rows.sum(0),
            self.squares + (rows**2).sum(0),
        )

    @property
    def mean(self) -> np.ndarray:
        return (self.sum / max(1, self.count)).astype(np.float32)

    @property
    def deviation(self) -> np.ndarray:
        mean = self.sum / max(1, self.count)
        variance = np.maximum(0, self.squares / max(1, self.count) - mean**2)
        return (np.sqrt(variance) + 1e-3).astype(np.float32)
