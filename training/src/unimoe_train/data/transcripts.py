"""Texts as people's files have them, and as they are learned: what a text file says, and what of it cannot be."""

import codecs
import re
import unicodedata
from pathlib import Path

from unimoe_train.errors import BadInput

MARKS = (  # the longer ones first: that of UTF-32 begins like that of UTF-16
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
CONTROL_TOKEN = re.compile(r"<\|[^|<>\s]*\|>|</?tool_call>")
LABEL = re.compile(r"\s*(\d+[.,]\d+\t\d+[.,]\d+(\t.*)?|(0|\d{5,})\s+\d{5,}(\s.*)?)")
"""A line of times: of Audacity's labels in seconds, of HTS's in 100 ns."""
BROKEN = "\ufffd\ufffe\uffff"  # what earlier programs put where they could not read


def read(path: Path) -> str:
    """A file's text. Throws `BadInput` for other encodings than UTF-8, and UTF-16 and UTF-32 with or without a mark, and
    for what is no file."""
    if not path.is_file():
        raise BadInput(path, expected="a file", found="a link to nothing or a device")
    data = path.read_bytes()
    mark, encoding = next((entry for entry in MARKS if data.startswith(entry[0])), (b"", "utf-8"))
    if not mark and b"\0" in data:
        encoding = unmarked(data)
    try:
        return data[len(mark) :].decode(encoding)
    except UnicodeDecodeError:
        raise BadInput(path, expected="text in UTF-8", found="other bytes") from None


def said(path: Path) -> str:
    """What a text file says. Throws `BadInput` as `read` does, and for a file of labels, which tells when it is said, too."""
    text = read(path)
    told = [line for line in lines(text) if line.strip()]
    if told and all(LABEL.fullmatch(line) for line in told):
        raise BadInput(path, expected="what is said", found=f"labels with times, such as {told[0].strip()[:40]!r}")
    return text


def unmarked(data: bytes) -> str:
    """The encoding of bytes without a mark that have zeros: in UTF-16 spaces and Latin letters have one, in UTF-32 all
    characters have."""
    zeros = [data[place::4].count(0) for place in range(4)]
    if 4 * min(zeros[:2]) > len(data) // 2:
        return "utf-32-be"
    if 4 * min(zeros[2:]) > len(data) // 2:
        return "utf-32-le"
    return "utf-16-be" if zeros[0] + zeros[2] > zeros[1] + zeros[3] else "utf-16-le"


def lines(text: str) -> list[str]:
    """A text's lines, whichever way they end; `splitlines` ends them at control characters, too."""
    return re.split(r"\r\n|\n|\r", text)


def fault(text: str) -> str | None:
    """Why nobody can learn a text, or nothing."""
    if not text.strip():
        return "expected text, found nothing"
    for character in text:
        if character in BROKEN or (unicodedata.category(character) in ("Cc", "Cs") and character not in "\t\n\r"):
            return f"expected text, found the character U+{ord(character):04X}"
    if token := CONTROL_TOKEN.search(text):
        return f"expected text, found the control token {token[0]}"
    return None


def tidy(text: str) -> str:
    """A text on one line, composed (NFC), without the characters that nobody sees."""
    seen = "".join(c for c in text if unicodedata.category(c) != "Cf" or c in "\u200c\u200d")
    return unicodedata.normalize("NFC", " ".join(seen.split()))


def are_in_capitals(texts: list[str]) -> bool:
    """Whether texts have no small letters at all, in whole sentences: two or three words may be those of letters, like BBC."""
    sentences = [text for text in texts if sum(len(word) > 1 and word.isupper() for word in text.split()) > 3]
    return bool(sentences) and not any(character.islower() for text in texts for character in text)


def in_small_letters(text: str) -> str:
    """A text in capitals as a sentence: an engine may spell a word in capitals."""
    small = re.sub(r"\bi\b", "I", text.lower().strip())
    return small[:1].upper() + small[1:]


def is_latin(character: str) -> bool:
    return unicodedata.name(character, "").startswith(("LATIN", "MODIFIER", "FEMININE", "MASCULINE"))


def sounding(text: str) -> int:
    """How many of a text's letters and digits an English voice can say."""
    return sum(is_latin(c) or c in "0123456789" for c in text if c.isalnum())


def foreign(text: str) -> str:
    """The letters of a text that an English voice cannot say."""
    return "".join(dict.fromkeys(c for c in text if c.isalpha() and not is_latin(c)))
