"""Data in miniature: random codes and short texts in the formats of the state folder, made in no time."""

import json

import numpy as np
from unimoe_train.alignment.letters import places_of
from unimoe_train.alignment.pronunciation import Pronunciation
from unimoe_train.recipe import Recipe
from unimoe_train.state import State

WORDS = "the cat sat on a mat and saw two red birds fly over our old house".split()
PHONEMES = 9


def make_state(root, recipe: Recipe, clips: int = 12) -> State:
    """Codes, clips and alignments of every set of a recipe, without sound, and sentences that nobody speaks."""
    state = State(root)
    rng = np.random.default_rng(0)
    sound = {word: tuple(ord(letter) % PHONEMES for letter in word) for word in WORDS}
    Pronunciation([f"p{i}" for i in range(PHONEMES)], sound, places_of(sound)).save(state.words())
    state.path("sentences.txt").write_text(
        "\n".join(" ".join(rng.choice(WORDS, 4)) + "." for _ in range(recipe.data.held_out + 20))
    )
    speech = recipe.data.speech_sets()
    for name in [*speech, *recipe.data.music_sets(), *recipe.data.test_sets()]:
        is_speech = name in speech or name in recipe.data.speech_test_sets()
        lengths = rng.integers(8, 40, clips)
        entries = []
        for length in lengths:
            if is_speech:
                text = " ".join(rng.choice(WORDS, max(1, int(length) // 6))) + "."
                entries.append({"kind": "s", "voice": "mini", "text": text, "off": 0, "n": 320 * int(length)})
            else:
                captions = [" ".join(rng.choice(WORDS, 3)) for _ in range(2)]
                entries.append(
                    {
                        "kind": "m",
                        "caps": captions,
                        "inst": "piano",
                        "tempo": "slow",
                        "mode": "minor",
                        "drums": False,
                        "bpm": 70,
                        "off": 0,
                        "n": 320 * int(length),
                    }
                )
        state.clips(name).write_text(json.dumps(entries))
        starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        state.code_offsets(name).write_text(json.dumps([[int(a), int(n)] for a, n in zip(starts, lengths)]))
        codes = rng.integers(0, 1024, (lengths.sum(), recipe.codec.codebooks), np.int16)
        np.save(state.codes(name), codes)
        if is_speech:
            characters = [np.arange(n) * len(e["text"]) // n for n, e in zip(lengths, entries)]
            np.savez(
                state.alignment(name),
                chars=np.concatenate(characters).astype(np.int16),
                frames=rng.integers(0, PHONEMES, lengths.sum()).astype(np.int16),
            )
    return state
