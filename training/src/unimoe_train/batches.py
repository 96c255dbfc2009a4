"""From clips to batches: which clips lie together, and what the model sees and learns of them.

Every random choice comes from (seed, epoch, number of the batch), so that a training goes on after a kill with exactly
the batches that it would have had, and every process of many takes its own without a word.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from unimoe_train.alignment.pronunciation import Pronunciation
from unimoe_train.clips import Clip, Clips, spelled
from unimoe_train.data import attributes, beats, notes
from unimoe_train.delay import delayed, generated
from unimoe_train.model.configuration import ModelConfiguration
from unimoe_train.model.heads import IGNORE
from unimoe_train.prompts import Prompts
from unimoe_train.recipe import SPEECH, CurriculumRecipe

TEXT = "text"  # the domain of a batch without sound

VOICE_FRAMES = (30, 90)  # shortest and longest of the usual voice prompts, code frames
LONGEST_VOICE = 300  # code frames of a long voice prompt
LETTERS_AHEAD = 3  # how many tokens later a text says how a token sounds: that depends on what follows it
SLIP = 30  # code frames: 0.6 s
AHEAD = 4  # the phoneme loss's second head looks so many code frames ahead: 80 ms
ASKED = (len(attributes.SIZES), len(beats.SIZES), notes.PITCH_CLASSES)  # things in `Row`'s attributes, beats, notes
DIAGONAL_WIDTH, ALIGNED_WIDTH = 2.5, 1.0  # of the guided attention, in tokens


@dataclass
class Row:
    """One sequence of T positions, of which F hold code frames."""

    ids: list[int]
    frames: np.ndarray  # [F, C]
    labels: np.ndarray  # [T, C]
    weight: np.ndarray  # [T] of the loss
    centre: np.ndarray  # [T] the position whose token is spoken next; -1: no guidance
    width: np.ndarray  # [T] of the guidance, in tokens
    phonemes: np.ndarray  # [T, 2] of the next code frame, and `AHEAD` frames later; -1 none
    letters: np.ndarray  # [T, 2] phonemes that the token `LETTERS_AHEAD` before begins and ends in; -1 none
    attributes: np.ndarray  # [T, 6] what the caption before asks for (`data.attributes`); -1 none
    beats: np.ndarray  # [T, 4] of the next code frame (`data.beats`); -1 none
    notes: np.ndarray  # [T, 12] which pitch classes sound in the next code frame; -1 not known
    told: np.ndarray  # [T, 2] the positions of the caption that tell the beats per minute, or the key; -1 none
    back: np.ndarray  # [T, 2] the positions that heard the frame a beat, and a bar, before the next one; -1 none


@dataclass
class Batch:
    """B rows of T positions, filled up on the right."""

    domain: str
    ids: Tensor  # [B, T]
    frames: Tensor  # [F, C] of all rows, in reading order
    labels: Tensor  # [B, T, C], the frame after each position, `IGNORE` where none is learned
    weight: Tensor  # [B, T]
    valid: Tensor  # [B, T] bool, False in the filling
    centre: Tensor  # [B, T] float32
    width: Tensor  # [B, T] float32
    phonemes: Tensor  # [B, T, 2]
    letters: Tensor  # [B, T, 2]
    attributes: Tensor  # [B, T, 6]
    beats: Tensor  # [B, T, 4]
    notes: Tensor  # [B, T, 12]
    told: Tensor  # [B, T, 2] float32
    back: Tensor  # [B, T, 2] float32
    shared: int = 0  # how many tokens all rows begin with: they are computed once

    @property
    def tokens(self) -> int:
        return int(self.valid.sum())

    def split(self) -> tuple[Tensor, "Batch"]:
        """The tokens [1, shared] that all rows begin with, and the rows after them; `centre`, `told` and `back` still
        count them."""
        own = {
            name: getattr(self, name)[:, self.shared :]
            for name in (
                "ids",
                "labels",
                "weight",
                "valid",
                "centre",
                "width",
                "phonemes",
                "letters",
                "attributes",
                "beats",
                "notes",
                "told",
                "back",
            )
        }
        return self.ids[:1, : self.shared], replace(self, **own, shared=0)

    def changed(self, change: Callable[[Tensor], Tensor]) -> "Batch":
        """The same with `change` applied to every tensor."""
        return replace(self, **{name: change(value) for name, value in vars(self).items() if isinstance(value, Tensor)})

    def pin_memory(self) -> "Batch":
        """In memory from which a device copies while the process goes on; a `DataLoader` calls this."""
        return self.changed(Tensor.pin_memory)


class Composer:
    """Makes rows of clips and batches of rows."""

    def __init__(self, prompts: Prompts, configuration: ModelConfiguration, recipe: CurriculumRecipe):
        self.prompts, self.configuration, self.recipe = prompts, configuration, recipe

    def speech(self, clip: Clip, voice: Clip, unconditional: bool) -> Row:
        """`clip` spoken after the voice prompt `voice`; both are learned."""
        delay = self.configuration.maximum_delay
        text = [] if unconditional else clip.text
        ids = self.prompts.speech(voice.text, voice.length + delay + 1, text)
        transcript, voice_start, text_start = self.prompts.speech_places(len(voice.text), voice.length + delay + 1)
        row = self.begin(ids, delayed(voice.codes, self.configuration), clip)
        self.spell(row, voice.spelled, transcript)
        if self.recipe.prompt_loss > 0:
            _, labels = generated(voice.codes, self.configuration)
            row.labels[voice_start : voice_start + len(labels)] = labels
            row.weight[voice_start : voice_start + len(labels)] = self.recipe.prompt_loss
            self.guide(row, voice, voice_start, transcript)
        if not unconditional:
            self.guide(row, clip, len(ids), text_start)
            self.spell(row, clip.spelled, text_start)
        return row

    def text(self, tokens: list[int], spelled: np.ndarray) -> Row:
        """A text that nobody speaks: what is learned is how it would sound."""
        control, prompts = self.prompts.control, self.prompts
        row = self.silent([*prompts.head, control["SPEECH_START"], *tokens, control["SPEECH_END"], *prompts.tail])
        self.spell(row, spelled, len(prompts.head) + 1)
        return row

    def caption(self, caption: list[int], classes: np.ndarray) -> Row:
        """A caption that nobody plays: what is learned is what it asks for."""
        row = self.silent(self.prompts.music(caption))
        row.attributes[-len(self.prompts.tail) :] = classes
        self.tell(row, caption)
        return row

    def tell(self, row: Row, caption: list[int]) -> None:
        """Leads what follows the caption to where it says the beats per minute and the key, in turn."""
        places = getattr(caption, "told", None)
        if places is None:
            return
        start = len(self.prompts.head) + 1
        for number in range(len(self.prompts.tail)):
            wanted = places[:2] if number % 2 == 0 else places[2:]
            row.told[start + len(caption) + 1 + number] = np.where(wanted >= 0, wanted + start, -1)

    def silent(self, ids: list[int]) -> Row:
        """A prompt that nothing follows."""
        T, C = len(ids), self.configuration.codebooks
        return Row(ids, np.zeros((0, C), np.int64), np.full((T, C), IGNORE, np.int64), *unguided(T))

    def music(self, clip: Clip, caption: list[int], unconditional: bool) -> Row:
        ids = self.prompts.music(caption)
        row = self.begin(ids, None, clip)
        self.tell(row, caption)
        if clip.attributes is not None and not unconditional:
            row.attributes[len(ids) - len(self.prompts.tail) :] = clip.attributes
        if clip.beats is not None:
            row.beats[len(ids) : len(ids) + clip.length] = clip.beats
        if clip.notes is not None:
            row.notes[len(ids) : len(ids) + clip.length] = clip.notes
        for head, period in enumerate(clip.periods or ()):
            frames = np.arange(int(np.ceil(period)), clip.length)
            row.back[len(ids) + frames, head] = len(ids) + frames - period + 1
        return row

    def begin(self, ids: list[int], voice: np.ndarray | None, clip: Clip) -> Row:
        """A prompt and what generation feeds and answers after it."""
        inputs, answers = generated(clip.codes, self.configuration)
        T = len(ids) + len(inputs)
        labels = np.full((T, inputs.shape[1]), IGNORE, np.int64)
        labels[len(ids) :] = answers
        return Row(
            ids + [self.prompts.tokenizer.placeholder] * len(inputs),
            inputs if voice is None else np.concatenate([voice, inputs]),
            labels,
            *unguided(T),
        )

    @staticmethod
    def spell(row: Row, spelled: np.ndarray | None, text_start: int) -> None:
        """Asks how the text that begins at `text_start` sounds."""
        if spelled is not None:
            start = text_start + LETTERS_AHEAD
            row.letters[start : start + len(spelled)] = spelled[: len(row.letters) - start]

    def guide(self, row: Row, clip: Clip, start: int, text_start: int) -> None:
        """Where the frames from position `start` on should look in the clip's text, and which phonemes they speak.

        The input at `start` + i predicts code frame i of the first codebook. Without alignments the text is spoken at
        an even pace.
        """
        T, tokens = clip.length, len(clip.text)
        here = slice(start, start + T)
        if clip.places is not None and clip.places.max() >= 0:
            row.centre[here] = through_pauses(clip.places) + text_start
            row.width[here] = ALIGNED_WIDTH
            row.phonemes[here, 0] = clip.phonemes
            row.phonemes[start : start + T - AHEAD, 1] = clip.phonemes[AHEAD:]
        elif tokens > 1 and T > 1:
            row.centre[here] = text_start + (np.arange(T) + 0.5) / T * tokens - 0.5
            row.width[here] = DIAGONAL_WIDTH

    def batch(self, domain: str, rows: list[Row], rng: np.random.Generator | None = None) -> Batch:
        """Fills rows up to the longest. With `rng` some of the input code frames become noise."""
        B, T = len(rows), max(len(row.ids) for row in rows)
        filled = lambda shape, value, dtype: np.full((B, T, *shape), value, dtype)
        ids, labels = (
            filled((), self.prompts.tokenizer.id("<|endoftext|>"), np.int64),
            filled((self.configuration.codebooks,), IGNORE, np.int64),
        )
        weight, centre, width = filled((), 0, np.float32), filled((), -1, np.float32), filled((), 1, np.float32)
        valid, phonemes, letters = filled((), False, bool), filled((2,), -1, np.int64), filled((2,), -1, np.int64)
        told, back = filled((2,), -1, np.float32), filled((2,), -1, np.float32)
        asked = [filled((size,), -1, np.int64) for size in ASKED]
        for b, row in enumerate(rows):
            n = len(row.ids)
            ids[b, :n], labels[b, :n], weight[b, :n], valid[b, :n] = row.ids, row.labels, row.weight, True
            centre[b, :n], width[b, :n] = row.centre, row.width
            phonemes[b, :n], letters[b, :n] = row.phonemes, row.letters
            asked[0][b, :n], asked[1][b, :n], asked[2][b, :n] = row.attributes, row.beats, row.notes
            told[b, :n], back[b, :n] = row.told, row.back
        frames = np.concatenate([row.frames for row in rows])
        if rng is not None:
            frames = self.noisy(self.slipped(frames, rng), rng)
        arrays = (ids, frames, labels, weight, valid, centre, width, phonemes, letters, *asked, told, back)
        return Batch(domain, *(torch.from_numpy(array) for array in arrays), shared=len(self.prompts.head))

    def slipped(self, frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Replaces a share of the frames by others at most `SLIP` away: as the model's own slips are, plausible, and at
        the wrong time. BOS, EOS and PAD stay."""
        hit = rng.random(len(frames)) < self.recipe.slips
        source = np.clip(np.arange(len(frames)) + rng.integers(-SLIP, SLIP + 1, len(frames)), 0, len(frames) - 1)
        sounds = (np.maximum(frames, frames[source]) < self.configuration.eos).all(1)
        return np.where((hit & sounds)[:, None], frames[source], frames)

    def noisy(self, frames: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Replaces all codes of a share of the frames by random ones, so that the model learns to live with its own
        slips and to look at the text. BOS, EOS and PAD stay."""
        hit = rng.random(len(frames)) < self.recipe.noise
        noise = rng.integers(0, self.configuration.eos, frames.shape)
        return np.where(hit[:, None] & (frames < self.configuration.eos), noise, frames)


def through_pauses(places: np.ndarray) -> np.ndarray:
    """Where each code frame [T] is in the text, from where those are that speak (-1: a pause): pauses are at what
    follows the token spoken last, a comma or a space, those before the first token at 0.

    A model that is not told this sounds the same to itself all through a pause, and may not find its place after it.
    """
    last = np.maximum.accumulate(np.where(places >= 0, np.arange(len(places)), -1))
    return np.where(places >= 0, places, np.where(last >= 0, places[last] + 1, 0))


def unguided(T: int) -> tuple[np.ndarray, ...]:
    """The last fields of a row of which nothing more is asked: weight, centre, width, phonemes, letters,
    attributes, beats, notes, told, back."""
    return (
        np.ones(T, np.float32),
        np.full(T, -1, np.float32),
        np.ones(T, np.float32),
        np.full((T, 2), -1, np.int64),
        *(np.full((T, n), -1, np.int64) for n in (2, *ASKED)),
        *(np.full((T, 2), -1, np.float32) for _ in range(2)),
    )


class Texts:
    """Batches of sentences that nobody speaks and of captions that nobody plays, three to a sentence since each tells
    less, drawn at random; which ones follows from (seed, number) alone."""

    def __init__(
        self,
        composer: Composer,
        sentences: list[str],
        pronunciation: Pronunciation | None,
        pieces: list[Clip],
        positions: int,
        seed: int,
    ):
        """`sentences` need the `pronunciation`; the captions are those of `pieces`. Either may be empty, not both."""
        self.composer, self.sentences, self.pronunciation, self.pieces = composer, sentences, pronunciation, pieces
        self.positions, self.seed = positions, seed

    def batch(self, number: int) -> Batch:
        rng = np.random.default_rng([self.seed, number, 2])
        kinds = [make for make, stock in ((self.sentence, self.sentences), *[(self.caption, self.pieces)] * 3) if stock]
        rows, total = [], 0
        while len(rows) < len(kinds) or total < self.positions:
            rows.append(kinds[len(rows) % len(kinds)](rng))
            total += len(rows[-1].ids) - len(self.composer.prompts.head)
        return self.composer.batch(TEXT, rows)

    def sentence(self, rng: np.random.Generator) -> Row:
        text, tokenizer = self.sentences[rng.integers(len(self.sentences))], self.composer.prompts.tokenizer
        return self.composer.text(tokenizer.encode(text), spelled(text, self.pronunciation, tokenizer))

    def caption(self, rng: np.random.Generator) -> Row:
        piece = self.pieces[rng.integers(len(self.pieces))]
        return self.composer.caption(piece.captions[rng.integers(len(piece.captions))], piece.attributes)


@dataclass
class Item:
    """A row to be made: a clip, its voice prompt or caption, and how long the row will be."""

    domain: str
    clip: Clip
    voice: Clip | None
    caption: list[int]
    unconditional: bool
    length: int


class Sampler:
    """An endless sequence of batches: in every epoch each clip of the domains comes once, rows of like length lie
    together, and the batches come in random order.

    A batch holds one domain's rows. Of `world` processes, number `rank` gets every `world`-th batch.
    """

    def __init__(
        self,
        composer: Composer,
        clips: Clips,
        positions: dict[str, int],
        seed: int,
        rank: int = 0,
        world: int = 1,
        voices: Clips | None = None,
    ):
        """positions: the domains and how many positions, filling included, a batch of each may have."""
        self.composer, self.clips, self.positions = composer, clips, positions
        self.seed, self.rank, self.world = seed, rank, world
        self.epoch, self.index = 0, 0
        self.pools = pools((voices or clips).speech, VOICE_FRAMES)
        self.long_pools = pools((voices or clips).speech, (VOICE_FRAMES[1] + 1, LONGEST_VOICE))
        self._plan: list[list[Item]] = []
        self._planned = -1

    def state(self) -> dict:
        return {"epoch": self.epoch, "index": self.index}

    def restore(self, state: dict) -> None:
        self.epoch, self.index = state["epoch"], state["index"]

    def next(self) -> Batch:
        number = self.skip()
        return self.make(self._plan[number], np.random.default_rng([self.seed, self.epoch, number, 1]))

    def skip(self) -> int:
        """Moves on without making the batch; returns its number in the epoch."""
        if self._planned != self.epoch:
            self._plan, self._planned = self.plan(self.epoch), self.epoch
        if self.index + self.world > len(self._plan) and self.index > 0:
            self.epoch, self.index = self.epoch + 1, 0
            return self.skip()
        number = (self.index + self.rank) % len(self._plan)
        self.index += self.world
        return number

    def plan(self, epoch: int) -> list[list[Item]]:
        """The batches of an epoch, before they are made."""
        rng = np.random.default_rng([self.seed, epoch])
        batches = []
        for domain, positions in self.positions.items():
            items = [self.item(domain, clip, rng) for clip in self.clips.of(domain)]
            order = np.argsort([item.length for item in items], kind="stable")
            batches += grouped([items[i] for i in order], positions)
        return [batches[i] for i in rng.permutation(len(batches))]

    def item(self, domain: str, clip: Clip, rng: np.random.Generator) -> Item:
        unconditional = bool(rng.random() < self.composer.recipe.unconditional)
        delay, prompts = self.composer.configuration.maximum_delay, self.composer.prompts
        if domain == SPEECH:
            voice = self.voice_for(clip, rng)
            text = 0 if unconditional else len(clip.text)
            prompt = prompts.speech_places(len(voice.text), voice.length + delay + 1)[2] + text + 1 + len(prompts.tail)
            return Item(domain, clip, voice, [], unconditional, prompt + clip.length + max(1, delay))
        caption = prompts.poor_caption if unconditional else clip.captions[rng.integers(len(clip.captions))]
        return Item(
            domain, clip, None, caption, unconditional, len(prompts.music(caption)) + clip.length + max(1, delay)
        )

    def voice_for(self, clip: Clip, rng: np.random.Generator) -> Clip:
        """Another clip of the same voice, of a prompt's length."""
        share = self.composer.recipe.long_voices
        pools = self.long_pools if share > 0 and rng.random() < share else self.pools
        pool = pools.get(clip.voice, [clip])
        place = int(rng.integers(len(pool)))
        return pool[(place + 1) % len(pool)] if pool[place] is clip else pool[place]

    def make(self, items: list[Item], rng: np.random.Generator | None) -> Batch:
        composer = self.composer
        rows = [
            composer.speech(item.clip, item.voice, item.unconditional)
            if item.domain == SPEECH
            else composer.music(item.clip, item.caption, item.unconditional)
            for item in items
        ]
        return composer.batch(items[0].domain, rows, rng)


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


def held_out(
    composer: Composer, test: Clips, training: Clips, domain: str, count: int, positions: int
) -> Iterator[Batch]:
    """Always the same batches of up to `count` clips that were never trained on, spoken after voice prompts from the
    training, whose own code frames have no labels, without noise and unconditional rows."""
    composer = Composer(composer.prompts, composer.configuration, replace(composer.recipe, prompt_loss=0.0))
    clips = test.of(domain)
    chosen = Clips()
    chosen.of(domain).extend(clips[i] for i in np.linspace(0, len(clips) - 1, min(count, len(clips))).astype(int))
    sampler = Sampler(composer, chosen, {domain: positions}, seed=5, voices=training)
    rng = np.random.default_rng(5)
    items = []
    for clip in chosen.of(domain):
        item = sampler.item(domain, clip, rng)
        while item.unconditional:
            item = sampler.item(domain, clip, rng)
        items.append(item)
    for group in grouped(sorted(items, key=lambda item: item.length), positions):
        yield sampler.make(group, None)
