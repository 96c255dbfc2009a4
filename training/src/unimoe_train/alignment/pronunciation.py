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
TOGETHER = 256  # words of one espeak-ng process: few enough that little is said again for a word without a line
STRESS = str.maketrans("", "", "ˈˌ")
COMMAND = ["espeak-ng", "-q", "--ipa", "--sep=_", "-v", "en-us"]


@dataclass(frozen=True)
class Word:
    """A word of a sentence: its characters are text[start:end], its sounds the phonemes' indices, each of which belongs
    to the character start + place."""

    start: int
    end: int
    phonemes: tuple[int, ...]
    places: tuple[int, ...]


class Pronunciation:
    """How words sound. `names[SILENCE]` is the pause; a word's phonemes are indices into the names."""

    def __init__(self, names: list[str], phonemes: dict[str, tuple[int, ...]], places: dict[str, tuple[int, ...]]):
        """places: the character of its word that each phoneme belongs to."""
        self.names, self._phonemes, self._places = names, phonemes, places

    @staticmethod
    def of(texts: list[str], more: list[str] = (), known: "Pronunciation | None" = None) -> "Pronunciation":
        """Of every word of the texts, and of the words of more texts that need no further phonemes. Words that are
        `known` are not asked for again."""
        spoken = known.spoken() if known else {}
        words = set(words_of(texts))
        new = sorted((words | set(words_of(more))) - spoken.keys())
        spoken |= dict(zip(new, phonemes_of(new)))
        names = ["sil", *sorted({name for word in words for name in spoken[word]})]
        index = {name: i for i, name in enumerate(names)}
        phonemes = {
            word: tuple(index[name] for name in sounds)
            for word, sounds in sorted(spoken.items())
            if index.keys() >= set(sounds)
        }
        return Pronunciation(names, phonemes, places_of(phonemes))

    @staticmethod
    def load(path: Path) -> "Pronunciation":
        try:
            table = json.loads(path.read_text(encoding="utf-8"))
            words = table["words"].items()
            return Pronunciation(
                table["names"],
                {word: tuple(phonemes) for word, (phonemes, _) in words},
                {word: tuple(places) for word, (_, places) in words},
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadInput(path, f"is not what `unimoe-train align` writes: {error}") from None

    def save(self, path: Path) -> None:
        words = {word: (phonemes, self._places[word]) for word, phonemes in self._phonemes.items()}
        write_json(path, {"names": self.names, "words": words})

    def spoken(self) -> dict[str, tuple[str, ...]]:
        """The names of every word's phonemes."""
        return {word: tuple(self.names[phoneme] for phoneme in phonemes) for word, phonemes in self._phonemes.items()}

    def words(self, text: str) -> list[Word]:
        """The words of a text that are known and sound."""
        found = [
            Word(a, b, self._phonemes.get(word, ()), self._places.get(word, ()))
            for a, b in spans(text)
            for word in [text[a:b].lower()]
        ]
        return [word for word in found if word.phonemes]

    def spelled(self, text: str) -> np.ndarray:
        """The phonemes in which each character begins and ends [characters, 2]; -1 outside of known words.

        A silent character has the phoneme before it, at a word's beginning the one after it.
        """
        found = np.full((len(text), 2), -1, np.int64)
        for word in self.words(text):
            last = word.phonemes[0]
            for place in range(word.end - word.start):
                mine = [phoneme for phoneme, at in zip(word.phonemes, word.places) if at == place] or [last]
                found[word.start + place], last = (mine[0], mine[-1]), mine[-1]
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
    """Phoneme names of each word said alone; a process for many words, and for each half of them where one gives no
    line of its own or several."""
    if len(words) > TOGETHER:
        parts = [words[start : start + TOGETHER] for start in range(0, len(words), TOGETHER)]
        return [names for part in parts for names in phonemes_of(part)]
    lines = [line for line in _espeak("--stdin", text="\n\n".join(words)).split("\n") if line.strip()]
    if len(lines) != len(words) and len(words) > 1:
        half = len(words) // 2
        return phonemes_of(words[:half]) + phonemes_of(words[half:])
    if len(words) == 1:
        lines = [" ".join(lines)]
    return [tuple(p for p in re.split(r"[_\s]+", line.translate(STRESS)) if p) for line in lines]


def _espeak(argument: str, text: str | None = None) -> str:
    answer = subprocess.run(
        [*COMMAND, "--", argument] if text is None else [*COMMAND, argument],
        input=text,
        capture_output=True,
        text=True,
        check=True,
    )
    return answer.stdout
