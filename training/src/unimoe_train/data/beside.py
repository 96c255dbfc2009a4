"""What is said in a sound, or what music it is, by its name: in a file beside it, or in a folder of texts beside its own.

NAME.wav + NAME.txt                         what is said; an aligner's NAME.lab and LibriTTS's NAME.normalized.txt, too
NAME.wav + NAME.caption                     music
wav48/p225/NAME.wav + txt/p225/NAME.txt     VCTK; several microphones, NAME_mic1.flac and NAME_mic2.flac, have one text
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from unimoe_train.data import tables

TEXTS = (".txt", ".normalized.txt", ".lab")  # where there are several the first
CAPTION = ".caption"
FOLDERS = ("txt", "transcripts")  # of texts
MICROPHONE = re.compile(r"_mic\d+$")
ABOUT = re.compile(r"(?i)(read.?me|licen[cs]e|copying|speaker.info|.*\.original)\b")  # texts that nobody says


@dataclass(frozen=True)
class Match:
    """The file that tells of a sound."""

    text: Path | None = None
    caption: Path | None = None
    home: Path | None = None  # the folder of sounds that has one of texts beside it
    take: str = ""  # what several microphones recorded; nothing: the file has a text to itself

    @property
    def is_found(self) -> bool:
        return bool(self.text or self.caption)


class Beside:
    """The texts and captions among files below `root`."""

    def __init__(self, root: Path, files: list[Path]):
        self.root = root
        self.files: dict[tuple[Path, str], Path] = {}
        for path in files:
            for ending in (*TEXTS, CAPTION):
                if path.name.lower().endswith(ending) and len(path.name) > len(ending) and not tables.is_table(path):
                    self.files[composed(path.with_name(path.name[: -len(ending)])), ending] = path
        self.holding = {folder for path in self.files.values() for folder in path.parents}

    def of(self, sound: Path) -> Match:
        """What tells of a sound; the folder of texts that should, where it lacks this one."""
        stem = sound.with_suffix("")
        text, caption = self.text(stem), self.files.get((composed(stem), CAPTION))
        if text or caption:
            return Match(text, caption)
        home = None
        for home, folder in self.parallel(sound):
            here = stem.relative_to(home)
            if text := self.text(folder / here):
                return Match(text, home=home)
            one = here.with_name(MICROPHONE.sub("", here.name))
            if one != here and (text := self.text(folder / one)):
                return Match(text, home=home, take=str(home / one))
        return Match(home=home)

    def text(self, stem: Path) -> Path | None:
        return next((path for ending in TEXTS if (path := self.files.get((composed(stem), ending)))), None)

    def parallel(self, sound: Path) -> Iterator[tuple[Path, Path]]:
        """Each folder of sounds that a sound lies in with the one of texts beside it."""
        for home in sound.parents:
            if home == self.root:
                return
            yield from ((home, folder) for name in FOLDERS if (folder := home.with_name(name)) in self.holding)

    def is_speaker_untold(self, sound: Path, home: Path) -> bool:
        """Whether of a speaker's folder, like VCTK's p315, there is no text at all."""
        first = sound.relative_to(home).parts[0]
        return home / first != sound and not any(home.with_name(name) / first in self.holding for name in FOLDERS)

    def unheard(self, used: set[Path], sounds: list[Path]) -> list[Path]:
        """Texts without a sound, where others have one and where there is no sound at all."""
        told, heard = {path.parent for path in used}, {folder for path in sounds for folder in path.parents}
        others = {path for path in self.files.values() if path not in used and not ABOUT.match(path.name)}
        return sorted(path for path in others if path.parent in told or path.parent not in heard)


def composed(path: Path) -> Path:
    """A file by its name as others write it, too: some systems split letters from their accents (Unicode's NFD)."""
    return path.with_name(unicodedata.normalize("NFC", path.name)) if path.name else path
