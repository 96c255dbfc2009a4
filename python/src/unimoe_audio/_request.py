"""What is asked for, as the library takes it."""

import os
from pathlib import Path
from typing import TypedDict, Unpack

from . import _structures as c
from ._values import integer, number, text


class Sampling(TypedDict, total=False):
    """How the model draws. What is left out, or `None`, is as the model has it."""

    random: bool | None
    """Draw at random, or take the likeliest code."""
    guidance: float | None
    """How strongly the text or caption is followed."""
    temperature: float | None
    top_k: int | None
    """Codes to keep; 0 keeps all."""
    top_p: float | None
    """0..1"""
    shortest: float | None
    """Seconds; of a text that is made in pieces, of each"""
    longest: float | None
    """Seconds of the whole; without it the model's cap, for speech also one from the text"""


_KEYS = Sampling.__annotations__.keys()


def _common(content: bytes, seed: int, sample_rate: int | None, sampling: Sampling) -> c.Request:
    for name in sampling.keys() - _KEYS:
        raise TypeError(f"unknown argument {name!r}: expected one of {', '.join(_KEYS)}")
    random = sampling.get("random")
    return c.Request(
        text=content,
        seed=integer("seed", seed, 0, 2**64 - 1, 0),
        sample_rate=integer("sample_rate", sample_rate, 1, 2**31 - 1, 0),
        sampling=-1 if random is None else int(random),
        guidance=number("guidance", sampling.get("guidance")),
        temperature=number("temperature", sampling.get("temperature")),
        top_k=integer("top_k", sampling.get("top_k"), 0, 2**31 - 1, -1),
        top_p=number("top_p", sampling.get("top_p")),
        shortest=number("shortest", sampling.get("shortest")),
        longest=number("longest", sampling.get("longest")),
    )


def speech(
    words: str,
    *,
    seed: int,
    speed: float | None,
    spread: float | None,
    characters: bool,
    verbatim: bool,
    sample_rate: int | None,
    **sampling: Unpack[Sampling],
) -> c.Request:
    """A request to speak; its voice is still to be set."""
    request = _common(text("text", words), seed, sample_rate, sampling)
    request.speed, request.spread = number("speed", speed), number("spread", spread)
    request.characters, request.verbatim = int(characters), int(verbatim)
    return request


def music(
    caption: str,
    *,
    seconds: float | None,
    seed: int,
    notes: bytes | str | os.PathLike[str] | None,
    own_notes: bool,
    sample_rate: int | None,
    **sampling: Unpack[Sampling],
) -> c.Request:
    """A request to compose."""
    if seconds is not None:
        if "shortest" in sampling or "longest" in sampling:
            raise TypeError("seconds: expected neither shortest nor longest beside it")
        sampling["shortest"] = sampling["longest"] = number("seconds", seconds)
    request = _common(text("caption", caption), seed, sample_rate, sampling)
    request.task = c.MUSIC
    if notes is not None:
        content = notes if isinstance(notes, bytes) else Path(notes).read_bytes()
        request.notes, request.notes_size = content, len(content)
    request.own_notes = int(own_notes)
    return request
