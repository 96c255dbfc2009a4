"""A data set: NAME.npy, int16 samples of all clips one after the other, and NAME.json, what is in them.

Each entry of the JSON list is one clip:
    speech  {kind: "s", voice, text, off, n}
    music   {kind: "m", caps: [caption, ...], bpm, tempo, tonic, mode, meter, genre, inst, style, drums, parts, off, n}
with `off` and `n` in samples at the state folder's rate (`state.State.sample_rate`). The samples of a set are written before its list, so a list stands for a whole set.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from unimoe_train.errors import BadInput
from unimoe_train.plan import stored
from unimoe_train.recipe import FRAME_RATE
from unimoe_train.state import State, read_array, read_json, replacing

FULL_SCALE = 32768
HEADER = 128  # bytes of a .npy file before its samples


class ClipSet:
    """A data set on disk; samples are read when they are asked for."""

    def __init__(self, state: State, name: str):
        if not is_made(state, name):
            raise BadInput(state.sound(name), expected="a data set made by `unimoe-train data`", found="none")
        self.name, self.rate = name, state.sample_rate
        self.clips: list[dict[str, Any]] = read_json(state.clips(name))
        self.path, self.samples = state.sound(name), read_array(state.sound(name))
        end = max((clip["off"] + clip["n"] for clip in self.clips), default=0)
        if end > len(self.samples):
            raise BadInput(state.sound(name), expected=f"at least {end} samples", found=len(self.samples))

    def __len__(self) -> int:
        return len(self.clips)

    def __iter__(self) -> Iterator[tuple[dict[str, Any], np.ndarray]]:
        for index, clip in enumerate(self.clips):
            yield clip, self.audio(index)

    @property
    def hop(self) -> int:
        """Samples per code frame."""
        return self.rate // FRAME_RATE

    @property
    def seconds(self) -> float:
        return sum(clip["n"] for clip in self.clips) / self.rate

    def audio(self, index: int, start: int = 0, count: int | None = None) -> np.ndarray:
        """float32 samples [count] of a clip from `start` on, zeros where the clip has ended."""
        clip = self.clips[index]
        count = clip["n"] - start if count is None else count
        # Read, not mapped: what is mapped counts as this process's memory, and a set may be days long.
        first, here = clip["off"] + start, max(0, min(clip["n"] - start, count))
        here = np.fromfile(self.path, np.int16, here, offset=self.samples.offset + first * self.samples.itemsize)
        out = np.zeros(count, np.float32)
        out[: len(here)] = here.astype(np.float32) / FULL_SCALE
        return out

    def padded(self, index: int) -> np.ndarray:
        """A clip's samples, zeros added to a whole number of code frames."""
        return self.audio(index, count=-(-self.clips[index]["n"] // self.hop) * self.hop)


def pcm(samples: np.ndarray) -> np.ndarray:
    """Samples [n] float within [-1, 1] as they are kept, int16."""
    return (np.clip(samples, -1, 1) * (FULL_SCALE - 1)).astype(np.int16)


class ClipWriter:
    """Collects clips and saves them as one set. Their samples are kept in memory, or in the file `spool`, which saving
    makes that of the set."""

    def __init__(self, spool: Path | None = None) -> None:
        self.pieces: list[np.ndarray] = []
        self.clips: list[dict[str, Any]] = []
        self.length, self.spool = 0, spool
        self.file = spool.open("wb") if spool else None
        if self.file:
            self.file.write(npy_header(0))

    def append(self, samples: np.ndarray, **fields: Any) -> None:
        """`samples` [n] float within [-1, 1]."""
        samples = pcm(samples)
        if self.file:
            self.file.write(samples.tobytes())
        else:
            self.pieces.append(samples)
        self.clips.append({**fields, "off": self.length, "n": len(samples)})
        self.length += len(samples)

    def close(self) -> None:
        """Ends the spool, so that nothing but its name is held until the set is saved."""
        if self.file and not self.file.closed:
            self.file.seek(0)
            self.file.write(npy_header(self.length))
            self.file.close()

    def save(self, state: State, name: str, plan: dict[str, np.ndarray] | None = None) -> None:
        """plan: of channels that are known the codes of all clips, one after the other."""
        if not self.clips:
            raise BadInput(state.clips(name), expected="at least one clip", found="none")
        # Nothing that was made of an older set of this name outlives it; a set without its list is none.
        for path in (
            state.clips(name),
            state.codes(name),
            state.code_offsets(name),
            state.plan(name),
            state.phonemes(name),
        ):
            path.unlink(missing_ok=True)
        if plan:
            stored.write(state, name, plan)
        self.close()
        if self.spool:
            os.replace(self.spool, state.sound(name))
        else:
            with replacing(state.sound(name)) as path:
                np.save(path, np.concatenate(self.pieces))
        with replacing(state.clips(name)) as path:
            path.write_text(json.dumps(self.clips, ensure_ascii=False), encoding="utf-8")


def npy_header(count: int) -> bytes:
    """The head of a .npy file of `count` int16, of the same length for every count."""
    text = f"{{'descr': '<i2', 'fortran_order': False, 'shape': ({count},), }}"
    return b"\x93NUMPY\x01\x00" + (HEADER - 10).to_bytes(2, "little") + f"{text:<{HEADER - 11}}\n".encode()


def is_made(state: State, name: str) -> bool:
    """Whether a set is whole."""
    return state.clips(name).exists() and state.sound(name).exists()
