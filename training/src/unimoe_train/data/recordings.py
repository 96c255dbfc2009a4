"""The user's own recordings: a folder of sound files, each with its words or its captions beside it.

    NAME.wav (or .flac, .ogg) + NAME.txt        speech: the text that is spoken
    NAME.wav (or .flac, .ogg) + NAME.caption    music: one caption a line
    LICENCE or LICENSE                          optional: goes into the manifest

Files directly in the folder, and those of each folder in it, are one voice or one collection of music, named after the folder
that holds them. One clip in twenty is held out, at least one, and with it all clips of its file.
"""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile

from unimoe_train.data.clips import ClipWriter
from unimoe_train.data.loudness import fade_out, normalise, trim
from unimoe_train.data.manifest import recordings_note
from unimoe_train.data.resampling import resampled
from unimoe_train.errors import BadInput
from unimoe_train.recipe import DataRecipe
from unimoe_train.state import State, write_json

SOUNDS = (".wav", ".flac", ".ogg")
HELD_OUT = 20  # one clip in so many
MUSIC_SECONDS = 6.4  # longer music is cut into pieces of this length
SHORTEST_PIECE = 2.0  # seconds; a shorter rest is dropped


@dataclass
class Collection:
    """The recordings of one folder."""

    name: str
    speech: list[tuple[Path, str]] = field(default_factory=list)
    music: list[tuple[Path, list[str]]] = field(default_factory=list)


def set_name(folder: Path) -> str:
    """A folder's name as that of a data set: lower-case letters and digits, no digits at the end."""
    name = re.sub(r"[^a-z0-9]", "", folder.name.lower()).rstrip("0123456789")
    if not name or name.endswith("test"):
        raise BadInput(folder, expected="a folder whose name has letters and does not end in 'test'", found=folder.name)
    return name


def find(folder: Path) -> list[Collection]:
    """Every collection in a folder. Throws `BadInput` for a sound without text, and for a folder that has neither sounds
    nor texts."""
    if not folder.is_dir():
        raise BadInput(folder, expected="a folder of recordings", found="none")
    collections: dict[str, Collection] = {}
    for sound in sorted(path for path in folder.rglob("*") if path.suffix.lower() in SOUNDS):
        name = set_name(sound.parent.resolve())
        collection = collections.setdefault(name, Collection(name))
        text, caption = sound.with_suffix(".txt"), sound.with_suffix(".caption")
        if text.exists():
            collection.speech.append((sound, " ".join(_read(text).split())))
        elif caption.exists():
            collection.music.append((sound, [line.strip() for line in _read(caption).splitlines() if line.strip()]))
        else:
            raise BadInput(sound, expected=f"{text.name} or {caption.name} beside it", found="neither")
    if not collections and not (folder / "text").is_dir():
        raise BadInput(folder, expected=f"sound files ({', '.join(SOUNDS)})", found="none")
    for collection in collections.values():
        if collection.speech and collection.music:
            raise BadInput(
                folder, f"collection {collection.name}", expected="speech or music", found="both in one folder"
            )
    return list(collections.values())


def _read(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8").strip()
    except UnicodeDecodeError:
        raise BadInput(path, expected="text in UTF-8", found="other bytes") from None
    if not text:
        raise BadInput(path, expected="text", found="nothing")
    return text


def load(path: Path, rate: int) -> np.ndarray:
    """A sound file as samples [n] at `rate` Hz, mono."""
    try:
        samples, found = soundfile.read(path, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise BadInput(path, f"cannot be read: {error.error_string}") from None
    if not np.isfinite(samples).all():
        raise BadInput(path, expected="finite samples", found="NaN or infinity")
    return resampled(samples.mean(1), found, rate)


def import_folder(state: State, recipe: DataRecipe, folder: Path, warn: Callable[[str], None]) -> list[str]:
    """Makes the sets NAME and NAMEtest of every collection and returns their names; `warn` hears of what was left out."""
    licence = next(
        (
            path.read_text(encoding="utf-8").strip()
            for name in ("LICENCE", "LICENSE")
            if (path := folder / name).exists()
        ),
        "not stated",
    )
    names = []
    for collection in find(folder):
        if collection.name in (*recipe.voices, *recipe.music):
            raise BadInput(
                folder,
                f"collection {collection.name}",
                expected="a name that the recipe does not use",
                found="one of it",
            )
        entries = list(_clips(collection, recipe, warn))
        train, test = split(entries)
        if not train.clips:
            files = len({path for path, *_ in entries})
            raise BadInput(folder, f"collection {collection.name}", expected="at least two usable files", found=files)
        train.save(state, collection.name)
        test.save(state, f"{collection.name}test")
        write_json(
            recordings_note(state, collection.name),
            {
                "kind": "speech" if collection.speech else "music",
                "licence": licence,
                "clips": len(entries),
                "sets": [collection.name],
                "test": f"{collection.name}test",
            },
        )
        names.append(collection.name)
    return names


def split(entries: list[tuple[Path, np.ndarray, dict]]) -> tuple[ClipWriter, ClipWriter]:
    """Clips to learn from and held-out ones: of no file both, since a piece of music is cut into several."""
    train, test = ClipWriter(), ClipWriter()
    files = sorted({path for path, *_ in entries})
    random.Random(0).shuffle(files)
    wanted, held_out = max(1, len(entries) // HELD_OUT), set()
    for path in files:
        if sum(entry[0] in held_out for entry in entries) < wanted:
            held_out.add(path)
    for path, samples, fields in entries:
        (test if path in held_out else train).append(samples, **fields)
    return train, test


def _clips(collection: Collection, recipe: DataRecipe, warn: Callable[[str], None]):
    """(file, samples, fields) of each usable clip."""
    rate = recipe.sample_rate
    for path, text in collection.speech:
        samples = trim(load(path, rate), rate)
        if 0 < len(samples) <= recipe.longest * rate:
            yield path, normalise(samples), {"kind": "s", "voice": collection.name, "text": text}
        else:
            warn(f"{path}: left out: {len(samples) / rate:.1f} s of sound, expected up to {recipe.longest:g}")
    piece, shortest = int(MUSIC_SECONDS * rate), int(SHORTEST_PIECE * rate)
    for path, captions in collection.music:
        samples = load(path, rate)
        for start in range(0, max(len(samples), 1), piece):
            part = samples[start : start + piece]
            if len(part) >= shortest and np.abs(part).max() > 0:
                yield path, normalise(fade_out(part, rate)), {"kind": "m", "caps": captions}
            elif start == 0:
                warn(f"{path}: left out: {len(part) / rate:.1f} s of sound, expected at least {SHORTEST_PIECE:g}")
