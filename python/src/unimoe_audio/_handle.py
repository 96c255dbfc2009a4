"""A pointer of the library."""

import threading
from collections.abc import Callable

from . import _structures as c
from .errors import ArgumentError


class Closed(ArgumentError):
    """A call on what was given back."""


class Handle:
    """A pointer that is given back once, and never while a thread is in a call on it.

    `with handle as pointer:` holds it for a call, or raises `Closed`. Closing it while others hold it leaves giving it back to the last.
    """

    def __init__(self, name: str, pointer: int | None, give_back: Callable[[int | None], None]) -> None:
        self._name = name
        self._pointer = pointer
        # Kept here, so that it is still there when the interpreter takes its modules apart.
        self._give_back = give_back
        self._lock = threading.Lock()
        self._users = 0
        self._is_closed = False

    @property
    def is_closed(self) -> bool:
        return self._is_closed

    def __enter__(self) -> int | None:
        with self._lock:
            if self._is_closed:
                raise Closed(c.ARGUMENT, f"{self._name}: expected an open one, found one that was closed")
            self._users += 1
            return self._pointer

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._users -= 1
            is_last = self._is_closed and self._users == 0
        if is_last:
            self._give_back(self._pointer)

    def close(self) -> None:
        """Gives the pointer back; twice is once."""
        with self._lock:
            is_last = not self._is_closed and self._users == 0
            self._is_closed = True
        if is_last:
            self._give_back(self._pointer)

    def __del__(self) -> None:
        self.close()
