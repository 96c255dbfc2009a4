"""Encoded clips with their texts or captions and their plans, as the language model's training reads them."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np

from unimoe_train.errors import BadInput
from unimoe_train.model.configuration import ModelConfiguration
from unimoe_train.plan import stored
from unimoe_train.recipe import MUSIC, SPEECH, DataRecipe
from unimoe_train.state import State, read_array, read_json
from unimoe_train.tokenizer import Tokenizer


@dataclass(eq=False)
class Clip:
    """One recording. T code frames, P plan channels of its domain."""

    codes: np.ndarray  # [T, codebooks]
    plan: np.ndarray  # [T, P], unknown where nobody knows
    voice: str = ""  # of speech
    text: list[int] = field(default_factory=list)  # of speech, token ids
    captions: list[list[int]] = field(default_factory=list)  # of music, token ids
    ends: bool = True  # whether the piece ends with it
    own: bool = False  # whether it is the user's own recording

    @property
    def length(self) -> int:
        return len(self.codes)


@dataclass
class Clips:
    """The clips of some data sets, by domain."""

    speech: list[Clip] = field(default_factory=list)
    music: list[Clip] = field(default_factory=list)
    prompts: list[Clip] = field(default_factory=list)  # voice prompts that are heard alone (`data.prompts`)

    def of(self, domain: str) -> list[Clip]:
        return self.speech if domain == SPEECH else self.music

    def repeated(self, most: int) -> "Clips":
        """With the clips of rarer voices several times, at most `most`, so that voices come about equally often."""
        counts = Counter(clip.voice for clip in self.speech)
        largest = max(counts.values(), default=1)
        times = {voice: max(1, min(most, round(largest / count))) for voice, count in counts.items()}
        return Clips([clip for clip in self.speech for _ in range(times[clip.voice])], self.music, self.prompts)

    def shared(self, own: float, longest: int = 0) -> "Clips":
        """With the user's own clips, or the others, several times, so that the own ones have the share `own` of the code
        frames of each domain that has both; of a clip at most the `longest` code frames count (0: all)."""
        return Clips(shared(self.speech, own, longest), shared(self.music, own, longest), self.prompts)

    def only(self, own: bool) -> "Clips":
        """The user's own clips, or the others."""
        return Clips(
            [clip for clip in self.speech if clip.own == own], [clip for clip in self.music if clip.own == own]
        )

    def code_frames(self, domain: str) -> int:
        return sum(clip.length for clip in self.of(domain))


def shared(clips: list[Clip], share: float, longest: int) -> list[Clip]:
    """Clips of one domain, see `Clips.shared`."""
    own, others = [clip for clip in clips if clip.own], [clip for clip in clips if not clip.own]
    if not own or not others or not 0 < share < 1:
        return clips
    size = lambda mine: sum(min(clip.length, longest or clip.length) for clip in mine)
    times = share / (1 - share) * size(others) / size(own)
    return repeated(own, max(1.0, times)) + repeated(others, max(1.0, 1 / times))


def repeated(clips: list[Clip], times: float) -> list[Clip]:
    """Clips so many times, for a fraction some that are spread over all."""
    rest = round(times % 1 * len(clips))
    return clips * int(times) + [clips[i * len(clips) // rest] for i in range(rest)]


def load_clips(
    state: State, names: list[str], tokenizer: Tokenizer, c: ModelConfiguration, own: Collection[str] = ()
) -> Clips:
    """Reads data sets whose codes are there, with their plans if the model has plan channels. `own`: those of the user's
    recordings.

    Throws `BadInput` if a set has no codes or its files disagree.
    """
    clips = Clips()
    for name in names:
        entries, codes, offsets = read_set(state, name)
        if codes.ndim != 2 or codes.shape[1] < c.codebooks:
            raise BadInput(state.codes(name), expected=f"at least {c.codebooks} codebooks", found=list(codes.shape))
        if len(offsets) != len(entries):
            raise BadInput(state.code_offsets(name), expected=f"{len(entries)} clips", found=len(offsets))
        plans: dict[str, np.ndarray] = {}
        for entry, (start, length) in zip(entries, offsets):
            if length == 0:
                continue
            domain = MUSIC if entry["kind"] == "m" else SPEECH
            if domain not in plans:
                plans[domain] = stored.read(state, name, c.channels(domain), len(codes))
            frames = slice(start, start + length)
            clip = Clip(np.array(codes[frames, : c.codebooks], np.int64), plans[domain][frames].astype(np.int64))
            clip.own = name in own
            if domain == MUSIC:
                clip.captions = [tokenizer.encode(caption) for caption in entry["caps"]]
            else:
                clip.voice, clip.text = str(entry["voice"]), tokenizer.encode(entry["text"])
            (clips.prompts if entry.get("prompt") else clips.of(domain)).append(clip)
    return clips


def read_set(state: State, name: str) -> tuple[list[dict], np.ndarray, list[tuple[int, int]]]:
    """A set's clips, codes [code frames, codebooks] and (first code frame, code frames) per clip."""
    for path in (state.clips(name), state.codes(name), state.code_offsets(name)):
        if not path.exists():
            raise BadInput(path, "is not there yet: run `unimoe-train data` and `unimoe-train codec` first")
    entries, offsets = read_json(state.clips(name)), read_json(state.code_offsets(name))
    return entries, read_array(state.codes(name)), offsets


def domain_sets(recipe: DataRecipe, domain: str) -> list[str]:
    """The training sets of a domain."""
    return recipe.speech_sets() if domain == SPEECH else recipe.music_sets()
