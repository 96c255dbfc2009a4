"""Natural English sentences from Debian's text packages: fortunes, dict-gcide (a dictionary's examples) and wamerican.

Only sentences of plain words that a speller knows are kept, so that what a teacher says is what is written.
"""

import gzip
import random
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from unimoe_train.errors import BadInput

WORDS = Path("/usr/share/dict/words")
FORTUNES = Path("/usr/share/games/fortunes")
DICTIONARY = Path("/usr/share/dictd/gcide.dict.dz")

LENGTHS = range(18, 96)
"""Characters of a sentence: one to six seconds of speech."""

ALLOWED = re.compile(r"[A-Za-z ,.?!';:\-]+")
UNFIT = re.compile(r"\b(etc|esp|obs|fig|syn|var|pl|cf|i\.e|e\.g|fuck|shit|sex|nigg|rape)", re.IGNORECASE)
UNFIT_FORTUNES = ("ascii", "art", "off", "zippy", "perl", "limerick")


def clean(text: str) -> str:
    """ASCII on one line, without brackets, quotes and what stands in them."""
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    text = re.sub(r'\[[^\]]*\]|\([^)]*\)|\{|\}|"', " ", text)
    text = re.sub(r"\s+", " ", text).strip(" -;:,")
    return text.replace(" ,", ",").replace(" .", ".").replace("--", "-")


def fortune_paragraphs(folder: Path = FORTUNES) -> Iterator[str]:
    """Quotations without their sources."""
    for file in sorted(folder.glob("*.u8")):
        if any(part in str(file) for part in UNFIT_FORTUNES):
            continue
        for fortune in file.read_text(errors="ignore").split("\n%\n"):
            yield re.split(r"\n\s*--", fortune)[0]


def dictionary_paragraphs(file: Path = DICTIONARY) -> Iterator[str]:
    """Definitions and examples."""
    text = gzip.decompress(file.read_bytes()).decode(errors="ignore")
    for paragraph in re.split(r"\n\s*\n", text):
        paragraph = re.sub(r"\[.*?\]", " ", paragraph.replace("\n", " "))
        yield re.sub(r"^\s*\d+\.\s*", "", paragraph)


def is_sentence(text: str, vocabulary: set[str]) -> bool:
    words = re.findall(r"[A-Za-z']+", text)
    return (
        len(text) in LENGTHS
        and ALLOWED.fullmatch(text) is not None
        and text[-1] in ".?!"
        and len(words) >= 4
        and UNFIT.search(text) is None
        and all(len(word) > 1 or word.lower() in "ai" for word in words)
        and all(word.lower() in vocabulary for word in words)
    )


def collect(paragraphs: Iterator[str], vocabulary: set[str], seed: int = 7) -> list[str]:
    """The distinct sentences of paragraphs, shuffled, each with a capital."""
    found: set[str] = set()
    for paragraph in paragraphs:
        for sentence in re.split(r"(?<=[.?!]) +", clean(paragraph)):
            sentence = sentence.strip()
            if is_sentence(sentence, vocabulary):
                found.add(sentence[0].upper() + sentence[1:])
    sentences = sorted(found)
    random.Random(seed).shuffle(sentences)
    return sentences


def from_debian() -> list[str]:
    """Every usable sentence of the installed packages, about 130,000."""
    for path, package in ((WORDS, "wamerican"), (FORTUNES, "fortunes"), (DICTIONARY, "dict-gcide")):
        if not path.exists():
            raise BadInput(path, expected=f"the text of the Debian package {package}", found="nothing")
    vocabulary = {word.strip().lower() for word in WORDS.read_text().splitlines()}

    def paragraphs() -> Iterator[str]:
        yield from fortune_paragraphs()
        yield from dictionary_paragraphs()

    return collect(paragraphs(), vocabulary)
