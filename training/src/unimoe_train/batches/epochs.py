"""In which order clips are learned from."""

from dataclasses import replace

import numpy as np

from unimoe_train.batches.batch import Batch
from unimoe_train.batches.item import Item
from unimoe_train.batches.row_maker import RowMaker
from unimoe_train.clips import Clip, Clips
from unimoe_train.recipe import SPEECH

VOICE_FRAMES = (30, 90)  # shortest and longest of the usual voice prompts, code frames
LONGEST_VOICE = 300  # code frames of a long voice prompt
LONGEST_PROMPT = 550  # code frames of a noisy or reverberant one
BEGINNINGS = 0.25  # share of the parts of long pieces that are their beginnings


class Epochs:
    """An endless sequence of batches: in every epoch each clip of the domains comes once, rows of like length lie
    together, and the batches come in random order.

    A batch holds one domain's rows. Of `world` processes, number `rank` gets every `world`-th batch.
    """

    def __init__(
        self,
        maker: RowMaker,
        clips: Clips,
        positions: dict[str, int],
        seed: int,
        rank: int = 0,
        world: int = 1,
        voices: Clips | None = None,
    ):
        """positions: the domains and how many positions, filling included, a batch of each may have."""
        self.maker, self.clips, self.positions = maker, clips, positions
        self.seed, self.rank, self.world = seed, rank, world
        self.epoch, self.index = 0, 0
        self.pools = pools((voices or clips).speech, VOICE_FRAMES)
        self.long_pools = pools((voices or clips).speech, (VOICE_FRAMES[1] + 1, LONGEST_VOICE))
        self.recorded_pools = pools((voices or clips).prompts, (1, LONGEST_PROMPT))
        self._batches: list[list[Item]] = []
        self._arranged = -1

    def state(self) -> dict:
        return {"epoch": self.epoch, "index": self.index}

    def restore(self, state: dict) -> None:
        self.epoch, self.index = state["epoch"], state["index"]

    def next(self) -> Batch:
        number = self.skip()
        return self.maker.batch(self._batches[number], np.random.default_rng([self.seed, self.epoch, number, 1]))

    def skip(self) -> int:
        """Moves on without making the batch; returns its number in the epoch."""
        if self._arranged != self.epoch:
            self._batches, self._arranged = self.arranged(self.epoch), self.epoch
        if self.index + self.world > len(self._batches) and self.index > 0:
            self.epoch, self.index = self.epoch + 1, 0
            return self.skip()
        number = (self.index + self.rank) % len(self._batches)
        self.index += self.world
        return number

    def arranged(self, epoch: int) -> list[list[Item]]:
        """The batches of an epoch, before they are made."""
        rng = np.random.default_rng([self.seed, epoch])
        batches = []
        for domain, positions in self.positions.items():
            items = [self.item(domain, clip, rng) for clip in self.clips.of(domain)]
            order = np.argsort([item.length for item in items], kind="stable")
            batches += grouped([items[i] for i in order], positions)
        return [batches[i] for i in rng.permutation(len(batches))]

    def item(self, domain: str, clip: Clip, rng: np.random.Generator) -> Item:
        maker = self.maker
        recipe, prompts, longest = maker.recipe, maker.prompts, maker.layouts[domain].longest
        unconditional = bool(rng.random() < recipe.unconditional)
        if domain == SPEECH:
            voice = self.voice_for(clip, rng)
            text = 0 if unconditional else len(clip.text)
            rows = prompts.voice_rows(voice.length, longest)
            prompt = prompts.speech_places(len(voice.text), rows)[2] + text + 1 + len(prompts.tail)
            planned = not rng.random() < recipe.unplanned_voices
            return Item(domain, clip, voice, [], unconditional, prompt + clip.length + max(1, longest), planned)
        caption = prompts.poor_caption if unconditional else clip.captions[rng.integers(len(clip.captions))]
        if recipe.crop:
            clip = part_of(clip, recipe.crop, rng)
        length = len(prompts.music(caption)) + clip.length + (max(1, longest) if clip.ends else 0)
        return Item(domain, clip, None, caption, unconditional, length)

    def voice_for(self, clip: Clip, rng: np.random.Generator) -> Clip:
        """Another clip of the same voice, of a prompt's length."""
        recipe = self.maker.recipe
        if recipe.recorded_voices > 0 and clip.voice in self.recorded_pools and rng.random() < recipe.recorded_voices:
            pool = self.recorded_pools[clip.voice]
            return pool[int(rng.integers(len(pool)))]
        share = recipe.long_voices
        pools = self.long_pools if share > 0 and rng.random() < share else self.pools
        pool = pools.get(clip.voice, [clip])
        place = int(rng.integers(len(pool)))
        return pool[(place + 1) % len(pool)] if pool[place] is clip else pool[place]


def part_of(clip: Clip, frames: int, rng: np.random.Generator) -> Clip:
    """So many code frames from anywhere in a piece, often from its beginning: what a moving window shows."""
    if clip.length <= frames:
        return clip
    start = 0 if rng.random() < BEGINNINGS else int(rng.integers(clip.length - frames + 1))
    here = slice(start, start + frames)
    return replace(clip, codes=clip.codes[here], plan=clip.plan[here], ends=start + frames == clip.length)


def pools(clips: list[Clip], frames: tuple[int, int]) -> dict[str, list[Clip]]:
    """By voice the clips that can be voice prompts: those of so many code frames, or all if none has."""
    voices: dict[str, list[Clip]] = {}
    for clip in clips:
        voices.setdefault(clip.voice, []).append(clip)
    shortest, longest = frames
    return {voice: [c for c in mine if shortest <= c.length <= longest] or mine for voice, mine in voices.items()}


def grouped(items: list[Item], positions: int) -> list[list[Item]]:
    """Cuts items in the order of their length into batches of at most so many positions, at least one item each."""
    groups: list[list[Item]] = []
    for item in items:
        if groups and item.length * (len(groups[-1]) + 1) <= positions:
            groups[-1].append(item)
        else:
            groups.append([item])
    return groups
