"""Random pieces of the training sound, of one length, some with their codes. Which ones follows from (seed, step) alone, so
that a training that goes on hears others than it began with."""

import numpy as np
import torch

from unimoe_train.codec.encode import CodedClips
from unimoe_train.data.clips import FULL_SCALE, HOP, ClipSet
from unimoe_train.errors import BadInput
from unimoe_train.state import State

TRIES = 100  # pieces that may be too short before one is long enough


class CodedSegments:
    """Pieces of clips with their codes; a share of them is music where there is music."""

    def __init__(self, state: State, speech: list[str], music: list[str], music_share: float, seed: int = 0):
        self.domains = [[CodedClips(state, name) for name in names] for names in (speech, music)]
        self.music_share = _share(speech, music, music_share)
        self.seed = seed

    def batch(self, step: int, count: int, frames: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Samples float32 [count, 320 frames] and codes int64 [count, codebooks, frames]."""
        rng = np.random.default_rng([self.seed, step])
        samples, codes = [], []
        for _ in range(TRIES * count):
            if len(samples) == count:
                break
            sets = self.domains[rng.random() < self.music_share]
            clips = sets[rng.integers(len(sets))]
            index = int(rng.integers(len(clips)))
            if clips.frames(index) < frames:
                continue
            start = int(rng.integers(clips.frames(index) - frames + 1))
            samples.append(clips.sound.audio(index, start * HOP, frames * HOP))
            codes.append(clips.clip_codes(index, start, frames).T)
        if len(samples) < count:
            raise BadInput("codec.frames", expected="at most the code frames of usual clips", found=frames)
        return torch.from_numpy(np.stack(samples)), torch.from_numpy(np.stack(codes))


class SoundSegments:
    """Pieces of the concatenated sound, across clips, at varied loudness."""

    GAIN = (0.6, 1.3)

    def __init__(self, state: State, speech: list[str], music: list[str], music_share: float, seed: int = 0):
        self.domains = [[ClipSet(state, name).samples for name in names] for names in (speech, music)]
        self.music_share = _share(speech, music, music_share)
        self.seed = seed

    def batch(self, step: int, count: int, frames: int) -> torch.Tensor:
        """Samples float32 [count, 320 frames]."""
        rng = np.random.default_rng([self.seed, step])
        rows = np.zeros((count, frames * HOP), np.float32)
        for row in rows:
            sets = self.domains[rng.random() < self.music_share]
            samples = sets[rng.integers(len(sets))]
            start = int(rng.integers(max(1, len(samples) - len(row))))
            piece = samples[start : start + len(row)].astype(np.float32) / FULL_SCALE
            row[: len(piece)] = piece * rng.uniform(*self.GAIN)
        return torch.from_numpy(rows)


def _share(speech: list[str], music: list[str], share: float) -> float:
    return 0.0 if not music else 1.0 if not speech else share
