"""Progress on standard error: a bar where that is a terminal, elsewhere a line now and then."""

import sys
import time

from tqdm import tqdm

EVERY = 30.0  # seconds between two lines
LINE = "{desc}: {percentage:.0f} %, {n_fmt} of {total_fmt} {unit}, {elapsed} gone, {remaining} left{postfix}"


def progress(iterable=None, *, title: str, total: float | None = None, unit: str = "it") -> tqdm:
    """A bar over `iterable`, or one that the caller moves with `.update(n)` up to `total`."""
    if sys.stderr.isatty():
        return tqdm(iterable, desc=title, total=total, unit=unit, file=sys.stderr)
    return Lines(iterable, desc=title, total=total, unit=unit, file=sys.stderr, bar_format=LINE)


class Lines(tqdm):
    """A bar for files and pipes, where nothing can be drawn over: what ends within `EVERY` seconds says nothing."""

    def __init__(self, *arguments, **options):
        self.last, self.lines = time.monotonic(), 0
        super().__init__(*arguments, **options)

    def refresh(self, *_, **__) -> bool:
        if time.monotonic() - self.last >= EVERY:
            self._say()
        return True

    def close(self) -> None:
        if self.disable:
            return
        if self.lines:
            self._say()
        self.disable = True
        self._decr_instances(self)

    def _say(self) -> None:
        self.last, self.lines = time.monotonic(), self.lines + 1
        print(self, file=self.fp, flush=True)
