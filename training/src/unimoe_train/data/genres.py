"""How each genre is played: who plays it, at which tempi, and the rhythms of drums, bass, chords and melody.

Rhythms are strings over one bar, a sixteenth note a character: "x" is a stroke, "." none. A bass stroke is a digit, the
degree of the chord that it plays (1 root, 3, 5, 6, 8 octave). A chord stroke is held until the next one, or for a sixteenth
note where it is a small "s".
"""

from dataclasses import dataclass, field

from unimoe_train.data.instruments import (
    CLAP,
    CLAVES,
    HAT,
    KICK,
    OPEN_HAT,
    PEDAL,
    RIDE,
    SHAKER,
    SNARE,
    STICK,
    TAMBOURINE,
)


@dataclass(frozen=True)
class Genre:
    leads: tuple[str, ...]
    backings: tuple[str, ...]
    basses: tuple[str, ...]
    drums: dict[int, str]
    """Key of the drum kit -> rhythm; empty: the genre has no drums."""
    bass: tuple[str, ...]
    chords: tuple[str, ...]
    melody: tuple[str, ...]
    tempi: tuple[int, int] = (60, 170)
    """Slowest and fastest, in beats a minute."""
    meter: int = 4
    """Quarter notes in a bar."""
    swing: bool = False
    """The second of two eighth notes comes late."""
    names: tuple[str, ...] = field(default=())
    """Other words for it in captions."""


