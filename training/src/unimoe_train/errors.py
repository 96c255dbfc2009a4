"""What is wrong with something that came from outside."""

import unicodedata
from pathlib import Path


class BadInput(Exception):
    """Input that cannot be used: the command prints this one line and exits with 1.

    `where` is a file (with the field after a colon) or an option; the line tells what was expected there and found.
    """

    def __init__(self, where: str | Path, problem: str = "", *, expected: object = None, found: object = None):
        parts = [problem] if problem else []
        if expected is not None:
            parts.append(f"expected {expected}")
        if found is not None:
            parts.append(f"found {found}")
        self.problem = ", ".join(parts)
        super().__init__(f"{where}: {self.problem}")


def one_line(text: str) -> str:
    """A line as it can be printed whatever the bytes of a file's name in it are, line ends among them."""
    is_odd = lambda character: unicodedata.category(character) in ("Cc", "Cs")
    return "".join(c.encode("unicode_escape").decode() if is_odd(c) else c for c in text)
