"""The layouts in which people keep recordings, and the collections in a folder of any of them.

    SPEAKER/NAME.wav + NAME.txt                 what is said; SPEAKER/SESSION/NAME.wav is of the same voice
    wav48/SPEAKER/NAME.wav + txt/SPEAKER/...    VCTK: see `beside`
    SPEAKER/CHAPTER/SPEAKER-CHAPTER.trans.txt   LibriSpeech; LibriTTS's SPEAKER/CHAPTER/SPEAKER_CHAPTER_NAME.wav
    GENRE/NAME.wav + NAME.caption               music: one caption a line
    metadata.csv, TABLE.tsv, captions.json ...  see `tables`

A collection is one voice or one collection of music.
"""

import os
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from unimoe_train.data import tables, transcripts
from unimoe_train.data.beside import Beside, Match, composed
from unimoe_train.data.sound_file import SUFFIXES
from unimoe_train.data.tables import Entry
from unimoe_train.errors import BadInput, one_line
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
                folder, expected="names that differ in letters and digits", found=both(collection.source, source)
            )
        collection.recordings.append(recording)
    if not collections and not (folder / TEXTS).is_dir():
        raise BadInput(folder, expected=f"sound files ({', '.join(SUFFIXES)})", found="none")
    for collection in collections.values():
        if collection.kind == MUSIC and any(recording.text for recording in collection.recordings):
            raise BadInput(collection.source, expected="speech or music", found="both in one collection")
        if transcripts.are_in_capitals([recording.text for recording in collection.recordings]):
            collection.recordings = [
                replace(r, text=transcripts.in_small_letters(r.text)) for r in collection.recordings
            ]
            tree.notes.append(f"{collection.name}: its texts are in capitals alone, taken as small letters")
    return Found(list(collections.values()), tree.notes)


def both(one: str, other: str) -> str:
    """Two names of one collection, for people: some differ in nothing that can be seen."""
    is_seen = unicodedata.normalize("NFC", one) != unicodedata.normalize("NFC", other)
    return f"{one} and {other}" if is_seen else f"{one} twice, its accents in two encodings (Unicode's NFC and NFD)"


Owner = tuple[str, str]
"""The name of a collection and what it is named after."""