GENRES = {
    "rock": Genre(
        ("electric guitar", "distorted guitar", "organ", "synthesizer"),
        ("distorted guitar", "electric guitar", "organ", "piano"),
        ("electric bass",),
        {KICK: "x.......x.x.....", SNARE: "....x.......x...", HAT: "x.x.x.x.x.x.x.x."},
        ("1.1.1.1.1.1.1.1.", "1...1.1.1...5.5."),
        ("x.x.x.x.x.x.x.x.", "x...x...x...x..."),
        ("x...x.x.x...x...", "x.x.x.x.x.......", "x.......x...x..."),
        (84, 170),
        names=("rock",),
    ),
    "pop": Genre(
        ("piano", "electric piano", "synthesizer", "acoustic guitar", "saxophone"),
        ("piano", "electric piano", "acoustic guitar", "strings"),
        ("electric bass", "synth bass"),
        {KICK: "x.....x.x.......", SNARE: "....x.......x...", HAT: "x.x.x.x.x.x.x.x."},
        ("1.....1.1.....5.", "1.......1.1....."),
        ("x...x...x...x...", "x.......x......."),
        ("x...x...x.x.x...", "..x.x.x.x.......", "x.......x......."),
        (70, 140),
        names=("pop",),
    ),
    "jazz": Genre(
        ("saxophone", "trumpet", "vibraphone", "piano", "clarinet", "guitar"),
        ("piano", "electric piano", "guitar", "vibraphone"),
        ("acoustic bass",),
        {RIDE: "x...x.x.x...x.x.", PEDAL: "....x.......x...", KICK: "x..............."},
        ("1...3...5...6...", "1...5...6...5..."),
        ("s.....s.........", "..s...s...s....."),
        ("x.x.x.x...x.....", "..x.x...x.x.x...", "x.....x.x......."),
        (70, 180),
        swing=True,
        names=("jazz", "swing"),
    ),
    "funk": Genre(
        ("electric guitar", "brass", "saxophone", "electric piano", "organ"),
        ("electric guitar", "electric piano", "organ", "brass"),
        ("slap bass", "electric bass"),
        {KICK: "x..x......x..x..", SNARE: "....x..x.x..x...", HAT: "xxxxxxxxxxxxxxxx"},
        ("1..8..1...1.8.1.", "1.1..1.8..1.8..."),
        ("s...s..s..s.s...", "..s.s...s.s....."),
        ("x..x..x...x.....", "..x.x..x.x......"),
        (84, 125),
        names=("funk", "funky"),
    ),
    "electronic": Genre(
        ("synthesizer", "synth pad"),
        ("synth pad", "synthesizer", "strings"),
        ("synth bass",),
        {KICK: "x...x...x...x...", CLAP: "....x.......x...", OPEN_HAT: "..x...x...x...x."},
        ("..1...1...1...1.", "1.1.1.1.1.1.1.1."),
        ("x...............", "..s...s...s...s."),
        ("x..x..x.x..x..x.", "x.x.x.x.x.x.x.x."),
        (100, 160),
        names=("electronic", "techno", "dance"),
    ),
    "latin": Genre(
        ("guitar", "flute", "trumpet", "piano", "marimba"),
        ("guitar", "piano", "marimba"),
        ("acoustic bass",),
        {CLAVES: "x..x..x...x.x...", SHAKER: "x.x.x.x.x.x.x.x.", KICK: "x.....x.x.....x."},
        ("1.....5.1.....5.", "1..5..8.1..5..8."),
        ("s..s..s...s.s...", "x..x..x.x..x..x."),
        ("x..x..x.x.......", "x.x...x.x.x....."),
        (80, 150),
        names=("latin", "bossa nova"),
    ),
    "folk": Genre(
        ("acoustic guitar", "violin", "flute", "accordion", "pan flute"),
        ("acoustic guitar", "accordion", "guitar"),
        ("acoustic bass",),
        {KICK: "x.......x.......", TAMBOURINE: "....x.......x..."},
        ("1.......5.......",),
        ("x...x.x.x...x.x.", "x...x...x...x..."),
        ("x...x.x.x...x...", "x.x.x...x.x.x..."),
        (70, 150),
        names=("folk",),
    ),
    "waltz": Genre(
        ("piano", "violin", "accordion", "strings", "clarinet"),
        ("piano", "strings", "accordion", "guitar"),
        ("acoustic bass", "cello"),
        {KICK: "x...........", STICK: "....x...x..."},
        ("1...........",),
        ("....s...s...",),
        ("x...x...x...", "x.......x...", "x.x.x.x.x.x."),
        (80, 170),
        meter=3,
        names=("waltz",),
    ),
    "march": Genre(
        ("trumpet", "brass", "flute", "clarinet"),
        ("brass", "trombone", "strings"),
        ("trombone", "acoustic bass"),
        {KICK: "x.......x.......", SNARE: "x.x.x.xxx.x.x.x."},
        ("1...5...1...5...",),
        ("..s...s...s...s.", "....s.......s..."),
        ("x...x...x.x.x...", "x..xx...x..xx..."),
        (90, 140),
        names=("march", "marching band"),
    ),
    "ballad": Genre(
        ("piano", "saxophone", "violin", "guitar", "oboe", "cello"),
        ("piano", "strings", "electric piano", "guitar", "choir"),
        ("electric bass", "acoustic bass"),
        {KICK: "x.......x.......", STICK: "....x.......x...", HAT: "x.x.x.x.x.x.x.x."},
        ("1...............", "1.......5......."),
        ("x...............", "x.......x......."),
        ("x.......x...x...", "....x...x.......", "x...x...x......."),
        (55, 90),
        names=("ballad",),
    ),
    "classical": Genre(
        ("piano", "violin", "cello", "flute", "oboe", "harpsichord", "clarinet", "strings", "organ"),
        ("piano", "strings", "harpsichord", "organ", "choir"),
        ("cello",),
        {},
        ("1.......5.......", "1...............", "1...3...5...3..."),
        ("x...............", "x...x...x...x..."),
        ("x...x...x...x...", "x.x.x.x.x...x...", "x.......x.x.x.x."),
        (60, 150),
        names=("classical", "chamber"),
    ),
    "ambient": Genre(
        ("synth pad", "electric piano", "choir", "vibraphone", "music box"),
        ("synth pad", "strings", "choir"),
        ("synth bass", "cello"),
        {},
        ("1...............",),
        ("x...............",),
        ("x...............", "x.......x.......", "....x.......x..."),
        (55, 90),
        names=("ambient", "atmospheric"),
    ),
}
