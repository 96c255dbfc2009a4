"""A sound while it is made."""

import ctypes
import math
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from . import _structures as c
from ._handle import Closed, Handle
from ._interruptible import SLICE_MILLISECONDS
from ._library import check, copied, library
from ._structures import End, MarkKind, Phase
from .errors import argument_error, error
from .words import Mark

if TYPE_CHECKING:
    from .engine import Engine


@dataclass(frozen=True)
class Progress:
    """How far a stream is."""

    phase: Phase
    done: int
    """Code frames that are made"""
    expected: int
    """The most that can come; most sounds end before"""
    seconds: float
    """Seconds of sound that are made"""
    speed: float
    """Seconds of sound made per second of work; 0 before the first"""


class Stream(Iterator[NDArray[np.float32]]):
    """A sound on its way: iterate over it for NumPy arrays of its samples, while the next are made.

    Made by `Engine.stream_speech` and `Engine.stream_music`. It is generated on a thread of the library's own, whether
    or not it is read; leaving its `with` block, or forgetting it, cancels it.

    Any thread may cancel it and ask for its progress, marks and end. Threads that iterate over one stream at once get
    different chunks each. It keeps its engine open unless that is closed, which cancels it.
    """

    sample_rate: int
    """Hz"""
    text: str
    """What is spoken, or the caption of the music."""

    def __init__(self, engine: "Engine", pointer: int | None, text: str, chunk: float) -> None:
        self._engine = engine
        self._handle = Handle("stream", pointer, library.unimoe_stream_release)
        self._last = c.StreamState()
        self._reading = threading.Lock()
        self._marking = threading.Lock()
        self._marks: list[Mark] = []
        self._encoded = text.encode()
        self.text = text
        self.sample_rate = self._state().sample_rate
        if not 0 < chunk <= 60:
            raise argument_error("chunk", "more than 0 and at most 60 seconds", chunk)
        self._chunk_frames = max(1, round(chunk * self.sample_rate))
        # What is read of the next chunk stays here where Ctrl-C interrupts it.
        self._block = self._new_block()
        self._filled = 0
        self._is_at_end = False

    # ---- Samples

    def __next__(self) -> NDArray[np.float32]:
        """The next chunk, which is shorter than the others only at the end. A cancelled or closed stream just ends.

        Raises what made the stream fail, after its last chunk.
        """
        with self._reading, suppress(Closed):
            while self._filled < len(self._block) and not self._is_at_end:
                self._read_slice()
            if self._filled > 0:
                chunk = self._block[: self._filled]
                self._block, self._filled = self._new_block(), 0
                return chunk
            self._raise_failure()
        raise StopIteration

    def _new_block(self) -> NDArray[np.float32]:
        return np.empty(self._chunk_frames, dtype=np.float32)

    def _read_slice(self) -> None:
        """Reads what comes of the block within a slice of time."""
        rest = self._block[self._filled :]
        count = ctypes.c_uint32()
        try:
            with self._handle as pointer:
                status = library.unimoe_stream_wait_read(
                    pointer, rest.ctypes.data, len(rest), SLICE_MILLISECONDS, ctypes.byref(count)
                )
        finally:
            # Python sees Ctrl-C when the call has returned.
            self._filled += count.value
        if status != c.TIMEOUT:
            check(status)
            self._is_at_end = count.value < len(rest)

    def _raise_failure(self) -> None:
        self.wait()
        if self.end is End.FAILED:
            with self._handle as pointer:
                message = copied(library.unimoe_stream_error_message, pointer)
            raise error(self._last.error, message)

    # ---- Facts

    @property
    def progress(self) -> Progress:
        """How far it is; of a closed stream, how far it got."""
        state = self._state()
        return Progress(
            phase=Phase(state.phase),
            done=state.code_frames_done,
            expected=state.code_frames_expected,
            seconds=state.frames_produced / self.sample_rate,
            speed=state.measured_speed,
        )

    @property
    def end(self) -> End:
        """Why it ended; `End.NONE` while it runs."""
        return End(self._state().end)

    @property
    def marks(self) -> tuple[Mark, ...]:
        """When words begin and have ended, as far as it is known: before their sound is read, all at the end.

        Compare a mark's `frame` with the samples that were read. Music has none, and models that do not tell words.
        """
        with self._marking:
            with suppress(Closed):
                self._take_marks()
            return tuple(self._marks)

    def _take_marks(self) -> None:
        raw = c.RawMark()
        with self._handle as pointer:
            while library.unimoe_stream_next_mark(pointer, ctypes.byref(raw)):
                self._marks.append(self._mark(raw))

    def _mark(self, raw: c.RawMark) -> Mark:
        """The library counts bytes, Python characters."""
        word = self._encoded[raw.text_start : raw.text_end].decode()
        start = len(self._encoded[: raw.text_start].decode())
        return Mark(
            kind=MarkKind(raw.kind),
            word=raw.word,
            text=word,
            text_start=start,
            text_end=start + len(word),
            frame=raw.frame,
            time=raw.frame / self.sample_rate,
        )

    def _state(self) -> c.StreamState:
        state = c.StreamState()
        with suppress(Closed), self._handle as pointer:
            check(library.unimoe_stream_get_state(pointer, ctypes.byref(state)))
            self._last = state
        return self._last

    # ---- Control

    def cancel(self) -> None:
        """Stops it and drops what was not read. Returns at once; the end follows within a tenth of a second."""
        with suppress(Closed), self._handle as pointer:
            library.unimoe_stream_cancel(pointer)

    def wait(self, seconds: float | None = None) -> bool:
        """Waits until everything is made, read or not, for at most some seconds; returns whether it is.

        A text that is made in pieces is made a minute ahead of its reader, and no further.
        """
        left = math.inf if seconds is None else max(0.0, seconds) * 1000
        with suppress(Closed):
            while True:
                turn = math.ceil(min(left, SLICE_MILLISECONDS))
                with self._handle as pointer:
                    status = library.unimoe_stream_wait(pointer, turn)
                if status != c.TIMEOUT:
                    check(status)
                    break
                left -= turn
                if left <= 0:
                    return False
        return True

    def close(self) -> None:
        """Cancels it if it runs, and gives its memory back. Progress, marks and end stay to be asked for."""
        self.cancel()
        self.wait()
        self._state()
        _ = self.marks
        self._handle.close()

    def __enter__(self) -> "Stream":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
