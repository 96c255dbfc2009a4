"""Figures of a training as CSV, one row per report."""

import csv
import itertools
from pathlib import Path

from unimoe_train.state import replacing


class CSVLog:
    """Appends rows to a CSV file whose first row names the columns; a resumed training goes on in the same file.

    A file with other columns, of another model or version, is kept beside it as NAME.1.csv, NAME.2.csv, ...
    """

    def __init__(self, path: Path, columns: list[str], before: int | None = None):
        """`before`: rows of later steps than this one, which a kill has undone, are removed."""
        path.parent.mkdir(parents=True, exist_ok=True)
        set_aside_others(path, columns)
        if before is not None and path.exists():
            cut(path, before)
        is_new = not path.exists() or path.stat().st_size == 0
        self._file = open(path, "a", newline="")
        self._writer = csv.DictWriter(self._file, columns, restval="", extrasaction="ignore")
        if is_new:
            self._writer.writeheader()

    def write(self, **row: object) -> None:
        """Floats are written with five significant digits; columns that are not named stay empty."""
        self._writer.writerow({k: f"{v:.5g}" if isinstance(v, float) else v for k, v in row.items()})
        self._file.flush()

    def close(self) -> None:
        self._file.close()


def set_aside_others(path: Path, columns: list[str]) -> None:
    if not path.exists():
        return
    with open(path, newline="") as file:
        found = next(csv.reader(file), columns)
    if found != columns:
        number = next(n for n in itertools.count(1) if not path.with_suffix(f".{n}{path.suffix}").exists())
        path.rename(path.with_suffix(f".{number}{path.suffix}"))


def cut(path: Path, step: int) -> None:
    """Removes the rows of later steps than `step`."""
    with open(path, newline="") as file:
        rows = list(csv.reader(file))
    if not rows or "step" not in rows[0]:
        return
    place = rows[0].index("step")
    kept = rows[:1] + [row for row in rows[1:] if len(row) > place and row[place].isdigit() and int(row[place]) <= step]
    if len(kept) < len(rows):
        with replacing(path) as temporary, open(temporary, "w", newline="") as file:
            csv.writer(file).writerows(kept)


def read_csv(path: Path) -> dict[str, list[float]]:
    """The columns of a log as numbers; cells that are empty or text become NaN."""

    def number(text: str) -> float:
        try:
            return float(text)
        except ValueError:
            return float("nan")

    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: [number(row[name] or "") for row in rows] for name in (rows[0] if rows else {})}
