"""What is wrong with something that came from outside."""

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
