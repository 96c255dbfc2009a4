"""The ranges of numbers that come from outside: annotations of a recipe's fields, and types of the command line's options.

A field `steps: Number` is an `int` for Python; `Range.of(Number)` tells what is allowed.
"""

import argparse
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated


@dataclass(frozen=True)
class Range:
    """From `low` to `high`, both included. Both are finite, so that NaN and infinity lie in none."""

    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    def __str__(self) -> str:
        return f"{self.low:,} to {self.high:,}"

    @staticmethod
    def of(kind: object) -> "Range | None":
        """The range of an annotated type."""
        return next((note for note in getattr(kind, "__metadata__", ()) if isinstance(note, Range)), None)


class Whole:
    """`Whole[1, 1024]`: an `int` from 1 to 1024."""

    def __class_getitem__(cls, ends: tuple[int, int]) -> object:
        return Annotated[int, Range(*ends)]


class Real:
    """`Real[0, 1]`: a `float` from 0 to 1."""

    def __class_getitem__(cls, ends: tuple[float, float]) -> object:
        return Annotated[float, Range(*ends)]


MANY = 10**12  # more than anybody has

Count = Whole[1, 1_000_000]
Number = Whole[0, 1_000_000]
Steps = Whole[0, MANY]
Width = Whole[1, 262_144]
Experts = Whole[0, 1024]
Delay = Whole[0, 4096]
CodeFrames = Whole[0, 16_777_216]
Threads = Whole[1, 1024]
Processes = Whole[0, 1024]
Seed = Whole[0, 2**32 - 1]
Positions = Real[0, MANY]
Minutes = Real[0, 10_000_000]
Seconds = Real[0, 3600]
Share = Real[0, 1]
Weight = Real[0, 1000]
Rate = Real[0, 1]


def option(kind: object) -> Callable[[str], float]:
    """The `type` of an option of argparse that takes a number of an annotated type."""
    number, allowed = typing.get_args(kind)[0], Range.of(kind)

    def read(text: str) -> float:
        try:
            value = number(text)
        except ValueError:
            value = None
        if value is None or value not in allowed:
            what = "a whole number, " if number is int else ""
            raise argparse.ArgumentTypeError(f"expected {what}{allowed}, found {text}")
        return value

    return read
