"""Alignment of whole data sets: align/NAME.npz beside codes/NAME_codes.npy."""

import json
import os
import re
from pathlib import Path

import numpy as np
import torch

from ..codec.features import features
from .aligner import Aligner
from .pronunciation import Pronunciation

HOP = 320  # samples per code frame
LONG = 100  # the long window's log-mels come first among the features; alignment needs no more


def align_sets(state: Path, names: list[str], log=lambda line: None) -> None:
    """Aligns every speech clip of the data sets with its text, voice by voice, and writes what is missing.

    align/NAME.npz holds `frames` int16 [code frames], the index into align/phonemes.json of the phoneme that each
    code frame of the set holds, and `chars` int16 [code frames], the character of the clip's text that it speaks;
    -1 where a clip could not be aligned, and for characters in pauses.
    """
    clips = {name: json.loads((state / "data" / f"{name}.json").read_text()) for name in names}
    folder = state / "align"
    folder.mkdir(exist_ok=True)
    pronunciation = Pronunciation([clip["text"] for name in names for clip in clips[name]])
    voices: dict[str, list[str]] = {}
    for name in names:
        voices.setdefault(re.sub(r"(\d+|test)$", "", name), []).append(name)
    known = folder / "phonemes.json"
    same = known.exists() and json.loads(known.read_text()) == pronunciation.names
    for voice, sets in voices.items():
        if same and all((folder / f"{name}.npz").exists() for name in sets):
            log(f"{voice}: aligned before")
            continue
        aligner = Aligner([frames for name in sets for frames in _features(state, name, clips[name])],
                          [clip["text"] for name in sets for clip in clips[name]], pronunciation)
        aligner.fit(log=lambda line: log(f"{voice}: {line}"))
        first = 0
        for name in sets:
            these = range(first, first + len(clips[name]))
            _save(folder / f"{name}.npz", frames=np.concatenate([aligner.phoneme_frames(i) for i in these]),
                  chars=np.concatenate([aligner.character_frames(i) for i in these]))
            first += len(clips[name])
    known.write_text(json.dumps(pronunciation.names, ensure_ascii=False))


def _features(state: Path, name: str, clips: list[dict]):
    """Log-mels [code frames, LONG] of each clip, padded with zeros to whole code frames as for its codes."""
    samples = np.load(state / "data" / f"{name}.npy", mmap_mode="r")
    for clip in clips:
        signal = np.zeros(-(-clip["n"] // HOP) * HOP, np.float32)
        signal[: clip["n"]] = samples[clip["off"] : clip["off"] + clip["n"]].astype(np.float32) / 32768
        yield features(torch.from_numpy(signal)[None])[0, :, :LONG].numpy()


def _save(path: Path, **arrays: np.ndarray) -> None:
    new = path.with_suffix(".new.npz")
    np.savez(new, **arrays)
    os.replace(new, path)
