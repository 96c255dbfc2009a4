"""Alignment of whole data sets: align/NAME.npz beside codes/NAME_codes.npy."""

import json
import re
from collections.abc import Callable, Iterator

import numpy as np
import torch
from unimoe_train.alignment.aligner import Aligner
from unimoe_train.alignment.pronunciation import Pronunciation
from unimoe_train.codec.features import Layout
from unimoe_train.data.clips import ClipSet, is_made
from unimoe_train.errors import BadInput
from unimoe_train.state import State, replacing


def align_sets(state: State, names: list[str], log: Callable[[str], None] = lambda line: None) -> None:
    """Aligns every speech clip of the data sets with its text, voice by voice, and writes what is missing.

    align/NAME.npz holds `frames` int16 [code frames], the index into align/words.json's names of the phoneme that each
    code frame of the set holds, and `chars` int16 [code frames], the character of the clip's text that it speaks;
    -1 where a clip could not be aligned, and for characters in pauses.
    """
    for name in names:
        if not is_made(state, name):
            raise BadInput(state.clips(name), "is not there yet: run `unimoe-train data`")
    clips = {name: json.loads(state.clips(name).read_text(encoding="utf-8")) for name in names}
    sentences = state.path("sentences.txt")  # reading is learned from text alone, too
    known = Pronunciation.load(state.words()) if state.words().exists() else None
    pronunciation = Pronunciation.of(
        [clip["text"] for name in names for clip in clips[name]],
        sentences.read_text(encoding="utf-8").split("\n") if sentences.exists() else [],
        known,
    )
    if known is None or known.names != pronunciation.names:  # indices have another meaning
        for old in state.words().parent.glob("*.npz"):
            old.unlink()
    pronunciation.save(state.words())
    voices: dict[str, list[str]] = {}
    for name in names:
        voices.setdefault(re.sub(r"(\d+|test)$", "", name), []).append(name)
    for voice, sets in voices.items():
        if all(state.alignment(name).exists() for name in sets):
            log(f"{voice}: aligned before")
        else:
            _align_voice(
                state,
                {name: clips[name] for name in sets},
                pronunciation,
                lambda line, voice=voice: log(f"{voice}: {line}"),
            )


def _align_voice(state: State, clips: dict[str, list[dict]], pronunciation: Pronunciation, log) -> None:
    """Aligns the data sets of one voice together, so that its sounds are learned from all of them."""
    every = [clip for sets in clips.values() for clip in sets]
    frames = [frames for name in clips for frames in _log_mels(state, name)]
    aligner = Aligner(frames, [clip["text"] for clip in every], pronunciation)
    aligner.fit(log=log)
    first = 0
    for name, these in clips.items():
        numbers = range(first, first + len(these))
        with replacing(state.alignment(name)) as path:
            np.savez(
                path,
                frames=np.concatenate([aligner.phoneme_frames(i) for i in numbers]),
                chars=np.concatenate([aligner.character_frames(i) for i in numbers]),
            )
        first += len(these)
    lost = sum(path is None for path in aligner.paths)
    log(f"{len(every) - lost} of {len(every)} clips aligned")


def _log_mels(state: State, name: str) -> Iterator[np.ndarray]:
    """Log-mels [code frames, bands] of each clip of a set."""
    sound = ClipSet(state, name)
    layout = Layout.of(sound.rate)
    for index in range(len(sound)):
        yield layout.log_mels(torch.from_numpy(sound.padded(index))[None])[0].numpy()
