"""Encoded clips with their texts or captions, as the language model's training reads them."""

import json
from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from unimoe_train.alignment.pronunciation import Pronunciation
from unimoe_train.data.attributes import attributes, told
from unimoe_train.data.beats import beats, periods
from unimoe_train.data.notes import sounding
from unimoe_train.errors import BadInput
from unimoe_train.recipe import SPEECH, DataRecipe
from unimoe_train.state import State
from unimoe_train.tokenizer import Tokenizer


class Caption(list[int]):
    """Token ids, and the tokens that `data.attributes.told` finds; -1 none."""

    told: np.ndarray | None = None  # [4]


@dataclass(eq=False)
class Clip:
    """One recording. T code frames."""

    codes: np.ndarray  # [T, codebooks]
    voice: str = ""  # of speech
    text: list[int] = field(default_factory=list)  # of speech, token ids
    captions: list[Caption] = field(default_factory=list)  # of music
    attributes: np.ndarray | None = None  # of music, the classes of `data.attributes` that the captions ask for
    beats: np.ndarray | None = None  # [T, 4] of music, the classes of `data.beats`
    notes: np.ndarray | None = None  # [T, 12] of music, which pitch classes sound (`data.notes`)
    periods: tuple[float, float] | None = None  # of music, code frames of a beat and of a bar
    phonemes: np.ndarray | None = None  # [T], -1 where none is known
    places: np.ndarray | None = None  # [T], the token of `text` that is spoken, -1 in pauses
    spelled: np.ndarray | None = None  # [tokens of `text`, 2], the phonemes each begins and ends in, -1: none known

    @property
    def length(self) -> int:
        return len(self.codes)


@dataclass
class Clips:
    """The clips of some data sets, by domain."""

    speech: list[Clip] = field(default_factory=list)
    music: list[Clip] = field(default_factory=list)
    phonemes: int = 0  # how many there are; 0 without alignments

    def of(self, domain: str) -> list[Clip]:
        return self.speech if domain == SPEECH else self.music

    def repeated(self, most: int) -> "Clips":
        """With the clips of rarer voices several times, at most `most`, so that voices come about equally often."""
        counts = Counter(clip.voice for clip in self.speech)
        largest = max(counts.values(), default=1)
        times = {voice: max(1, min(most, round(largest / count))) for voice, count in counts.items()}
        return Clips([clip for clip in self.speech for _ in range(times[clip.voice])], self.music, self.phonemes)

    def code_frames(self, domain: str) -> int:
        return sum(clip.length for clip in self.of(domain))


def load_clips(
    state: State, names: list[str], tokenizer: Tokenizer, codebooks: int, pronunciation: Pronunciation | None = None
) -> Clips:
    """Reads data sets whose codes are there, with their alignments if the pronunciation is given that these were made
    with. Throws `BadInput` if a set has no codes or its files disagree."""
    clips = Clips(phonemes=len(pronunciation.names) if pronunciation else 0)
    for name in names:
        entries, codes, offsets = read_set(state, name)
        if codes.ndim != 2 or codes.shape[1] < codebooks:
            raise BadInput(state.codes(name), expected=f"at least {codebooks} codebooks", found=list(codes.shape))
        if len(offsets) != len(entries):
            raise BadInput(state.code_offsets(name), expected=f"{len(entries)} clips", found=len(offsets))
        phonemes, characters = read_alignment(state, name, len(codes)) if pronunciation else (None, None)
        for entry, (start, length) in zip(entries, offsets):
            frames = slice(start, start + length)
            if length == 0:
                continue
            clip = Clip(np.array(codes[frames, :codebooks], np.int64))
            if entry["kind"] == "m":
                clip.captions = [read_caption(entry, caption, tokenizer) for caption in entry["caps"]]
                clip.attributes, clip.beats, clip.periods = attributes(entry), beats(entry, length), periods(entry)
                clip.notes = sounding(entry, length)
                clips.music.append(clip)
                continue
            clip.voice, clip.text = str(entry["voice"]), tokenizer.encode(entry["text"])
            if pronunciation:
                clip.spelled = spelled(entry["text"], pronunciation, tokenizer)
            if phonemes is not None:
                clip.phonemes = phonemes[frames]
                # The extra last entry answers for -1: no character.
                tokens = np.array([*tokenizer.positions(entry["text"]), -1])
                clip.places = tokens[np.minimum(characters[frames], len(tokens) - 1)]
            clips.speech.append(clip)
    return clips


def read_caption(entry: dict, text: str, tokenizer: Tokenizer) -> Caption:
    caption = Caption(tokenizer.encode(text))
    caption.told = np.array([*tokenizer.positions(text), -1])[told(entry, text)]
    return caption


def spelled(text: str, pronunciation: Pronunciation, tokenizer: Tokenizer) -> np.ndarray:
    """The phonemes that each token of a text begins and ends in [tokens, 2], -1 where none is known."""
    tokens = np.array(tokenizer.positions(text), np.int64)
    characters = pronunciation.spelled(text)
    result = np.full((tokens[-1] + 1 if len(tokens) else 0, 2), -1, np.int64)
    result[tokens[::-1], 0] = characters[::-1, 0]
    result[tokens, 1] = characters[:, 1]
    return result


def read_set(state: State, name: str) -> tuple[list[dict], np.ndarray, list[tuple[int, int]]]:
    """A set's clips, codes [code frames, codebooks] and (first code frame, code frames) per clip."""
    for path in (state.clips(name), state.codes(name), state.code_offsets(name)):
        if not path.exists():
            raise BadInput(path, "is not there yet: run `unimoe-train data` and `unimoe-train codec` first")
    try:
        entries = json.loads(state.clips(name).read_text(encoding="utf-8"))
        offsets = json.loads(state.code_offsets(name).read_text())
        return entries, np.load(state.codes(name), mmap_mode="r"), offsets
    except (ValueError, OSError) as error:
        raise BadInput(state.clips(name), f"or its codes cannot be read: {error}") from None


def read_alignment(state: State, name: str, code_frames: int) -> tuple[np.ndarray | None, np.ndarray | None]:
    """The phoneme and the character of every code frame of a set, if it was aligned."""
    path = state.alignment(name)
    if not path.exists():
        return None, None
    with np.load(path) as arrays:
        phonemes, characters = arrays["frames"].astype(np.int64), arrays["chars"].astype(np.int64)
    if len(phonemes) != code_frames:
        raise BadInput(path, expected=f"{code_frames} code frames, as the codes have", found=len(phonemes))
    return phonemes, characters


def domain_sets(recipe: DataRecipe, domain: str) -> list[str]:
    """The training sets of a domain."""
    return recipe.speech_sets() if domain == SPEECH else recipe.music_sets()
