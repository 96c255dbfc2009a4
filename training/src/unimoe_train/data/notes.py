"""Which pitch classes sound in each code frame of a composed piece, which a training-only head can be asked about.

As phonemes are to speech: a piece that has to say which notes it plays keeps to its key.
"""

import numpy as np

from unimoe_train.data.midi import Note
from unimoe_train.recipe import FRAME_RATE

PITCH_CLASSES = 12


def listed(notes: list[Note], shift: float) -> list[list[float]]:
    """Notes as they stand in a set's list, drums left out: start and end in seconds, `shift` later, and MIDI number."""
    return [
        [round(note.start + shift, 3), round(note.start + note.seconds + shift, 3), note.pitch]
        for note in notes
        if note.program is not None
    ]


def sounding(clip: dict, frames: int) -> np.ndarray | None:
    """Whether each pitch class, C first, sounds in the middle of each code frame [frames, 12], 0 or 1, if the clip's
    entry tells its notes."""
    if "notes" not in clip:
        return None
    result = np.zeros((frames, PITCH_CLASSES), np.int8)
    for start, end, pitch in clip["notes"]:
        first, last = (round(seconds * FRAME_RATE) for seconds in (start, end))
        result[first:last, pitch % PITCH_CLASSES] = 1
    return result
