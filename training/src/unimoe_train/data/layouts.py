"""The layouts in which people keep recordings, and the collections in a folder of any of them.

    SPEAKER/NAME.wav + NAME.txt                 what is said; SPEAKER/SESSION/NAME.wav is of the same voice
    GENRE/NAME.wav + NAME.caption               music: one caption a line
    metadata.csv, wavs/                         LJSpeech: NAME|text or NAME|text|the text as it is read aloud
    TABLE.tsv                                   Common Voice: a header names path, sentence and maybe a speaker's column
    captions.json                               {"NAME.wav": "a caption" or ["captions", ...]}, or [{"path": ..., "caption": ...}]

A collection is one voice or one collection of music.
"""

import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from unimoe_train.data import tables, transcripts
from unimoe_train.data.sound_file import SUFFIXES
from unimoe_train.data.tables import Entry
from unimoe_train.errors import BadInput
from unimoe_train.recipe import MUSIC, SPEECH

SKIPPED = "__MACOSX"  # what the archiver of macOS adds
TEXTS = "text"  # a folder of sentences for the synthesizers
SOUND_FOLDERS = ("", "wavs", "wav", "clips", "audio")  # where a table's sounds may lie beside it
RESERVED = ("default", "manifest", "sound", "tour")  # names of other files of the state folder and of a checkpoint
RESERVED_ENDINGS = ("test", "prompts", "unheard")
LONGEST_NAME = 32  # letters of a set's name; of longer ones, which are sums of checks, the first half of them is enough


@dataclass(frozen=True)
class Recording:
    """A sound with what is known of it."""

    path: Path
    text: str = ""  # that is spoken, as it is read
    captions: tuple[str, ...] = ()  # of music
    problem: str = ""  # why it is of no use, as far as that shows before it is opened


@dataclass
class Collection:
    """The recordings of one voice, or of one collection of music."""

    name: str  # of its data set
    source: str  # what names it: a folder, a speaker of a table
    recordings: list[Recording] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return MUSIC if any(recording.captions for recording in self.recordings) else SPEECH


@dataclass
class Found:
    """What a folder holds."""

    collections: list[Collection]
    notes: list[str]  # what was passed over, a line each


