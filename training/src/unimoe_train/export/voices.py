"""The voices that come with a model: a reference clip's codes and transcript, in the engine's format."""

import re
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

from unimoe_train.clips import read_set
from unimoe_train.errors import BadInput
from unimoe_train.recipe import FRAME_RATE, Recipe
from unimoe_train.state import State, replacing

PLAIN = re.compile(r"[A-Z][a-z ,']+[.]")


def write(path: Path, codes: np.ndarray, transcript: str) -> None:
    """codes [code frames, codebooks]."""
    path.parent.mkdir(parents=True, exist_ok=True)
    metadata = {"format": "unimoe-audio-voice", "version": "1", "transcript": transcript, "created_by": "unimoe-train"}
    with replacing(path) as temporary:
        save_file({"codes": torch.from_numpy(np.ascontiguousarray(codes, np.int32))}, temporary, metadata=metadata)
        temporary.chmod(0o644)


def voice_sets(recipe: Recipe) -> dict[str, list[str]]:
    """The voices and the training sets of each."""
    return {
        **{name: recipe.data.parts(name) for name in recipe.data.voices},
        **{name: [name] for name in recipe.data.recorded_speech},
    }


def choose(state: State, sets: list[str], seconds: float, codebooks: int) -> tuple[np.ndarray, str]:
    """The clip of a voice whose length comes nearest to `seconds`, among plain sentences if there are any."""
    candidates = []
    for name in sets:
        entries, codes, offsets = read_set(state, name)
        for entry, (start, length) in zip(entries, offsets):
            if length:
                distance = abs(length / FRAME_RATE - seconds)
                candidates.append(
                    (not PLAIN.fullmatch(entry["text"]), round(distance, 1), name, start, length, entry["text"], codes)
                )
    *_, start, length, text, codes = min(candidates, key=lambda candidate: candidate[:4])
    return np.array(codes[start : start + length, :codebooks]), text


def export(recipe: Recipe, state: State, folder: Path, codebooks: int) -> list[str]:
    """Writes folder/NAME.safetensors for every voice, the default one also as default.safetensors."""
    names, default = [], recipe.export.default_voice
    if default and default not in voice_sets(recipe):
        raise BadInput(
            f"{recipe.name}: export.default_voice", expected=f"one of {', '.join(voice_sets(recipe))}", found=default
        )
    for name, sets in voice_sets(recipe).items():
        codes, text = choose(state, sets, recipe.export.voice_seconds, codebooks)
        write(folder / f"{name}.safetensors", codes, text)
        if name == default:
            write(folder / "default.safetensors", codes, text)
        names.append(name)
    return names
