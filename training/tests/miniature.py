"""Data in miniature: random codes, plans and short texts in the formats of the state folder, made in no time."""

import json

import numpy as np
from unimoe_train.plan import score, stored
from unimoe_train.plan.channels import SPEECH_CHANNELS, codes
from unimoe_train.plan.instruments import INSTRUMENTS
from unimoe_train.plan.phonemes import PHONEMES
from unimoe_train.plan.sentence import Sentence, SpokenWord
from unimoe_train.recipe import Recipe
from unimoe_train.state import State

HOP = 320  # samples per code frame
WORDS = "the cat sat on a mat and saw two red birds fly over our old house".split()
SIZES = codes(PHONEMES, INSTRUMENTS)


def sounding(text: str) -> list[SpokenWord]:
    """The words of a text with phonemes that have nothing to do with them."""
    words, start = [], 0
    for word in text.rstrip(".").split(" "):
        phonemes = tuple(1 + ord(letter) % (len(PHONEMES) - 1) for letter in word[:3])
        words.append(SpokenWord(start, start + len(word), phonemes, pause=False))
        start += len(word) + 1
    return words


def spoken_plan(text: str, frames: int) -> np.ndarray:
    """The codes [frames, 3] of a text whose states last about equally long."""
    sentence = Sentence.of(sounding(text))
    return sentence.codes(np.arange(frames) * len(sentence.phonemes) // frames)


def played_plan(frames: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Music at 100 beats a minute with random notes, without a bass."""
    beat = score.beats(100, 4, 50, 0, frames)
    plan = {"beat": beat, "tempo": np.full(frames, 28), "lead": np.full(frames, 3)}
    for name, where in score.decisions(beat).items():
        if name in ("chord", "melody", "drums"):
            held = np.maximum.accumulate(np.where(where, np.arange(frames), 0))
            plan[name] = rng.integers(0, SIZES[name], frames)[held]
    return plan


def make_state(root, recipe: Recipe, clips: int = 12) -> State:
    """Codes, clips and plans of every set of a recipe, without sound."""
    state = State(root)
    rng = np.random.default_rng(0)
    speech = recipe.data.speech_sets() + recipe.data.speech_test_sets()
    for name in [*recipe.data.speech_sets(), *recipe.data.music_sets(), *recipe.data.test_sets()]:
        lengths, entries, plans = rng.integers(8, 40, clips), [], []
        for length in lengths:
            if name in speech:
                text = " ".join(rng.choice(WORDS, max(1, int(length) // 12))) + "."
                entries.append({"kind": "s", "voice": "mini", "text": text, "off": 0, "n": HOP * int(length)})
                plans.append(dict(zip(SPEECH_CHANNELS, spoken_plan(text, int(length)).T)))
            else:
                captions = [" ".join(rng.choice(WORDS, 3)) for _ in range(2)]
                entries.append({"kind": "m", "caps": captions, "off": 0, "n": HOP * int(length)})
                plans.append(played_plan(int(length), rng))
        state.clips(name).write_text(json.dumps(entries))
        starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        state.code_offsets(name).write_text(json.dumps([[int(a), int(n)] for a, n in zip(starts, lengths)]))
        np.save(state.codes(name), rng.integers(0, 1024, (lengths.sum(), recipe.codec.codebooks), np.int16))
        stored.write(state, name, {channel: np.concatenate([plan[channel] for plan in plans]) for channel in plans[0]})
    return state
