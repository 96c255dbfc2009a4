"""About how long the steps of an adaptation take, in seconds of two slow cores."""

from pathlib import Path

from unimoe_train.data import sound_file
from unimoe_train.data.layouts import Found
from unimoe_train.errors import BadInput

SOUND = 0.12  # of each second of recordings: check, codes, alignment
TAKE = 6.0  # of each text that is spoken and judged
PACKED = 3e-7  # of each byte of packed sets
WRITING = 30.0  # of reading the model, writing the new one, and the sounds of the report
COMPILING = 60.0  # of the first step of the training, which its minutes do not count
SAMPLED = 200  # recordings whose length is looked up; the rest is taken to be as long


def recorded_seconds(found: Found) -> float:
    """About how long the recordings of a folder are together."""
    paths = [recording.path for collection in found.collections for recording in collection.recordings]
    known = []
    for path in paths[:: max(1, len(paths) // SAMPLED)]:
        try:
            known.append(max(0.0, sound_file.duration(path)[0]))
        except (BadInput, OSError):
            continue  # the check tells
    return sum(known) / max(1, len(known)) * len(paths)


def packed_seconds(folder: Path | None) -> float:
    return PACKED * sum(path.stat().st_size for path in folder.glob("*")) if folder else 0.0


def in_words(seconds: float) -> str:
    minutes = seconds / 60
    return f"{minutes:.0f} minutes" if minutes >= 1.5 else "a minute" if minutes >= 0.75 else f"{seconds:.0f} seconds"
