"""What a piece of music is to be, before a note is written."""

import random
from dataclasses import dataclass

from unimoe_train.data.genres import GENRES
from unimoe_train.data.instruments import DRUMS

KEYS = ("C", "C sharp", "D", "E flat", "E", "F", "F sharp", "G", "A flat", "A", "B flat", "B")
"""Names of the tonics, by pitch class."""

SOLOISTS = ("piano", "guitar", "strings", "flute", "organ", "trumpet", "marimba", "music box")
SOLO_TEMPI = {"slow": (66, 76), "medium": (96, 106), "fast": (136, 150)}
STYLES = ("chords", "arpeggio", "melody")


def tempo_word(bpm: int) -> str:
    """slow, medium or fast."""
    return "slow" if bpm <= 84 else "medium" if bpm <= 118 else "fast"


@dataclass(frozen=True)
class Piece:
    bpm: int
    tempo: str
    """slow, medium or fast."""
    tonic: int
    """Pitch class of the key, C being 0."""
    mode: str
    """major or minor."""
    lead: str
    """The instrument that stands in front; DRUMS where nothing else plays."""
    style: str
    """What the lead plays: chords, arpeggio or melody; "bass line" or "drums" without either."""
    genre: str = ""
    """One of GENRES, or none for a soloist."""
    backing: str = ""
    """The instrument that plays chords under a melody."""
    bass: str = ""
    drums: bool = False
    meter: int = 4

    @property
    def key(self) -> str:
        return f"{KEYS[self.tonic]} {self.mode}"

    @property
    def instruments(self) -> list[str]:
        """All that play, the lead first."""
        names = [self.lead, self.backing, self.bass, DRUMS if self.drums else ""]
        return list(dict.fromkeys(name for name in names if name))


def draw_solo(rng: random.Random) -> Piece:
    """One instrument, sometimes with drums, at one of three distinct tempi."""
    tempo = rng.choice(tuple(SOLO_TEMPI))
    style = rng.choice(STYLES)
    return Piece(
        bpm=rng.randint(*SOLO_TEMPI[tempo]),
        tempo=tempo,
        tonic=rng.randrange(12),
        mode=rng.choice(("major", "minor")),
        lead=rng.choice(SOLOISTS),
        style=style,
        bass="acoustic bass" if style == "melody" else "",
        drums=rng.random() < 0.4,
    )


def draw_ensemble(rng: random.Random) -> Piece:
    """A band, a duo, a soloist, a rhythm section or a drummer in some genre."""
    name = rng.choice(tuple(GENRES))
    genre = GENRES[name]
    kind = rng.choices(("band", "duo", "solo", "rhythm", "drums"), (45, 20, 18, 12, 5))[0]
    if not genre.drums and kind in ("rhythm", "drums"):
        kind = "duo"
    bpm = rng.randint(*genre.tempi)
    lead = rng.choice(genre.leads)
    backing = rng.choice([other for other in genre.backings if other != lead])
    bass = rng.choice(genre.basses)
    drummer = bool(genre.drums) and kind != "duo" and kind != "solo"
    common = dict(
        bpm=bpm, tempo=tempo_word(bpm), tonic=rng.randrange(12), mode=rng.choice(("major", "minor")), genre=name,
        meter=genre.meter, drums=drummer,
    )  # fmt: skip
    if kind == "drums":
        return Piece(lead=DRUMS, style="drums", **common)
    if kind == "rhythm":
        return Piece(lead=bass, style="bass line", **common)
    if kind == "solo":
        return Piece(lead=lead, style=rng.choice(STYLES), **common)
    return Piece(lead=lead, style="melody", backing=backing, bass=bass if kind == "band" else "", **common)
