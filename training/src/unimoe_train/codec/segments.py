"""Random pieces of the training sound, of one length, some with their codes. Which ones follows from (seed, step) alone, so
that a training that goes on hears others than it began with."""

from typing import NamedTuple

import numpy as np
import torch

from unimoe_train.codec.encode import CodedClips
from unimoe_train.data.clips import FULL_SCALE, ClipSet
from unimoe_train.errors import BadInput
from unimoe_train.recipe import FRAME_RATE
from unimoe_train.state import State

INSIDE, START, END = "inside", "start", "end"
TRIES = 100  # pieces that may be too short before one is long enough


class CodedBatch(NamedTuple):
    """Pieces of one length."""

    samples: torch.Tensor  # float32 [B, hop T]
    codes: torch.Tensor  # int64 [B, codebooks, T]
    bands: torch.Tensor  # float32 [B], the highest frequency in Hz that each row's source has

    def to(self, device: torch.device) -> "CodedBatch":
        return CodedBatch(*(part.to(device) for part in self))


class CodedSegments:
    """Pieces of clips with their codes; a share of them is music where there is music."""

    def __init__(self, state: State, speech: list[str], music: list[str], music_share: float, seed: int = 0):
        self.domains = [[CodedClips(state, name) for name in names] for names in (speech, music)]
        self.music_share = _share(speech, music, music_share)
        self.seed = seed

    def batch(self, step: int, count: int, frames: int, where: str = INSIDE) -> CodedBatch:
        """Pieces from anywhere, or all from the STARTs or the ENDs of their clips."""
        rng = np.random.default_rng([self.seed, step])
        samples, codes, bands = [], [], []
        for _ in range(TRIES * count):
            if len(samples) == count:
                break
            sets = self.domains[rng.random() < self.music_share]
            clips = sets[rng.integers(len(sets))]
            index = int(rng.integers(len(clips)))
            if clips.frames(index) < frames:
                continue
            latest = clips.frames(index) - frames
            start = {START: 0, END: latest}.get(where, int(rng.integers(latest + 1)))
            sound = clips.sound
            samples.append(sound.audio(index, start * sound.hop, frames * sound.hop))
            codes.append(clips.clip_codes(index, start, frames).T)
            bands.append(sound.clips[index].get("band", sound.rate / 2))
        if len(samples) < count:
            raise BadInput("codec.frames", expected="at most the code frames of usual clips", found=frames)
        return CodedBatch(torch.from_numpy(np.stack(samples)), torch.from_numpy(np.stack(codes)), torch.tensor(bands))


class SoundSegments:
    """Pieces of the concatenated sound, across clips, at varied loudness."""

    GAIN = (0.6, 1.3)

    def __init__(self, state: State, speech: list[str], music: list[str], music_share: float, seed: int = 0):
        self.domains = [[ClipSet(state, name).samples for name in names] for names in (speech, music)]
        self.hop = state.sample_rate // FRAME_RATE
        self.music_share = _share(speech, music, music_share)
        self.seed = seed

    def batch(self, step: int, count: int, frames: int) -> torch.Tensor:
        """Samples float32 [count, hop frames]."""
        rng = np.random.default_rng([self.seed, step])
        rows = np.zeros((count, frames * self.hop), np.float32)
        for row in rows:
            sets = self.domains[rng.random() < self.music_share]
            samples = sets[rng.integers(len(sets))]
            start = int(rng.integers(max(1, len(samples) - len(row))))
            piece = samples[start : start + len(row)].astype(np.float32) / FULL_SCALE
            row[: len(piece)] = piece * rng.uniform(*self.GAIN)
        return torch.from_numpy(rows)


def _share(speech: list[str], music: list[str], share: float) -> float:
    return 0.0 if not music else 1.0 if not speech else share
