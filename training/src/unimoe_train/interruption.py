"""A polite end of a long computation: a signal asks for it, the loop saves and leaves."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
STOPPED = 75
"""What a command exits with that was asked to stop before its end (EX_TEMPFAIL of sysexits.h): whoever calls it must not
go on to what needs its result."""


class Interruption:
    """Within `with Interruption() as stop:` one of `SIGNALS` makes `stop` true; a second one ends the process."""

    def __init__(self) -> None:
        self.requested = False
        self._previous: dict[int, object] = {}

    def __enter__(self) -> "Interruption":
        for number in SIGNALS:
            self._previous[number] = signal.signal(number, self._request)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def __bool__(self) -> bool:
        return self.requested

    def _request(self, number: int, _frame: object) -> None:
        if self.requested:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        self.requested = True


@contextmanager
def ending() -> Iterator[None]:
    """Within `with`, each of `SIGNALS` ends what runs as Ctrl-C does, where nothing else answers it: what is half
    written goes, what is done stays, and the command says that it can go on."""
    previous = {number: signal.signal(number, signal.default_int_handler) for number in SIGNALS}
    try:
        yield
    except KeyboardInterrupt:
        leave()
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def ignored(*_: object) -> None:
    """In a process that works for another one: a signal to the whole group is that one's to answer."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def leave(speaks: bool = True) -> None:
    """Ends a command that was asked to stop and has saved. `speaks`: whether this process says so."""
    if speaks:
        print("stopped; the same command goes on", file=sys.stderr)
    sys.exit(STOPPED)
