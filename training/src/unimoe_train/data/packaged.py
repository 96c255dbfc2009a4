"""Recordings of people that Debian packages carry, for the codec alone: it has to carry voices that no synthesizer has. None of
them is spoken by the language model, and none ships as a voice.

The files of a folder, which are one speaker's or one game's, are joined to clips of some seconds. A clip's `band` is the
highest frequency in Hz that its source tells of. Held-out recordings stay one clip a file, with their texts, to judge by.
"""

import gzip
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from unimoe_train.data import sound_file
from unimoe_train.data.clips import ClipWriter
from unimoe_train.data.loudness import normalise, trim
from unimoe_train.data.resampling import resampled
from unimoe_train.errors import BadInput
from unimoe_train.recipe import DataRecipe, Recordings
from unimoe_train.state import State

JOINED = 8.0  # seconds of a clip, from which on it takes no further file
SHORTEST = 0.2  # seconds of a file that is of use
LOWEST_RATE = 16000  # Hz of a file that is of use
JUDGED = 2.5  # seconds of a held-out file from which on it is kept
PLAIN = re.compile(r"[A-Za-z' ,.!?;-]+")
LINE = re.compile(r"(\S+): *(.+)")


def make(state: State, recipe: DataRecipe, name: str, step: Callable[[], None] = lambda: None) -> None:
    """Makes the set `name` of a package's recordings."""
    source, writer = recipe.recordings[name], ClipWriter()
    if source.held_out:
        texts = read_texts(Path(source.texts))
        for path in files(source):
            text = texts.get(path.relative_to(source.folder).with_suffix("").as_posix(), "")
            samples = read(path, recipe.sample_rate)
            if PLAIN.fullmatch(text) and len(samples) >= JUDGED * recipe.sample_rate:
                writer.append(normalise(samples), kind="s", voice=name, text=text, band=source.band)
                step()
    else:
        for samples in joined(files(source), recipe.sample_rate):
            writer.append(normalise(samples), kind="s", voice=name, text="", band=source.band)
            step()
    writer.save(state, name)


def missing(source: Recordings) -> str | None:
    """What has to be installed before the recordings can be read, or nothing."""
    return None if Path(source.folder).is_dir() else f"{source.folder} is not there: Debian package {source.package}"


def files(source: Recordings) -> list[Path]:
    """The sound files in order; some packages have empty ones."""
    if reason := missing(source):
        raise BadInput("data.recordings", reason)
    return sorted(path for path in Path(source.folder).rglob(source.files) if path.is_file() and path.stat().st_size)


def joined(paths: list[Path], rate: int) -> Iterator[np.ndarray]:
    """Clips [n] of the files of one folder after the other."""
    pieces: list[np.ndarray] = []
    folder = None
    for path in paths:
        if pieces and (path.parent != folder or sum(map(len, pieces)) >= JOINED * rate):
            yield np.concatenate(pieces)
            pieces = []
        folder = path.parent
        samples = trim(read(path, rate), rate)
        if len(samples) >= SHORTEST * rate:
            pieces.append(normalise(samples))
    if pieces:
        yield np.concatenate(pieces)


def read(path: Path, rate: int) -> np.ndarray:
    """A file as float32 [n] at `rate` Hz, mono; nothing of one whose own rate is too low to be of use."""
    samples, found = sound_file.read(path)
    if found < LOWEST_RATE:
        return np.zeros(0, np.float32)
    return resampled(samples.mean(1), found, rate)


def read_texts(path: Path) -> dict[str, str]:
    """What is said in the files of a folder, by their names without suffix: lines NAME: TEXT, gzipped."""
    try:
        lines = gzip.decompress(path.read_bytes()).decode("utf-8", "replace").splitlines()
    except (OSError, EOFError) as error:
        raise BadInput(path, f"cannot be read: {error}") from None
    return {
        match[1]: match[2].strip() for line in lines if (match := LINE.fullmatch(line)) and not line.startswith(";")
    }
