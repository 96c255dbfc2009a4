"""The check of recordings: what a folder holds, what is left out of it and why, and what looks wrong."""

import hashlib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from unimoe_train.data import suspicions
from unimoe_train.data.clip_check import Examined, Limits, examine
from unimoe_train.data.clips import pcm
from unimoe_train.data.layouts import Collection, Found, Recording, shown
from unimoe_train.data.suspicions import Suspicion
from unimoe_train.errors import BadInput

MOST_BAD = 0.1  # share of a collection's recordings that may be left out


@dataclass(frozen=True)
class Sounding:
    """A recording that is of use."""

    recording: Recording
    clips: list[np.ndarray]  # float32 [n] each, normalised
    text: str  # as it is learned; of music the captions, one a line
    sound: str  # a sum of what is heard: the same for the same sound
    words: str  # a sum of the text


@dataclass
class Row:
    """A collection in the table."""

    name: str
    kind: str
    source: str
    files: int  # that are of use
    left_out: int
    hours: float
    rates: list[int]  # Hz
    level: float  # dBFS, the median
    floor: float
    clipping: float  # share of the files in which something is clipped
    silence: float  # share of the time


@dataclass
class Check:
    """Examines collections one after the other. `known`: sums of sounds that other sets hold, and whose they are."""

    limits: Limits
    known: dict[str, str] = field(default_factory=dict)
    examined: dict[str, list[Examined]] = field(default_factory=dict)  # by collection
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    words: dict[str, str] = field(default_factory=dict)  # by sound

    def of(self, collection: Collection, step: Callable[[], None] = lambda: None) -> Iterator[Sounding]:
        """The recordings of a collection that are of use, in an order that has nothing to do with their names."""
        recordings = sorted(collection.recordings, key=lambda recording: recording.path)
        random.Random(0).shuffle(recordings)
        examined = self.examined[collection.name] = []
        for recording in recordings:
            clips: list[np.ndarray] = []
            found = examine(recording, self.limits, clips.append)
            sound = digest(b"".join(pcm(clip).tobytes() for clip in clips))
            words = digest(found.text.encode())
            if not found.problem and sound in self.known:
                found.problem = f"the same sound as {self.known[sound]}"
                found.is_twice = self.words.get(sound, words) == words
                if not found.is_twice:
                    found.problem += ", with other words: one of the two texts is wrong"
            examined.append(found)
            step()
            if not found.problem:
                self.known[sound], self.words[sound] = shown(recording.path), words
                yield Sounding(recording, clips, found.text, sound, words)
        examined.sort(key=lambda found: found.path)
        self.rows.append(row(collection, examined))

    @property
    def left_out(self) -> list[Examined]:
        return [found for examined in self.examined.values() for found in examined if found.problem]

    def suspicions(self) -> list[Suspicion]:
        """What looks wrong, the most harmful first."""
        found = []
        for row in self.rows:
            good = [one for one in self.examined[row.name] if not one.problem]
            found += suspicions.of(row.name, row.source, row.kind, good, self.limits.rate)
        return sorted(found, key=lambda suspicion: suspicions.HARMS.index(suspicion.harm))

    def refuse(self, where: Path) -> None:
        """Throws `BadInput` where more than a tenth of a collection is of no use, or too little is left of it."""
        reasons = []
        for row in self.rows:
            bad = sum(bool(found.problem) and not found.is_twice for found in self.examined[row.name])
            if bad > MOST_BAD * (row.files + bad):
                most = f"at most one in {round(1 / MOST_BAD)} may be"
                reasons.append(f"collection {row.name}: {bad} of {row.files + bad} recordings are of no use, {most}")
            elif row.files < 2:
                reasons.append(f"collection {row.name}: expected at least two usable files, found {row.files}")
        if reasons:
            raise BadInput(where, "; ".join(reasons))


def check(found: Found, limits: Limits, step: Callable[[], None] = lambda: None) -> Check:
    """Examines everything in a folder."""
    made = Check(limits, notes=found.notes)
    for collection in found.collections:
        for _ in made.of(collection, step):
            pass
    return made


def row(collection: Collection, examined: list[Examined]) -> Row:
    good = [found for found in examined if not found.problem]
    median = lambda values: round(float(np.median(values)), 1) if values else 0.0
    return Row(
        collection.name,
        collection.kind,
        collection.source,
        len(good),
        len(examined) - len(good),
        round(sum(found.seconds for found in good) / 3600, 4),
        sorted({found.rate for found in good}),
        median([found.level for found in good]),
        median([found.floor for found in good]),
        round(float(np.mean([found.clipped > suspicions.CLIPPED for found in good])), 3) if good else 0.0,
        round(float(np.mean([found.silence for found in good])), 3) if good else 0.0,
    )


def digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=8).hexdigest()
