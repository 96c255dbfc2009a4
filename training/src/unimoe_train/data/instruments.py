"""Instruments by the names that captions use, with their General MIDI programs and families."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Instrument:
    program: int
    """General MIDI program, from 0."""
    family: str
    octave: int = 0
    """Octaves from middle C at which it is played."""


INSTRUMENTS = {
    "piano": Instrument(0, "piano"),
    "electric piano": Instrument(4, "piano"),
    "harpsichord": Instrument(6, "piano"),
    "music box": Instrument(10, "mallets", 1),
    "vibraphone": Instrument(11, "mallets"),
    "marimba": Instrument(12, "mallets"),
    "organ": Instrument(19, "organ"),
    "accordion": Instrument(21, "organ"),
    "guitar": Instrument(24, "guitar"),
    "acoustic guitar": Instrument(25, "guitar"),
    "electric guitar": Instrument(27, "guitar"),
    "distorted guitar": Instrument(30, "guitar"),
    "acoustic bass": Instrument(32, "bass", -2),
    "electric bass": Instrument(33, "bass", -2),
    "slap bass": Instrument(36, "bass", -2),
    "synth bass": Instrument(38, "bass", -2),
    "violin": Instrument(40, "strings", 1),
    "cello": Instrument(42, "strings", -1),
    "strings": Instrument(48, "strings"),
    "choir": Instrument(52, "choir"),
    "trumpet": Instrument(56, "brass"),
    "trombone": Instrument(57, "brass", -1),
    "brass": Instrument(61, "brass"),
    "saxophone": Instrument(65, "reed"),
    "oboe": Instrument(68, "reed"),
    "clarinet": Instrument(71, "reed"),
    "flute": Instrument(73, "flute", 1),
    "pan flute": Instrument(75, "flute", 1),
    "synthesizer": Instrument(81, "synthesizer"),
    "synth pad": Instrument(89, "synthesizer"),
}

DRUMS = "drums"
"""The name of the drum kit where an instrument is named; it has no program."""

FAMILIES = tuple(dict.fromkeys(instrument.family for instrument in INSTRUMENTS.values())) + (DRUMS,)


def family(name: str) -> str:
    """An instrument's family, one of FAMILIES."""
    return DRUMS if name == DRUMS else INSTRUMENTS[name].family


# Keys of the drum kit.
KICK, STICK, SNARE, CLAP, HAT, PEDAL, OPEN_HAT, CRASH, RIDE, TAMBOURINE, SHAKER, CLAVES = 36, 37, 38, 39, 42, 44, 46, 49, 51, 54, 70, 75  # fmt: skip
