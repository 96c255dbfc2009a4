"""Words to phonemes, by espeak-ng's American English rules: what a sentence's letters are expected to sound like."""

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from unimoe_train.alignment.letters import places_of
from unimoe_train.errors import BadInput
from unimoe_train.state import write_json

SILENCE = 0  # index of the phoneme that stands for a pause
NOT_SPACE_OR_HYPHEN = re.compile(r"[^\s\-]+")
SOUNDING = re.compile(r"[A-Za-z0-9$%&@]")
STRESS = str.maketrans("", "", "ˈˌ")
COMMAND = ["espeak-ng", "-q", "--ipa", "--sep=_", "-v", "en-us"]


@dataclass(frozen=True)
class Word:
    """A word of a sentence: its characters are text[start:end], its sounds the phonemes' indices, each of which belongs to
    the character start + place."""

    start: int
    end: int
    phonemes: tuple[int, ...]
    places: tuple[int, ...]


class Pronunciation:
    """The phonemes of every word of a collection of texts.  `names[SILENCE]` is the pause."""

    def __init__(self, texts: list[str]):
        words = words_of(texts)
        spoken = dict(zip(words, phonemes_of(words)))
        self.names = ["sil", *sorted({name for names in spoken.values() for name in names})]
        self._indices: dict[str, tuple[int, ...]] = {}
        self._add(spoken)

    @staticmethod
    def load(path: Path) -> "Pronunciation":
        pronunciation = Pronunciation.__new__(Pronunciation)
        try:
            table = json.loads(path.read_text(encoding="utf-8"))
            pronunciation.names, words = table["names"], table["words"]
            pronunciation._indices = {word: tuple(indices) for word, (indices, _) in words.items()}
            pronunciation._places = {word: tuple(places) for word, (_, places) in words.items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadInput(path, f"is not what `unimoe-train align` writes: {error}") from None
        return pronunciation

    def save(self, path: Path) -> None:
        words = {word: (indices, self._places[word]) for word, indices in self._indices.items()}
        write_json(path, {"names": self.names, "words": words})

    def extend(self, texts: list[str]) -> None:
        """Learns the words of more texts, but no new phonemes: a word that has one stays unknown."""
        new = [word for word in words_of(texts) if word not in self._indices]
        known = set(self.names)
        self._add({word: names for word, names in zip(new, phonemes_of(new)) if known.issuperset(names)})

    def _add(self, spoken: dict[str, tuple[str, ...]]) -> None:
        index = {name: i for i, name in enumerate(self.names)}
        self._indices |= {word: tuple(index[name] for name in names) for word, names in spoken.items()}
        self._places = places_of(self._indices)

    def words(self, text: str) -> list[Word]:
        """The words of a text that are known and sound."""
        found = ((a, b, text[a:b].lower()) for a, b in spans(text))
        return [Word(a, b, self._indices[word], self._places[word]) for a, b, word in found if self._indices.get(word)]

    def spelled(self, text: str) -> np.ndarray:
        """The phonemes in which each character begins and ends [characters, 2]; -1 outside of known words.

        A silent character has the phoneme before it, at a word's beginning the one after it.
        """
        found = np.full((len(text), 2), -1, np.int64)
        for word in self.words(text):
            found[word.start : word.end] = word.phonemes[0]
            for phoneme, place in zip(word.phonemes, word.places):
                found[word.start + place : word.end, 1] = phoneme
            for phoneme, place in reversed(list(zip(word.phonemes, word.places))):
                found[word.start + place, 0] = phoneme
            silent = sorted(set(range(word.places[0] + 1, word.end - word.start)) - set(word.places))
            found[[word.start + place for place in silent], 0] = found[[word.start + place for place in silent], 1]
        return found


def words_of(texts: list[str]) -> list[str]:
    return sorted({text[a:b].lower() for text in texts for a, b in spans(text)})


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
    """Phoneme names of each word said alone; one process for all words, and for each half where a word gives no line of its
    own or several."""
    if not words:
        return []
    lines = [line for line in _espeak("--stdin", text="\n\n".join(words)).split("\n") if line.strip()]
    if len(lines) != len(words):
        if len(words) > 1:
            half = len(words) // 2
            return phonemes_of(words[:half]) + phonemes_of(words[half:])
        lines = [" ".join(lines)]
    return [tuple(p for p in re.split(r"[_\s]+", line.translate(STRESS)) if p) for line in lines]


def _espeak(argument: str, text: str | None = None) -> str:
    answer = subprocess.run([*COMMAND, "--", argument] if text is None else [*COMMAND, argument], input=text,
                            capture_output=True, text=True, check=True)
    return answer.stdout
