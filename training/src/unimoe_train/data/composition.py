"""Notes of a piece: a chord progression in its key, played by the lead, chords, bass and drums in the genre's rhythms."""

import random

from unimoe_train.data.genres import GENRES
from unimoe_train.data.instruments import DRUMS, HAT, INSTRUMENTS, KICK, SNARE
from unimoe_train.data.midi import Note
from unimoe_train.data.pieces import Piece

SCALES = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}
"""Semitones above the tonic."""

PROGRESSIONS = {
    "major": ((0, 3, 4, 0), (0, 5, 3, 4), (0, 4, 5, 3), (0, 3, 0, 4)),
    "minor": ((0, 3, 4, 0), (0, 4, 3, 0), (0, 3, 0, 4), (0, 5, 3, 4)),
}
"""Degrees of the scale on which the chords of four bars stand; they begin in the key, since a clip has few bars."""

DOMINANT, SEVENTH = 4, 6
"""In a minor key the chord on DOMINANT has the leading note, a raised SEVENTH, which tells the key from its relative major."""

LEAD, BACKING, BASS, DRUM = 112, 52, 78, 92
"""MIDI velocities of the parts: the lead is heard in front."""

SOLO_RHYTHMS = ("x...x...x...x...", "x...x...x.......", "x.......x...x...", "x.x.x...x...x...")
ARPEGGIOS = ((0, 1, 2, 1), (0, 2, 1, 2), (0, 1, 2, 3))
SOLO_DRUMS = {KICK: "x.......x.......", SNARE: "....x.......x...", HAT: "x.x.x.x.x.x.x.x."}
MIDDLE_C = 60


