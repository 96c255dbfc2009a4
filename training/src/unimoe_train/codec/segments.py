"""Random pieces of the training sound, of one length, some with their codes. Which ones follows from (seed, step) alone, so
that a training that goes on hears others than it began with."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch

from unimoe_train.codec.encode import CodedClips
from unimoe_train.data.clips import FULL_SCALE, ClipSet
from unimoe_train.errors import BadInput
from unimoe_train.recipe import FRAME_RATE, Recipe
from unimoe_train.state import State

INSIDE, START, END = "inside", "start", "end"
TRIES = 100  # pieces that may be too short before one is long enough


class Pool(NamedTuple):
    """Data sets, all of which come alike, and the share of the pieces that are from them."""

    names: list[str]
    share: float


def pools_of(recipe: Recipe, music_share: float) -> list[Pool]:
    """Music, recordings of people and speech, as far as a recipe has them."""
    data = recipe.data
    music = data.music_sets() + data.tour_sets()
    pools = [Pool(music, music_share), Pool(data.recording_sets(), recipe.codec.recordings)]
    rest = 1 - sum(pool.share for pool in pools if pool.names)
    return [pool for pool in [*pools, Pool(data.speech_sets(), rest)] if pool.names]


class Pools:
    """Draws from the opened sets of pools; their shares are relative to all."""

    def __init__(self, pools: list[Pool], opened: Callable[[str], Any]):
        self.sets = [[opened(name) for name in pool.names] for pool in pools]
        self.edges = np.cumsum([pool.share for pool in pools]) / sum(pool.share for pool in pools)

    def draw(self, rng: np.random.Generator) -> Any:
        sets = self.sets[min(int(np.searchsorted(self.edges, rng.random(), "right")), len(self.sets) - 1)]
        return sets[rng.integers(len(sets))]


class CodedBatch(NamedTuple):
    """Pieces of one length."""

    samples: torch.Tensor  # float32 [B, hop T]
    codes: torch.Tensor  # int64 [B, codebooks, T]
    bands: torch.Tensor  # float32 [B], the highest frequency in Hz that each row's source has

    def to(self, device: torch.device) -> "CodedBatch":
        return CodedBatch(*(part.to(device) for part in self))


class CodedSegments:
    """Pieces of clips with their codes from several pools."""

    def __init__(self, state: State, pools: list[Pool], seed: int = 0):
        self.pools = Pools(pools, lambda name: CodedClips(state, name))
        self.seed = seed

    def batch(self, step: int, count: int, frames: int, where: str = INSIDE) -> CodedBatch:
        """Pieces from anywhere, or all from the STARTs or the ENDs of their clips."""
        rng = np.random.default_rng([self.seed, step])
        samples, codes, bands = [], [], []
        for _ in range(TRIES * count):
            if len(samples) == count:
                break
            clips = self.pools.draw(rng)
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

    def __init__(self, state: State, pools: list[Pool], seed: int = 0):
        self.pools = Pools(pools, lambda name: ClipSet(state, name).samples)
        self.hop = state.sample_rate // FRAME_RATE
        self.seed = seed

    def batch(self, step: int, count: int, frames: int) -> torch.Tensor:
        """Samples float32 [count, hop frames]."""
        rng = np.random.default_rng([self.seed, step])
        rows = np.zeros((count, frames * self.hop), np.float32)
        for row in rows:
            samples = self.pools.draw(rng)
            start = int(rng.integers(max(1, len(samples) - len(row))))
            piece = samples[start : start + len(row)].astype(np.float32) / FULL_SCALE
            row[: len(piece)] = piece * rng.uniform(*self.GAIN)
        return torch.from_numpy(rows)
