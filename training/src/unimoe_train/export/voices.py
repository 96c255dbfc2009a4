"""The voices that come with a model: a reference clip's codes and transcript, in the engine's format."""

import re
import shutil
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from unimoe_train.clips import read_set
from unimoe_train.curriculum import origin
from unimoe_train.curriculum.learned import fingerprint, learned
from unimoe_train.errors import BadInput
from unimoe_train.model.configuration import ModelConfiguration
from unimoe_train.plan import stored
from unimoe_train.plan.phonemes import PHONEMES
from unimoe_train.recipe import FRAME_RATE, SPEECH, Recipe
from unimoe_train.state import State, replacing

CREATOR = "unimoe-train"
DEFAULT = "default"  # the name of the voice that is taken where none is named
PLAIN = re.compile(r"[A-Z][a-z ,']+[.]")


def write(path: Path, codes: np.ndarray, transcript: str, plan: np.ndarray | None = None) -> None:
    """codes [code frames, codebooks]; plan [code frames, 3] of the speech channels, if it is known, -1 where not."""
    path.parent.mkdir(parents=True, exist_ok=True)
    metadata = {"format": "unimoe-audio-voice", "version": "1", "transcript": transcript, "created_by": CREATOR}
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


def learned_sets(recipe: Recipe, state: State, stage: str) -> tuple[dict[str, list[str]], list[str]]:
    """The voices that the stage's model has learned, with the sets that it learned; and those that it has not."""
    every, known = voice_sets(recipe), learned(state, stage)
    if known is None:
        return every, []
    sets = {
        voice: [name for name in names if name in known and known[name] == fingerprint(state, name)]
        for voice, names in every.items()
    }
    return {voice: names for voice, names in sets.items() if names}, [voice for voice in sets if not sets[voice]]


def export(
    recipe: Recipe, state: State, stage: str, folder: Path, c: ModelConfiguration, carried: Path | None
) -> list[str]:
    """Writes folder/NAME.safetensors for every voice that the model learned, and copies those of the checkpoint `carried` that
    it knew before; the default one also as default.safetensors. Returns the names."""
    sets, unlearned = learned_sets(recipe, state, stage)
    for name in unlearned:
        print(f"voice {name}: left out, {stage} did not learn what is there of it now", file=sys.stderr)
    files = {path.stem: path for path in origin.voices(carried)} if carried else {}
    folder.mkdir(parents=True, exist_ok=True)
    for path in files.values():
        shutil.copyfile(path, folder / path.name)
    for name, names in sets.items():
        write(folder / f"{name}.safetensors", *choose(state, names, recipe.export.voice_seconds, c))
    voices = [*sets, *(name for name in files if name not in sets and name != DEFAULT)]
    if default := recipe.export.default_voice:
        if default not in voices:
            raise BadInput(
                f"{recipe.name}: export.default_voice", expected=f"one of {', '.join(voices)}", found=default
            )
        shutil.copyfile(folder / f"{default}.safetensors", folder / f"{DEFAULT}.safetensors")
    return voices


def was_exported(path: Path) -> bool:
    """Whether a voice's file is what an export wrote, not what somebody added."""
    try:
        with safe_open(path, "pt") as file:
            return (file.metadata() or {}).get("created_by") == CREATOR
    except (OSError, SafetensorError):
        return False
