"""Words to phonemes, by espeak-ng's American English rules: what a sentence's letters are expected to sound like."""

import re
import subprocess
from dataclasses import dataclass

SILENCE = 0  # index of the phoneme that stands for a pause
NOT_SPACE_OR_HYPHEN = re.compile(r"[^\s\-]+")
SOUNDING = re.compile(r"[A-Za-z0-9$%&@]")
STRESS = str.maketrans("", "", "ˈˌ")
COMMAND = ["espeak-ng", "-q", "--ipa", "--sep=_", "-v", "en-us"]


@dataclass(frozen=True)
class Word:
    """A word of a sentence: its characters are text[start:end], its sounds the phonemes' indices."""

    start: int
    end: int
    phonemes: tuple[int, ...]


class Pronunciation:
    """The phonemes of every word of a collection of texts.  `names[SILENCE]` is the pause."""

    def __init__(self, texts: list[str]):
        words = sorted({text[a:b].lower() for text in texts for a, b in spans(text)})
        spoken = dict(zip(words, phonemes_of(words)))
        self.names = ["sil", *sorted({name for names in spoken.values() for name in names})]
        index = {name: i for i, name in enumerate(self.names)}
        self._indices = {word: tuple(index[name] for name in names) for word, names in spoken.items()}

    def words(self, text: str) -> list[Word]:
        found = (Word(a, b, self._indices[text[a:b].lower()]) for a, b in spans(text))
        return [word for word in found if word.phonemes]


def spans(text: str) -> list[tuple[int, int]]:
    """Character spans of what is spoken: split at white space and hyphens, outer punctuation cut off."""
    found = []
    for match in NOT_SPACE_OR_HYPHEN.finditer(text):
        start, end = match.span()
        while start < end and not SOUNDING.match(text[start]):
            start += 1
        while end > start and not SOUNDING.match(text[end - 1]):
            end -= 1
        if start < end:
            found.append((start, end))
    return found


def phonemes_of(words: list[str]) -> list[tuple[str, ...]]:
    """Phoneme names of each word said alone; one process for all words where each gives one line, else one per word."""
    lines = [line for line in _espeak("--stdin", text="\n\n".join(words)).split("\n") if line.strip()]
    if len(lines) != len(words):
        lines = [_espeak(word) for word in words]
    return [tuple(p for p in re.split(r"[_\s]+", line.translate(STRESS)) if p) for line in lines]


def _espeak(argument: str, text: str | None = None) -> str:
    answer = subprocess.run([*COMMAND, "--", argument] if text is None else [*COMMAND, argument], input=text,
                            capture_output=True, text=True, check=True)
    return answer.stdout
