"""A polite end of a long computation: SIGTERM and SIGINT ask for it, the loop saves and leaves."""

import signal


class Interruption:
    """Within `with Interruption() as stop:` a SIGTERM or SIGINT makes `stop` true; a second one ends the process."""

    def __init__(self) -> None:
        self.requested = False
        self._previous: dict[int, object] = {}

    def __enter__(self) -> "Interruption":
        for number in (signal.SIGTERM, signal.SIGINT):
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
