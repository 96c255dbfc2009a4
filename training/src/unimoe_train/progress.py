"""Progress bars: on standard error, and only where that is a terminal."""

import sys

from tqdm import tqdm


def progress(iterable=None, *, title: str, total: float | None = None, unit: str = "it") -> tqdm:
    """A bar over `iterable`, or one that the caller moves with `.update(n)` up to `total`."""
    return tqdm(iterable, desc=title, total=total, unit=unit, file=sys.stderr, disable=not sys.stderr.isatty())
