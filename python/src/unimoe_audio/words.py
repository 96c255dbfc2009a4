"""When a text's words are said."""

from collections.abc import Iterable
from dataclasses import dataclass

from ._structures import MarkKind


@dataclass(frozen=True)
class Mark:
    """The moment at which a word begins or has ended."""

    kind: MarkKind
    word: int
    """The word's place among those that are said, from 0."""
    text: str
    """The word as it is written. Several words that one expression is said as, "five dollars" for "$5", share it."""
    text_start: int
    """Where it stands in the text: `text == whole[text_start:text_end]`."""
    text_end: int
    frame: int
    """The sample at which it happens, counted from 0, at the stream's rate."""
    time: float
    """The same in seconds."""


@dataclass(frozen=True)
class Word:
    """A word that is said, and when."""

    text: str
    """The word as it is written. Several words that one expression is said as, "five dollars" for "$5", share it."""
    start: float
    """Seconds from the beginning of the sound."""
    end: float
    text_start: int
    """Where it stands in the text: `text == whole[text_start:text_end]`."""
    text_end: int


def words_of(marks: Iterable[Mark], duration: float) -> tuple[Word, ...]:
    """The words between their marks. The codec may give a few samples less than the last mark is at."""
    starts: dict[int, Mark] = {}
    words: list[Word] = []
    for mark in marks:
        if mark.kind is MarkKind.WORD_START:
            starts[mark.word] = mark
        elif start := starts.pop(mark.word, None):
            words.append(
                Word(
                    text=start.text,
                    start=min(start.time, duration),
                    end=min(mark.time, duration),
                    text_start=start.text_start,
                    text_end=start.text_end,
                )
            )
    return tuple(words)
