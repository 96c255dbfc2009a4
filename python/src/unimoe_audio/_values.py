"""Python's values as the library takes them.

ctypes cuts numbers that do not fit and ends strings at zero bytes, both silently; here they are errors.
"""

import math
import operator
import os

from .errors import argument_error


def text(name: str, value: str) -> bytes:
    """A text as UTF-8."""
    if not isinstance(value, str):
        raise TypeError(f"{name}: expected str, found {type(value).__name__}")
    if "\0" in value:
        raise argument_error(name, "text without zero characters", f"one at {value.index(chr(0))}")
    try:
        return value.encode()
    except UnicodeEncodeError as failure:
        raise argument_error(name, "characters that UTF-8 has", f"half of a pair at {failure.start}") from None


def path(name: str, value: str | os.PathLike[str]) -> bytes:
    """A file's name in the file system's bytes."""
    encoded = os.fsencode(value)
    if b"\0" in encoded:
        raise argument_error(name, "a file's name", "one with a zero byte")
    return encoded


def integer(name: str, value: int | None, least: int, most: int, default: int) -> int:
    """A whole number within its range, or the default for `None`."""
    if value is None:
        return default
    whole = operator.index(value)
    if not least <= whole <= most:
        raise argument_error(name, f"{least} to {most}", whole)
    return whole


def number(name: str, value: float | None) -> float:
    """A number, or -1, which stands for the model's default, for `None`."""
    if value is None:
        return -1.0
    if math.isnan(value) or value < 0:
        raise argument_error(name, "0 or more, or None for the model's own", value)
    return float(value)
