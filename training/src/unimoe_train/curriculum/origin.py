"""The checkpoint that a training began with: initial/ of the state folder keeps of it what a training does not change, so
that an export has it though the checkpoint may have gone.

    digest                          of its weights
    generation_config.json, lexicon.bin, README.md, voices/NAME.safetensors
    passed.json                     the names of its tensors that are not ours, which --source has to copy
"""

import hashlib
import shutil
from pathlib import Path

from unimoe_train.curriculum import history
from unimoe_train.model.checkpoint import passed_tensors
from unimoe_train.state import State, replacing_folder, write_json

PASSED = "passed.json"
FILES = ("generation_config.json", "lexicon.bin", "README.md")


def digest(directory: Path) -> str:
    """A checkpoint's weights in a number: SHA-256 over its index and its shards."""
    total = hashlib.sha256()
    for path in sorted(directory.glob("model*.safetensors*")):
        with open(path, "rb") as file:
            total.update(hashlib.file_digest(file, "sha256").digest())
    return total.hexdigest()


def keep(state: State, initial: Path, origin: str) -> None:
    """Copies what is kept of the checkpoint whose weights have the digest `origin`, unless it is there already."""
    folder = state.path("initial", "digest").parent
    if kept_digest(folder) == origin:
        return
    with replacing_folder(folder) as new:
        for name in FILES:
            if (initial / name).is_file():
                shutil.copyfile(initial / name, new / name)
        (new / "voices").mkdir()
        for path in voices(initial):
            shutil.copyfile(path, new / "voices" / path.name)
        write_json(new / PASSED, sorted(passed_tensors(initial)))
        (new / "digest").write_text(origin, encoding="utf-8")


def of(state: State, stage: str) -> str | None:
    """The digest of the checkpoint that a stage, or one before it, began with; `None` without one."""
    return next((fact["origin"] for fact in history.lineage(state, stage) if fact.get("origin")), None)


def kept(state: State, stage: str) -> Path | None:
    """Where what is kept of that checkpoint lies, if it is."""
    folder, origin = state.root / "initial", of(state, stage)
    return folder if origin and kept_digest(folder) == origin else None


def kept_digest(folder: Path) -> str | None:
    path = folder / "digest"
    return path.read_text(encoding="utf-8") if path.exists() else None


def voices(checkpoint: Path) -> list[Path]:
    """The files of a checkpoint's voices."""
    return sorted(path for path in (checkpoint / "voices").glob("*.safetensors") if path.is_file())
