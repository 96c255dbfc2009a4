"""The voices that come with a model: a reference clip's codes and transcript, in the engine's format."""

import re
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

from unimoe_train.clips import read_set
from unimoe_train.errors import BadInput
from unimoe_train.model.configuration import ModelConfiguration
from unimoe_train.plan import stored
from unimoe_train.plan.phonemes import PHONEMES
from unimoe_train.recipe import FRAME_RATE, SPEECH, Recipe
from unimoe_train.state import State, replacing

PLAIN = re.compile(r"[A-Z][a-z ,']+[.]")


def write(path: Path, codes: np.ndarray, transcript: str, plan: np.ndarray | None = None) -> None:
    """codes [code frames, codebooks]; plan [code frames, 3] of the speech channels, if it is known, -1 where not."""
    path.parent.mkdir(parents=True, exist_ok=True)
    metadata = {"format": "unimoe-audio-voice", "version": "1", "transcript": transcript, "created_by": "unimoe-train"}
    arrays = {"codes": codes}
    if plan is not None:
        arrays["plan"] = plan
        metadata |= {"version": "2", "plan_phonemes": " ".join(PHONEMES)}
    tensors = {name: torch.from_numpy(np.ascontiguousarray(array, np.int32)) for name, array in arrays.items()}
    with replacing(path) as temporary:
        save_file(tensors, temporary, metadata=metadata)
        temporary.chmod(0o644)


def voice_sets(recipe: Recipe) -> dict[str, list[str]]:
    """The voices that have training sets, and these."""
    return {
        **{name: parts for name in recipe.data.voices if (parts := recipe.data.parts(name))},
        **{name: [name] for name in recipe.data.recorded_speech},
    }


def choose(
    state: State, sets: list[str], seconds: float, c: ModelConfiguration
) -> tuple[np.ndarray, str, np.ndarray | None]:
    """Codes, text and plan of the clip of a voice whose length comes nearest to `seconds`, among plain sentences if there
    are any."""
    candidates = []
    for name in sets:
        entries, codes, offsets = read_set(state, name)
        for entry, (start, length) in zip(entries, offsets):
            if length:
                distance = abs(length / FRAME_RATE - seconds)
                candidates.append(
                    (not PLAIN.fullmatch(entry["text"]), round(distance, 1), name, start, length, entry["text"], codes)
                )
    *_, name, start, length, text, codes = min(candidates, key=lambda candidate: candidate[:4])
    here, channels = slice(start, start + length), c.channels(SPEECH)
    plan = None
    if channels:
        plan = stored.read(state, name, channels, len(codes))[here].astype(np.int32)
        unknown = np.array([channel.unknown for channel in channels])
        plan = None if (plan == unknown).all() else np.where(plan == unknown, stored.UNKNOWN, plan)
    return np.array(codes[here, : c.codebooks]), text, plan


def export(recipe: Recipe, state: State, folder: Path, c: ModelConfiguration) -> list[str]:
    """Writes folder/NAME.safetensors for every voice, the default one also as default.safetensors."""
    names, default = [], recipe.export.default_voice
    if default and default not in voice_sets(recipe):
        raise BadInput(
            f"{recipe.name}: export.default_voice", expected=f"one of {', '.join(voice_sets(recipe))}", found=default
        )
    for name, sets in voice_sets(recipe).items():
        clip = choose(state, sets, recipe.export.voice_seconds, c)
        write(folder / f"{name}.safetensors", *clip)
        if name == default:
            write(folder / "default.safetensors", *clip)
        names.append(name)
    return names