class Tree:
    """All files in a folder and in the folders in it, links followed."""

    def __init__(self, root: Path):
        self.root, self.notes = root, []
        self.passed: dict[str, list[Path]] = defaultdict(list)  # by what is told of them
        self.alone: set[Path] = set()  # what a table names of speakers who have nothing else
        self.files = [path for _, paths in walk(root, self.notes) for path in paths]
        self.sounds = [path for path in self.files if path.suffix.lower() in SUFFIXES]
        self.sounds.sort(key=lambda path: (path.parent, path.stem, SUFFIXES.index(path.suffix.lower())))
        self.beside = Beside(root, [path for path in self.files if path.parent != root / TEXTS])

    @cached_property
    def by_stem(self) -> dict[Path, Path]:
        """The best sound of each name, without its suffix."""
        stems: dict[Path, Path] = {}
        for sound in self.sounds:
            stems.setdefault(composed(sound.with_suffix("")), sound)
        return stems

    def recordings(self) -> Iterator[tuple[Owner, Recording]]:
        """Those of tables first, then each remaining sound with what lies beside it."""
        taken: dict[Path, Recording] = {}
        told = list(self.tables())
        covered = {home_of(table) for table, _ in told}
        for _, rows in told:
            for owner, recording in rows:
                if (before := taken.setdefault(recording.path, recording)) is recording:
                    yield owner, recording
                elif before != recording:  # the same row may stand in two tables
                    yield owner, Recording(recording.path, problem="named twice, with other words")
        named = taken.keys() | self.alone
        yield from self.remaining([sound for sound in self.sounds if sound not in named], covered)
        for what, paths in self.passed.items():
            self.notes.append(f"{shown(paths[0])}: passed over with {len(paths) - 1} more, {what}")

    def remaining(self, sounds: list[Path], covered: set[Path]) -> Iterator[tuple[Owner, Recording]]:
        """The recordings of `sounds`, which no table names; those of `covered` folders should be in one."""
        used: set[Path] = set()
        takes: set[str] = set()
        for sound in sounds:
            better = self.by_stem[composed(sound.with_suffix(""))]
            match = self.beside.of(sound)
            if better != sound:
                self.notes.append(f"{shown(sound)}: passed over for {better.name}")
            elif match.take in takes:
                self.passed["of which another microphone is taken"].append(sound)
            elif match.is_found:
                used.add(match.text or match.caption)
                takes |= {match.take} - {""}
                yield self.owner(sound, match.home), recording_of(sound, match)
            elif covered & set(sound.parents):
                self.passed["which no table names"].append(sound)
            elif match.home and self.beside.is_speaker_untold(sound, match.home):
                self.passed["of whose folder there are no texts"].append(sound)
            else:
                wanted = f"{sound.stem}.txt or {sound.stem}.caption beside it"
                yield self.owner(sound, match.home), Recording(sound, problem=f"expected {wanted}, found neither")
        if unheard := self.beside.unheard(used, self.sounds):
            self.passed["which have no sound"] = unheard

    def owner(self, path: Path, home: Path | None = None) -> Owner:
        """The speaker's folder in a folder of sounds, `home`, or at any depth where it is named by its files as in
        LibriSpeech; else the folder in the root that holds a file, or the root itself."""
        if home and len(path.relative_to(home).parts) == 1:
            return self.owner(home)
        chapter, speaker = path.parent, path.parent.parent
        if re.match(rf"{re.escape(speaker.name)}[-_]{re.escape(chapter.name)}[-_.]", path.name):
            return speaker.name, str(speaker)
        base = home or self.root
        parts = path.relative_to(base).parts
        folder = base / parts[0] if len(parts) > 1 else base
        return folder.name, str(folder)

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
        counts = Counter(entry.speaker for entry in entries)
        is_many = max(counts.values()) > 1
        for entry in entries:
            recording = self.row(table, entry)
            if entry.speaker and is_many and counts[entry.speaker] == 1:
                self.passed["the only ones of their speakers"].append(recording.path)
                self.alone.add(recording.path)
            elif entry.speaker:
                yield (entry.speaker, f"{table.parent}: speaker {entry.speaker}"), recording
            elif len(folders) > 1 and recording.path.is_relative_to(self.root):
                # Each folder is a voice, as without a table.
                yield self.owner(recording.path, sound_folder(table, recording.path)), recording
            else:
                yield self.owner(home_of(table) / table.name), recording

    def row(self, table: Path, entry: Entry) -> Recording:
        """A row with its sound, which it names with or without its folder and its suffix."""
        if entry.problem:
            return Recording(table.parent / f"{table.name}:{entry.number}", problem=entry.problem)
        for folder in SOUND_FOLDERS:
            path = Path(os.path.normpath(home_of(table) / folder / entry.name))
            is_sound = path.suffix.lower() in SUFFIXES
            stem = path.with_suffix("") if is_sound else path
            found = path if is_sound and os.path.exists(path) else self.by_stem.get(composed(stem))
            if found:
                return Recording(found, entry.text, entry.captions)
        place = f"{table.name} line {entry.number}" if entry.number else table.name
        return Recording(table.parent / entry.name, entry.text, entry.captions, f"{place} names it, it is not there")


def home_of(table: Path) -> Path:
    """The folder whose sounds a table tells of."""
    return table.parent.parent if table.name == tables.FESTVOX and table.parent.name == "etc" else table.parent


def sound_folder(table: Path, sound: Path) -> Path | None:
    """The folder of sounds beside a table in which a sound lies, if any."""
    return next((home for name in SOUND_FOLDERS if name and (home := home_of(table) / name) in sound.parents), None)


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
                if os.path.isdir(entry):  # unlike the entry's own, of a link to itself, too
                    (later if entry.is_symlink() else inner).append(folder / entry.name)
                else:
                    files.append(folder / entry.name)
            yield folder, files
            folders += reversed(inner)


def shown(text: str | Path) -> str:
    """A path, or a line with one in it, as it can be printed whatever the bytes of its name are."""
    return one_line(str(text))


def recording_of(sound: Path, match: Match) -> Recording:
    """A sound and the file that tells of it."""
    if match.text and match.caption:
        return Recording(sound, problem=f"expected {match.text.name} or {match.caption.name}, found both")
    try:
        if match.text:
            return Recording(sound, transcripts.said(match.text))
        captions = [line.strip() for line in transcripts.lines(transcripts.read(match.caption)) if line.strip()]
    except BadInput as error:
        return Recording(sound, problem=f"{(match.text or match.caption).name}: {error.problem}")
    return Recording(sound, captions=tuple(captions), problem="" if captions else "expected captions, found none")
