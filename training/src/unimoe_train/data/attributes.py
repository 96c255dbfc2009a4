"""What a caption of composed music asks for, as classes that a training-only head can be asked about."""

import math
import re

import numpy as np

from unimoe_train.data.instruments import DRUMS, INSTRUMENTS
from unimoe_train.data.pieces import KEYS

LEADS = (*INSTRUMENTS, DRUMS)
TEMPI = ("slow", "medium", "fast")
MODES = ("major", "minor")
SLOWEST, RATIO, BEATS = 50.0, 1.05, 28  # beats per minute of the first class; from one to the next; how many
SIZES = (len(LEADS), len(TEMPI), len(MODES), 2, BEATS, len(KEYS))
"""Classes of: who is heard in front; tempo as a word; mode; whether there are drums; beats per minute; the tonic."""


def attributes(clip: dict) -> np.ndarray:
    """The classes [6] of a clip's entry, -1 for what it does not tell."""
    bpm, tonic = clip.get("bpm"), str(clip.get("key")).rpartition(" ")[0]
    beat = round(math.log(bpm / SLOWEST) / math.log(RATIO)) if bpm else -1
    return np.array(
        [
            place(LEADS, clip.get("inst")),
            place(TEMPI, clip.get("tempo")),
            place(MODES, clip.get("mode")),
            place((False, True), clip.get("drums")),
            beat if 0 <= beat < BEATS else -1,
            place(KEYS, tonic),
        ],
        np.int64,
    )


def told(clip: dict, caption: str) -> np.ndarray:
    """The characters [4] of a caption that tell its clip's beats per minute and key: first and second digit, and the
    key's letter and the word after it, "sharp", "flat" or the mode; -1 for what the caption leaves out."""
    number = re.search(rf"(?<!\d){clip['bpm']}(?!\d)", caption) if clip.get("bpm") else None
    key = re.search(rf"\bin {re.escape(clip['key'])}\b", caption) if clip.get("key") else None
    return np.array(
        [number.start() + i if number else -1 for i in (0, 1)] + [key.start() + i if key else -1 for i in (3, 5)],
        np.int64,
    )


def place(known: tuple, value: object) -> int:
    return known.index(value) if value in known else -1