def set_name(name: str, source: str) -> str:
    """A folder's or a speaker's name as that of a data set: lower-case letters and digits. Throws `BadInput`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    letters = re.sub(r"[^a-z0-9]", "", plain.lower())
    letters = letters[: LONGEST_NAME // 2] if len(letters) > LONGEST_NAME else letters
    if not letters or letters in RESERVED or letters.endswith(RESERVED_ENDINGS):
        taken = f"none of {', '.join(RESERVED)} and not ending in {', '.join(RESERVED_ENDINGS)}"
        raise BadInput(source, expected=f"a name with Latin letters or digits, {taken}", found=repr(name))
    return letters


def find(folder: Path) -> Found:
    """Every collection in a folder. Throws `BadInput` where there is none, where a table cannot be read, where two have the
    same name, and for one of speech and music."""
    if not folder.is_dir():
        raise BadInput(folder, expected="a folder of recordings", found="a file" if folder.exists() else "none")
    tree = Tree(Path(os.path.abspath(folder)))
    collections: dict[str, Collection] = {}
    for (name, source), recording in tree.recordings():
        set_of = set_name(name, source)
        collection = collections.setdefault(set_of, Collection(set_of, source))
        if collection.source != source:
            raise BadInput(
                folder, expected="names that differ in letters and digits", found=f"{collection.source} and {source}"
            )
        collection.recordings.append(recording)
    if not collections and not (folder / TEXTS).is_dir():
        raise BadInput(folder, expected=f"sound files ({', '.join(SUFFIXES)})", found="none")
    for collection in collections.values():
        if collection.kind == MUSIC and any(recording.text for recording in collection.recordings):
            raise BadInput(collection.source, expected="speech or music", found="both in one collection")
    return Found(list(collections.values()), tree.notes)


Owner = tuple[str, str]
"""The name of a collection and what it is named after."""


class Tree:
    """All files in a folder and in the folders in it, links followed."""

    def __init__(self, root: Path):
        self.root, self.notes = root, []
        self.files = [path for _, paths in walk(root, self.notes) for path in paths]
        self.sounds = [path for path in self.files if path.suffix.lower() in SUFFIXES]
        self.sounds.sort(key=lambda path: (path.parent, path.stem, SUFFIXES.index(path.suffix.lower())))

    @cached_property
    def by_stem(self) -> dict[str, Path]:
        """The best sound of each name, without its suffix."""
        stems: dict[str, Path] = {}
        for sound in self.sounds:
            stems.setdefault(str(sound.with_suffix("")), sound)
        return stems

    def recordings(self) -> Iterator[tuple[Owner, Recording]]:
        """Those of tables first, then each remaining sound with what lies beside it."""
        taken: dict[Path, Recording] = {}
        told = list(self.tables())
        covered = {table.parent for table, _ in told}
        for _, rows in told:
            for owner, recording in rows:
                if (before := taken.setdefault(recording.path, recording)) is recording:
                    yield owner, recording
                elif before != recording:  # the same row may stand in two tables
                    yield owner, Recording(recording.path, problem="named twice, with other words")
        beside = {(path.with_suffix(""), path.suffix.lower()): path for path in self.files}
        unnamed = []
        for sound in self.sounds:
            if sound in taken:
                continue
            better = self.by_stem[str(sound.with_suffix(""))]
            text, caption = (beside.get((sound.with_suffix(""), suffix)) for suffix in (".txt", ".caption"))
            if better != sound:
                self.notes.append(f"{shown(sound)}: passed over for {better.name}")
            elif text or caption:
                yield self.owner(sound), recording_of(sound, text, caption)
            elif covered & set(sound.parents):
                unnamed.append(sound)
            else:
                wanted = f"{sound.stem}.txt or {sound.stem}.caption beside it"
                yield self.owner(sound), Recording(sound, problem=f"expected {wanted}, found neither")
        if unnamed:
            self.notes.append(f"{shown(unnamed[0])}: passed over with {len(unnamed) - 1} more, which no table names")

    def owner(self, path: Path) -> Owner:
        """The folder in the root that holds a file, or the root itself."""
        parts = path.relative_to(self.root).parts
        home = self.root / parts[0] if len(parts) > 1 else self.root
        return home.name, str(home)

    def tables(self) -> Iterator[tuple[Path, list[tuple[Owner, Recording]]]]:
        """Each table with its rows."""
        validated = {path.parent for path in self.files if path.name == "validated.tsv"}
        for path in self.files:
            is_other = path.parent in validated and path.name != "validated.tsv"
            if path.suffix.lower() == ".tsv" and (is_other or path.name == "invalidated.tsv"):
                continue
            if entries := tables.read(path):
                yield path, list(self.rows(path, entries))

    def rows(self, table: Path, entries: list[Entry]) -> Iterator[tuple[Owner, Recording]]:
        """Whose each row of a table is, and what it tells."""
        folders = {str(Path(entry.name).parent) for entry in entries}
        for entry in entries:
            recording = self.row(table, entry)
            if entry.speaker:
                yield (entry.speaker, f"{table.parent}: speaker {entry.speaker}"), recording
            elif len(folders) > 1 and recording.path.is_relative_to(self.root):
                yield self.owner(recording.path), recording  # each folder a voice, as without a table
            else:
                yield self.owner(table), recording

    def row(self, table: Path, entry: Entry) -> Recording:
        """A row with its sound, which it names with or without its folder and its suffix."""
        if entry.problem:
            return Recording(table.parent / f"{table.name}:{entry.number}", problem=entry.problem)
        for folder in SOUND_FOLDERS:
            path = Path(os.path.normpath(table.parent / folder / entry.name))
            is_sound = path.suffix.lower() in SUFFIXES
            stem = path.with_suffix("") if is_sound else path
            found = path if is_sound and path.exists() else self.by_stem.get(str(stem))
            if found:
                return Recording(found, entry.text, entry.captions)
        place = f"{table.name} line {entry.number}" if entry.number else table.name
        return Recording(table.parent / entry.name, entry.text, entry.captions, f"{place} names it, it is not there")


def walk(root: Path, notes: list[str]) -> Iterator[tuple[Path, list[Path]]]:
    """Every folder below `root` once, with its files: what links lead to comes last, so that it keeps its own name where
    it has one. `notes` hears of links to folders that have been seen."""
    seen, later = set(), [root]
    while later:
        folders = [later.pop(0)]
        while folders:
            folder = folders.pop()
            here = folder.stat()
            if (here.st_dev, here.st_ino) in seen:
                notes.append(f"{shown(folder)}: passed over, a link to a folder that is there already")
                continue
            seen.add((here.st_dev, here.st_ino))
            files, inner = [], []
            for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
                if entry.name.startswith(".") or entry.name == SKIPPED:
                    continue
                if entry.is_dir():
                    (later if entry.is_symlink() else inner).append(folder / entry.name)
                else:
                    files.append(folder / entry.name)
            yield folder, files
            folders += reversed(inner)


def shown(text: str | Path) -> str:
    """A path, or a line with one in it, as it can be printed whatever the bytes of its name are."""
    return str(text).encode("utf-8", "backslashreplace").decode()


def recording_of(sound: Path, text: Path | None, caption: Path | None) -> Recording:
    """A sound and the file beside it."""
    try:
        if text:
            return Recording(sound, transcripts.read(text))
        captions = [line.strip() for line in transcripts.lines(transcripts.read(caption)) if line.strip()]
    except BadInput as error:
        return Recording(sound, problem=f"{(text or caption).name}: {error.problem}")
    return Recording(sound, captions=tuple(captions), problem="" if captions else "expected captions, found none")
