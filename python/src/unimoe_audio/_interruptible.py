"""Long calls that Ctrl-C ends."""

import threading
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")

# How long a call into the library waits before Python looks for signals.
SLICE_SECONDS = 0.05
SLICE_MILLISECONDS = 50


def interruptible(call: Callable[[], Result]) -> Result:
    """Runs a call that cannot be cut into slices on a thread of its own, and waits for it.

    Where the wait is interrupted, the call goes on to its end and its result is dropped.
    """
    results: list[Result] = []
    failures: list[BaseException] = []

    def run() -> None:
        try:
            results.append(call())
        except BaseException as failure:
            failures.append(failure)

    thread = threading.Thread(target=run, name="unimoe-audio", daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(SLICE_SECONDS)
    if failures:
        raise failures[0]
    return results[0]
