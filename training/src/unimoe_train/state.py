"""The state folder: everything that a training makes and what is done already.

    sentences.txt                                   one sentence per line
    data/NAME.npy, data/NAME.json                   int16 samples, concatenated; a list of clips. Sets that were unpacked
                                                    (`packed.py`) have no samples
    data/sound.json                                 {"sample_rate": Hz} of all sound; without it 16,000
    codes/NAME_codes.npy, codes/NAME_coff.json      int16 [code frames, codebooks]; [[first code frame, how many], ...]
    codes/codebooks.json                            of which codebooks these are (`codec.codebooks`)
    plan/NAME.npz                                   int16 [code frames] for every plan channel, -1 where nobody knows
    plan/NAME.phonemes.json                         how the texts of a speech set sound (docs/plan-channels.md)
    sounds.safetensors                              what the sounds of speech look like (`unimoe-train align`)
    lexicon.bin                                     how words sound, for the plan of speech (`unimoe-train lexicon`)
    tok/                                            the tokenizer's files
    quantiser.pt, encoder.pt, decoder.pt            the codec's parts
    lm/STAGE.pt                                     checkpoints of the curriculum
    initial/                                        what an export takes over of the checkpoint that a training began with
    takes/, report.json, report.png, NAME.wav       what an adaptation tells of itself (`adaptation.report`)
    lock/WORK                                       who works here, with its process id (`State.locked`)
    log/STAGE.csv, plots/NAME.png                   figures and pictures

Every file is written under a temporary name and renamed when it is whole, so that a kill never leaves a broken one.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError

from unimoe_train.errors import BadInput

ENVIRONMENT = "UNIMOE_TRAIN_DIR"
DEFAULT = "~/.cache/unimoe-train"
FIRST_RATE = 16000  # Hz, of folders that do not tell theirs


class State:
    """Paths below one folder, made on demand."""

    def __init__(self, root: str | Path | None = None):
        try:
            self.root = Path(root or os.environ.get(ENVIRONMENT) or DEFAULT).expanduser()
        except RuntimeError:  # nobody knows a home
            raise BadInput(
                "--state", expected=f"a folder, also in ${ENVIRONMENT}", found="no HOME to take one in"
            ) from None

    def path(self, *parts: str) -> Path:
        """The path of an artefact; the folder that holds it is made."""
        path = self.root.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def has(self, *parts: str) -> bool:
        return self.root.joinpath(*parts).exists()

    @property
    def sample_rate(self) -> int:
        """Hz of all sound in the folder."""
        path = self.root / "data" / "sound.json"
        if not path.exists():
            return FIRST_RATE
        try:
            return read_json(path)["sample_rate"]
        except (KeyError, TypeError):
            raise BadInput(path, expected="sample_rate", found="none") from None

    def take_rate(self, rate: int) -> None:
        """Makes `rate` that of a folder without sound. Throws `BadInput` where there is sound at another."""
        if rate == self.sample_rate:
            return
        if any(self.root.glob("data/*.npy")):
            raise BadInput(
                f"{self.root}: data.sample_rate", expected=f"{self.sample_rate}, as the folder's sound has", found=rate
            )
        write_json(self.path("data", "sound.json"), {"sample_rate": rate})

    @contextmanager
    def locked(self, work: str) -> Iterator[None]:
        """Within `with` no other process does the same kind of work in this folder. Throws `BadInput` that names the one
        that does. The lock goes with its process, however that ends, and is not inherited by those that it starts."""
        path = self.path("lock", work)
        with open(path, "a+", encoding="utf-8") as file:
            try:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except (BlockingIOError, PermissionError):  # either is what POSIX tells of a lock that another one has
                file.seek(0)
                raise BadInput(
                    path,
                    expected=f"one process at a time ({work})",
                    found=f"process {file.read().strip() or 'unknown'}",
                ) from None
            file.truncate(0)
            file.write(f"{os.getpid()}\n")
            file.flush()
            yield

    def made(self) -> list[str]:
        """The data sets whose sound is there."""
        return sorted(path.stem for path in self.root.glob("data/*.npy") if self.clips(path.stem).exists())

    def encoded(self) -> list[str]:
        """The data sets whose codes are there; those that were unpacked have no sound."""
        names = (path.name.removesuffix("_coff.json") for path in self.root.glob("codes/*_coff.json"))
        return sorted(name for name in names if self.clips(name).exists())

    def sound(self, name: str) -> Path:
        return self.path("data", f"{name}.npy")

    def clips(self, name: str) -> Path:
        return self.path("data", f"{name}.json")

    def codes(self, name: str) -> Path:
        return self.path("codes", f"{name}_codes.npy")

    def code_offsets(self, name: str) -> Path:
        return self.path("codes", f"{name}_coff.json")

    def plan(self, name: str) -> Path:
        return self.path("plan", f"{name}.npz")

    def phonemes(self, name: str) -> Path:
        return self.path("plan", f"{name}.phonemes.json")

    @property
    def sounds(self) -> Path:
        """What the sounds of speech look like, for later alignments."""
        return self.path("sounds.safetensors")

    @property
    def lexicon(self) -> Path | None:
        """How words sound, where the folder tells it."""
        path = self.root / "lexicon.bin"
        return path if path.exists() else None

    def tokenizer(self) -> Path:
        return self.path("tok", "vocab.json").parent

    def checkpoint(self, stage: str) -> Path:
        return self.path("lm", f"{stage}.pt")

    def log(self, name: str) -> Path:
        return self.path("log", f"{name}.csv")

    def plot(self, name: str) -> Path:
        return self.path("plots", f"{name}.png")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Gives a temporary name beside `path` (same suffix) to write to; renames it to `path` unless an error leaves."""
    temporary = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        yield temporary
        os.replace(temporary, path)
    except (OSError, RuntimeError, SafetensorError) as error:  # torch and safetensors have their own
        raise not_written(path, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def not_written(path: Path, error: Exception) -> BadInput:
    """What to tell of a file that could not be written."""
    reason = getattr(error, "strerror", None) or (str(error).splitlines() or [type(error).__name__])[0]
    return BadInput(path, f"cannot be written: {reason} ({shutil.disk_usage(path.parent).free >> 20:,} MB free)")


@contextmanager
def replacing_folder(folder: Path) -> Iterator[Path]:
    """Gives a new folder beside `folder` that takes its name, and its place if there is one, unless an error leaves."""
    path = folder.resolve()
    new, old = (path.with_name(f".{path.name}.{os.getpid()}.{kind}") for kind in ("new", "old"))
    new.mkdir(parents=True)
    try:
        yield new
        if path.exists():
            os.rename(path, old)
        os.rename(new, path)
    finally:
        shutil.rmtree(new, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def read_json(path: Path) -> Any:
    """What a file of the state folder holds. Throws `BadInput` where it is cut or no JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(path, f"cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise BadInput(path, f"is cut or no JSON: {error}") from None


def read_array(path: Path) -> np.ndarray:
    """An array of the state folder, read when it is asked for. Throws `BadInput` where it is cut or none."""
    try:
        return np.load(path, mmap_mode="r")
    except (OSError, ValueError, EOFError) as error:
        raise BadInput(path, f"cannot be read: {error}") from None


def write_json(path: Path, value: object) -> None:
    """Writes JSON whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
