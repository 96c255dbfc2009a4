"""Captions: a piece's attributes in many wordings.

Every caption says how fast (a word, or beats per minute), in which mood or key, who is heard in front, and whether there are
drums; the rest comes and goes.
"""

import random
from collections import Counter

from unimoe_train.data.genres import GENRES
from unimoe_train.data.instruments import DRUMS
from unimoe_train.data.pieces import Piece

TEMPO_WORDS = {
    "slow": ("slow", "calm", "slow", "unhurried"),
    "medium": ("medium tempo", "moderate", "mid-tempo"),
    "fast": ("fast", "quick", "energetic", "fast"),
}
MOODS = {
    "major": ("happy", "cheerful", "bright", "joyful"),
    "minor": ("sad", "dark", "melancholic", "sorrowful"),
}


def _join(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _article(text: str) -> str:
    return f"{'an' if text[0] in 'aeiou' else 'a'} {text}"


class Wording:
    """The phrases that one caption is put together from, some of them empty."""

    def __init__(self, piece: Piece, rng: random.Random):
        has_bpm = rng.random() < (0.55 if piece.genre else 0.3)
        says_key = rng.random() < 0.55
        self.tempo = rng.choice(TEMPO_WORDS[piece.tempo]) if not has_bpm or rng.random() < 0.5 else ""
        self.bpm = (
            rng.choice(("{} bpm", "{} bpm", "at {} bpm", "{} beats per minute")).format(piece.bpm) if has_bpm else ""
        )
        self.mood = rng.choice(MOODS[piece.mode]) if not says_key or rng.random() < 0.6 else ""
        named = rng.random() < 0.4
        self.key = (f"in {piece.key}" if named else f"in {_article(piece.mode)} key") if says_key else ""
        if piece.lead == DRUMS:  # drums alone are in no key
            self.mood = self.key = ""
        self.genre = rng.choice(GENRES[piece.genre].names) if piece.genre and rng.random() < 0.8 else ""
        self.lead = piece.lead
        if piece.style in ("melody", "arpeggio", "chords") and rng.random() < 0.6:
            self.lead += f" {piece.style}"
        self.others = self._others(piece, rng)

    def _others(self, piece: Piece, rng: random.Random) -> str:
        """with ..., without drums, or nothing."""
        names = [name for name in (piece.backing, piece.bass if piece.genre else "") if name and name != piece.lead]
        names = list(dict.fromkeys(names))
        if piece.drums and piece.lead != DRUMS:
            names.append(rng.choice(("drums", "a drum beat", f"{self.genre} drums" if self.genre else "drums")))
        if names:
            return f"with {_join(names)}"
        return rng.choice(("without drums", "", "solo")) if piece.lead != DRUMS else ""


def caption(piece: Piece, rng: random.Random) -> str:
    """One wording."""
    w = Wording(piece, rng)
    if piece.style in ("bass line", "drums") and rng.random() < 0.7:
        return _rhythm_caption(piece, w, rng)
    tempo = w.tempo or w.bpm
    bpm = w.bpm if w.tempo else ""
    text = rng.choice(
        (
            f"{w.tempo} {w.mood} {w.genre} {w.lead} {w.key} {w.others}, {w.bpm}",
            f"{_article(f'{w.mood} {w.genre}'.strip() or 'short')} piece {w.key} for {w.lead} {w.others}, {tempo}, {bpm}",
            f"{w.lead}, {tempo}, {w.mood} {w.key}, {w.genre}, {w.others}, {bpm}",
            f"{w.mood} {w.genre} music, {w.lead} {w.others}, {w.key}, {tempo}, {bpm}",
            f"{w.genre} {w.lead} {w.others}, {w.mood}, {tempo}, {w.key}, {bpm}",
        )
    )
    return tidy(text)


def _rhythm_caption(piece: Piece, w: Wording, rng: random.Random) -> str:
    """fast rock drums with electric bass, 140 bpm"""
    bass = f"with {piece.lead}" if piece.lead != DRUMS else "alone"
    return tidy(
        rng.choice(
            (
                f"{w.tempo} {w.genre} drums {bass} {w.key}, {w.mood}, {w.bpm}",
                f"{w.tempo} {w.mood} {w.genre} drums {bass}, {w.key}, {w.bpm}",
                f"{w.genre} drum beat {bass}, {w.tempo}, {w.mood} {w.key}, {w.bpm}",
            )
        )
    )


def tidy(text: str) -> str:
    """Drops commas around what was left empty."""
    phrases = [" ".join(phrase.split()) for phrase in text.split(",")]
    return ", ".join(phrase for phrase in phrases if phrase)


def captions(piece: Piece, rng: random.Random, count: int = 4, unlike: Counter | set = frozenset()) -> list[str]:
    """Wordings of a piece, none of those in `unlike` if others can be found in 200 tries."""
    found: list[str] = []
    for _ in range(200):
        text = caption(piece, rng)
        if text not in unlike and text not in found:
            found.append(text)
        if len(found) == count:
            break
    return found or [caption(piece, rng)]
