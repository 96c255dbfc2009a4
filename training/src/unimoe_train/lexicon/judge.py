"""How well words are pronounced that are not listed: by the engine's program, and by espeak-ng's rules beside it."""

import re
import subprocess

from unimoe_train.lexicon.dictionary import HELD_OUT, Dictionary, is_held_out, spelled
from unimoe_train.lexicon.fit import Fitted
from unimoe_train.lexicon.phonemes import without_stress
from unimoe_train.lexicon.said import said

# espeak-ng's American phonemes in IPA, longest first where one begins another; several of ARPAbet for one of espeak-ng.
IPA = {
    "aɪɚ": "AY ER", "aɪə": "AY AH", "oʊ": "OW", "aʊ": "AW", "aɪ": "AY", "eɪ": "EY", "ɔɪ": "OY", "tʃ": "CH", "dʒ": "JH",
    "ɑːɹ": "AA R", "ɔːɹ": "AO R", "oːɹ": "AO R", "ɛɹ": "EH R", "ɪɹ": "IH R", "ʊɹ": "UH R", "iə": "IY AH", "ɑː": "AA",
    "ɔː": "AO", "oː": "AO", "iː": "IY", "uː": "UW", "ɜː": "ER", "ɚ": "ER", "ɝ": "ER", "əl": "AH L", "ə": "AH", "ɐ": "AH",
    "ʌ": "AH", "æ": "AE", "a": "AA", "ɑ": "AA", "ɒ": "AA", "ɔ": "AO", "e": "EH", "ɛ": "EH", "ɪ": "IH", "ᵻ": "IH", "i": "IY",
    "o": "OW", "ʊ": "UH", "u": "UW", "b": "B", "d": "D", "ð": "DH", "f": "F", "ɡ": "G", "g": "G", "h": "HH", "k": "K",
    "l": "L", "m": "M", "n": "N", "ŋ": "NG", "p": "P", "ɹ": "R", "r": "R", "s": "S", "ʃ": "SH", "t": "T", "ɾ": "T", "ʔ": "T",
    "θ": "TH", "v": "V", "w": "W", "j": "Y", "z": "Z", "ʒ": "ZH", "x": "K", "ɬ": "L", "ç": "HH", "n̩": "AH N", "l̩": "AH L",
}  # fmt: skip
TOKEN = re.compile("|".join(sorted(map(re.escape, IPA), key=len, reverse=True)))
TOGETHER = 200
STRESSED = "words_right_with_stress"

Judged = dict[str, float]


def report(dictionary: Dictionary, fitted: Fitted, program: str) -> dict:
    """How many of the words that the model never saw are right: by their letters alone, by the front end that knows all
    other words, and by espeak-ng."""
    words = {word: listed for word, listed in spelled(dictionary).items() if is_held_out(word)}
    known = {word: listed for word, listed in dictionary.items() if word not in words}
    return {
        "held_out": f"FNV-1a of the word modulo {HELD_OUT} is 0",
        "words": len(words),
        "letter_to_sound": share(words, [fitted.by_letters[word] for word in words]),
        "rules_and_letter_to_sound": share(words, said(list(words), fitted.file(known), program)),
        "espeak_ng": without_stress_told(share(words, espeak(list(words)))),
    }


def without_stress_told(judged: Judged) -> Judged:
    return {name: value for name, value in judged.items() if name != STRESSED}


def espeak(words: list[str]) -> list[tuple[str, ...]]:
    """Each word said alone; stress is not told in a way that ARPAbet has."""
    found = []
    for start in range(0, len(words), TOGETHER):
        part = words[start : start + TOGETHER]
        command = ["espeak-ng", "-q", "--ipa", "-v", "en-us", "--stdin"]
        answer = subprocess.run(command, input="\n\n".join(part), capture_output=True, text=True, check=True).stdout
        lines = [line for line in answer.splitlines() if line.strip()]
        if len(lines) != len(part):
            lines = [
                " ".join(subprocess.run(command, input=word, capture_output=True, text=True, check=True).stdout.split())
                for word in part
            ]
        found += [tuple(p for token in TOKEN.findall(line) for p in IPA[token].split()) for line in lines]
    return found


def share(words: Dictionary, found: list[tuple[str, ...]]) -> Judged:
    right = stressed = wrong = phonemes = 0
    for (_, listed), guess in zip(words.items(), found, strict=True):
        plain = [without_stress(pronunciation) for pronunciation in listed]
        right += without_stress(guess) in plain
        stressed += guess in listed
        distance, length = min((distance_of(without_stress(guess), p), len(p)) for p in plain)
        wrong += distance
        phonemes += length
    count = len(words)
    return {
        "words_right": round(right / count, 4),
        STRESSED: round(stressed / count, 4),
        "phonemes_right": round(1 - wrong / phonemes, 4),
    }


def distance_of(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    row = list(range(len(other) + 1))
    for i, a in enumerate(one):
        after = [i + 1]
        for j, b in enumerate(other):
            after.append(min(after[j] + 1, row[j + 1] + 1, row[j] + (a != b)))
        row = after
    return row[-1]