class Composer:
    """Writes one piece; the same random state gives the same notes."""

    def __init__(self, piece: Piece, seconds: float, rng: random.Random):
        self.piece, self.seconds, self.rng = piece, seconds, rng
        self.beat = 60 / piece.bpm
        self.progression = rng.choice(PROGRESSIONS[piece.mode])
        # The tonic lies within a fifth below and a fourth above middle C.
        self.tonic = MIDDLE_C + (piece.tonic if piece.tonic <= 5 else piece.tonic - 12)
        self.notes: list[Note] = []

    def compose(self) -> list[Note]:
        bars = int(self.seconds / (self.piece.meter * self.beat)) + 1
        parts = [self._lead(), self._chords(), self._bass()]
        for bar in range(bars):
            for part in parts:
                if part is not None:
                    part(bar)
            if self.piece.drums:
                self._drums(bar)
        return self.notes

    # Who plays

    def _lead(self):
        """The lead's way of playing a bar, or none where bass or drums stand in front."""
        lead, style = self.piece.lead, self.piece.style
        if style == "melody":
            rhythm = self.rng.choice(self._genre.melody if self._genre else SOLO_RHYTHMS)
            self.place = self.rng.randrange(7)
            return lambda bar: self._melody(bar, lead, rhythm)
        if style == "chords":
            rhythm = "x...x...x...x..."[: 4 * self.piece.meter]
            return lambda bar: self._strike(bar, lead, rhythm, LEAD - 14, with_root=True)
        if style == "arpeggio":
            figure = self.rng.choice(ARPEGGIOS)
            return lambda bar: self._arpeggio(bar, lead, figure)
        return None

    def _chords(self):
        if not self.piece.backing:
            return None
        rhythm = self.rng.choice(self._genre.chords)
        return lambda bar: self._strike(bar, self.piece.backing, rhythm, BACKING)

    def _bass(self):
        name = self.piece.lead if self.piece.style == "bass line" else self.piece.bass
        if not name:
            return None
        rhythm = self.rng.choice(self._genre.bass) if self._genre else "1..............."
        return lambda bar: self._bass_line(bar, name, rhythm, LEAD if self.piece.lead == name else BASS)

    @property
    def _genre(self):
        return GENRES.get(self.piece.genre)

    # What is played

    def degree(self, bar: int, degree: int, octave: int = 0) -> int:
        """MIDI pitch of a degree of the scale in a bar, 0 being the tonic near middle C."""
        is_leading = self.piece.mode == "minor" and degree % 7 == SEVENTH and self.chord(bar)[0] == DOMINANT
        return self.tonic + 12 * (degree // 7 + octave) + SCALES[self.piece.mode][degree % 7] + is_leading

    def chord(self, bar: int) -> tuple[int, int, int]:
        """Degrees of the bar's triad."""
        root = self.progression[bar % 4]
        return root, root + 2, root + 4

    def at(self, bar: int, sixteenth: float) -> float:
        """Seconds from the start; with swing the off-beat eighths come a third of a beat before the next beat."""
        if self._genre and self._genre.swing and sixteenth % 4 == 2:
            sixteenth += 2 / 3
        return (bar * self.piece.meter + sixteenth / 4) * self.beat

    def add(self, instrument: str, pitch: int, start: float, seconds: float, velocity: int) -> None:
        """A note that ends with the piece at the latest."""
        if start >= self.seconds - 0.05:
            return
        program = None if instrument == DRUMS else INSTRUMENTS[instrument].program
        velocity = min(127, max(20, velocity + self.rng.randint(-4, 4)))
        seconds = min(seconds, self.seconds - 0.02 - start)
        self.notes.append(Note(start, seconds, pitch, velocity, program))

    def _melody(self, bar: int, name: str, rhythm: str) -> None:
        octave = INSTRUMENTS[name].octave
        if len(self.piece.instruments) == 1:  # alone, it also plays the chords' roots
            self._root(bar, name, octave - 1)
        strokes = [index for index, mark in enumerate(rhythm) if mark == "x"]
        for index, next_index in zip(strokes, strokes[1:] + [len(rhythm)]):
            if index % 8 == 0:
                near = [tone + 7 * turn for tone in self.chord(bar) for turn in (-1, 0, 1)]
                self.place = min(near, key=lambda tone: abs(tone - self.place) + self.rng.random())
            else:
                self.place += self.rng.choice((-2, -1, 1, 2))
            self.place = max(-2, min(11, self.place))
            length = (next_index - index) / 4 * self.beat * 0.95
            self.add(name, self.degree(bar, self.place, octave), self.at(bar, index), length, LEAD)

    def _strike(self, bar: int, name: str, rhythm: str, velocity: int, with_root: bool = False) -> None:
        strokes = [index for index, mark in enumerate(rhythm) if mark != "."]
        octave = min(INSTRUMENTS[name].octave, 0)
        for index, next_index in zip(strokes, strokes[1:] + [len(rhythm)]):
            length = (1 if rhythm[index] == "s" else next_index - index) / 4 * self.beat * 0.92
            for degree in self.chord(bar):
                self.add(
                    name,
                    self.degree(bar, degree, octave),
                    self.at(bar, index),
                    length,
                    velocity + (8 if index == 0 else 0),
                )
        if with_root:
            self._root(bar, name, octave - 1)

    def _arpeggio(self, bar: int, name: str, figure: tuple[int, ...]) -> None:
        octave = INSTRUMENTS[name].octave
        tones = (*self.chord(bar), self.chord(bar)[0] + 7)
        for index in range(0, 4 * self.piece.meter, 2):
            tone = tones[figure[index // 2 % 4]]
            self.add(name, self.degree(bar, tone, octave), self.at(bar, index), self.beat * 0.5, LEAD - 8)
        self._root(bar, name, octave - 1)

    def _root(self, bar: int, name: str, octave: int) -> None:
        """The chord's root through the whole bar."""
        length = self.piece.meter * self.beat * 0.95
        self.add(name, self.degree(bar, self.chord(bar)[0], octave), self.at(bar, 0), length, LEAD - 24)

    def _bass_line(self, bar: int, name: str, rhythm: str, velocity: int) -> None:
        strokes = [index for index, mark in enumerate(rhythm) if mark.isdigit()]
        octave = min(INSTRUMENTS[name].octave, -1)
        for index, next_index in zip(strokes, strokes[1:] + [len(rhythm)]):
            degree = self.chord(bar)[0] + int(rhythm[index]) - 1
            length = (next_index - index) / 4 * self.beat * 0.9
            self.add(name, self.degree(bar, degree, octave), self.at(bar, index), length, velocity)

    def _drums(self, bar: int) -> None:
        kit = self._genre.drums if self._genre else SOLO_DRUMS
        for key, rhythm in kit.items():
            for index, mark in enumerate(rhythm):
                if mark == "x":
                    loud = DRUM if key in (KICK, SNARE) else DRUM - 36 if index % 4 else DRUM - 26
                    self.add(DRUMS, key, self.at(bar, index), 0.1, loud)


def compose(piece: Piece, seconds: float, rng: random.Random) -> list[Note]:
    """Notes of a piece of so many seconds."""
    return Composer(piece, seconds, rng).compose()
