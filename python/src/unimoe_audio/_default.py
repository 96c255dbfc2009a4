"""One engine of the default model for the whole process, opened when it is first asked for."""

import os
import threading
from collections.abc import Callable
from typing import Unpack

from ._request import Sampling
from .audio import Audio
from .engine import Engine
from .stream import Progress
from .voice import Voice

_lock = threading.Lock()
# The open one, if any.
_engines: list[Engine] = []


def default_engine() -> Engine:
    """The engine that `speak` and `compose` use: the default model's, opened at the first call, and after a close."""
    with _lock:
        if not _engines or _engines[0].is_closed:
            _engines[:] = [Engine()]
        return _engines[0]


def speak(
    text: str,
    *,
    voice: str | Voice | None = None,
    seed: int = 0,
    speed: float | None = None,
    spread: float | None = None,
    characters: bool = False,
    verbatim: bool = False,
    sample_rate: int | None = None,
    progress: Callable[[Progress], object] | None = None,
    **sampling: Unpack[Sampling],
) -> Audio:
    """Speaks a text with the default model, as `Engine.speak` does: `speak("Good morning.").save("morning.wav")`."""
    return default_engine().speak(
        text,
        voice=voice,
        seed=seed,
        speed=speed,
        spread=spread,
        characters=characters,
        verbatim=verbatim,
        sample_rate=sample_rate,
        progress=progress,
        **sampling,
    )


def compose(
    caption: str,
    *,
    seconds: float | None = None,
    seed: int = 0,
    notes: bytes | str | os.PathLike[str] | None = None,
    own_notes: bool = False,
    sample_rate: int | None = None,
    progress: Callable[[Progress], object] | None = None,
    **sampling: Unpack[Sampling],
) -> Audio:
    """Composes music with the default model, as `Engine.compose` does: `compose("Slow strings.", seconds=8)`."""
    return default_engine().compose(
        caption,
        seconds=seconds,
        seed=seed,
        notes=notes,
        own_notes=own_notes,
        sample_rate=sample_rate,
        progress=progress,
        **sampling,
    )


def voices() -> list[str]:
    """The names of the voices that `speak` takes."""
    return default_engine().voices()
