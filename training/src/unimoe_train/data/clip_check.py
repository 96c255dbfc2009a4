"""What is wrong with one recording, and the clips that it becomes."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from unimoe_train.data import sound_file, transcripts
from unimoe_train.data.layouts import Recording
from unimoe_train.data.loudness import fade_out, normalise, trim
from unimoe_train.errors import BadInput

MUSIC_SECONDS = 6.4  # longer music is cut into pieces of this length
STRETCH = 10  # pieces of music that are in memory at once
SHORTEST_PIECE = 2.0  # seconds; a shorter rest is dropped
SHORTEST = 0.1  # seconds of speech
MOSTLY_SILENT = 4  # times the longest clip: a recording from there on is not even opened
LETTERS_A_SECOND, BREATH = 28, 0.25  # the most that a mouth says, and seconds that it may be ahead
FRAME = 0.02  # seconds, whose level is taken
NOTHING = -70.0  # dBFS: the loudest 20 ms of a recording in which nothing sounds
FAINT, STEADY = -50.0, 6.0  # dBFS and dB: a recording that is as faint and changes as little is noise
SILENT = 30.0  # dB below its level a clip is silent


@dataclass
class Examined:
    """One recording and what was found. Levels in dBFS."""

    path: Path
    problem: str = ""  # why it is left out
    is_twice: bool = False  # left out only because it is there already, which harms nobody
    seconds: float = 0.0  # of its clips, silence at the ends gone
    rate: int = 0  # Hz, of the file
    level: float = -120.0  # of its loudest parts
    floor: float = -120.0  # of its quietest
    clipped: float = 0.0  # share of its samples
    silence: float = 0.0  # share of its time
    offset: float = 0.0  # that was taken off, full scale being 1
    letters: int = 0  # that can be said
    text: str = ""  # as it is learned
    foreign: str = ""  # letters of the text that cannot be said


@dataclass(frozen=True)
class Limits:
    """What a recipe allows."""

    rate: int  # Hz of the state folder
    longest: float  # seconds of speech
    phonemes: bool = True  # whether the model speaks phonemes, so that a text has to have some


def examine(recording: Recording, limits: Limits, take: Callable[[np.ndarray], None]) -> Examined:
    """Reads a recording and gives the clips that it becomes to `take`; those of one with a problem are of no use."""
    found = Examined(recording.path, recording.problem)
    if found.problem:
        return found
    try:
        if recording.captions:
            found.text = "\n".join(tidy_text(recording.path, caption) for caption in recording.captions)
            play(found, limits, take)
        else:
            found.text = tidy_text(recording.path, recording.text)
            found.letters, found.foreign = transcripts.sounding(found.text), transcripts.foreign(found.text)
            speak(found, limits, take)
    except BadInput as error:
        found.problem = error.problem
    return found


def tidy_text(path: Path, text: str) -> str:
    if fault := transcripts.fault(text):
        raise BadInput(path, fault)
    return transcripts.tidy(text)


def speak(found: Examined, limits: Limits, take: Callable[[np.ndarray], None]) -> None:
    path, rate = found.path, limits.rate
    if not (found.letters if limits.phonemes else any(c.isalnum() for c in found.text)):
        raise BadInput(path, expected="words that can be said", found=repr(found.text))
    seconds, found.rate = sound_file.duration(path)
    if seconds > MOSTLY_SILENT * limits.longest:
        raise too_long(path, seconds, limits)
    (stretch,) = sound_file.stretches(path, rate)
    measure(found, stretch, rate)
    check_level(found, FAINT, STEADY)
    samples = trim(stretch.samples, rate)
    found.seconds = len(samples) / rate
    if found.seconds > limits.longest:
        raise too_long(path, found.seconds, limits)
    if found.seconds < SHORTEST:
        raise BadInput(path, expected=f"at least {SHORTEST:g} s of sound", found=f"{found.seconds:.2f}")
    if found.letters > LETTERS_A_SECOND * (found.seconds + BREATH):
        most = int(LETTERS_A_SECOND * (found.seconds + BREATH))
        raise BadInput(path, expected=f"at most {most} letters in {found.seconds:.1f} s", found=found.letters)
    take(normalise(samples))


def play(found: Examined, limits: Limits, take: Callable[[np.ndarray], None]) -> None:
    rate, pieces = limits.rate, 0
    piece, shortest = int(MUSIC_SECONDS * rate), int(SHORTEST_PIECE * rate)
    _, found.rate = sound_file.duration(found.path)
    measured = []
    for stretch in sound_file.stretches(found.path, rate, STRETCH * MUSIC_SECONDS):
        measure(found, stretch, rate)
        measured.append((found.level, found.floor, found.clipped, found.silence, found.offset))
        for start in range(0, len(stretch.samples), piece):
            part = stretch.samples[start : start + piece]
            if len(part) >= shortest and levels(part, rate).max() > NOTHING:
                take(normalise(fade_out(part, rate)))
                found.seconds, pieces = found.seconds + len(part) / rate, pieces + 1
    if measured:
        found.level, found.floor = max(m[0] for m in measured), min(m[1] for m in measured)
        found.clipped, found.silence, found.offset = (float(np.mean([m[i] for m in measured])) for i in (2, 3, 4))
        check_level(found, NOTHING, 0.0)
    if not pieces:
        raise BadInput(found.path, expected=f"at least {SHORTEST_PIECE:g} s of sound", found="less")


def too_long(path: Path, seconds: float, limits: Limits) -> BadInput:
    return BadInput(path, f"{seconds:.1f} s of sound", expected=f"up to {limits.longest:g}")


def levels(samples: np.ndarray, rate: int) -> np.ndarray:
    """dBFS of every 20 ms of samples [n]."""
    size = round(FRAME * rate)
    frames = samples[: len(samples) // size * size].reshape(-1, size) if len(samples) >= size else samples[None]
    return 10 * np.log10((frames.astype(np.float64) ** 2).mean(1) + 1e-12) if frames.size else np.array([-120.0])


def measure(found: Examined, stretch: sound_file.Stretch, rate: int) -> None:
    of_frames = levels(stretch.samples, rate)
    found.level, found.floor = float(np.quantile(of_frames, 0.95)), float(np.quantile(of_frames, 0.05))
    found.silence = float((of_frames < found.level - SILENT).mean())
    found.clipped, found.offset = stretch.clipped, stretch.offset


def check_level(found: Examined, faint: float, steady: float) -> None:
    """Throws `BadInput` for silence and for noise, which bringing every clip to one loudness would raise."""
    if found.level < NOTHING or (found.level < faint and found.level - found.floor < steady):
        raise BadInput(found.path, expected="sound", found=f"silence or noise at {found.level:.0f} dBFS")
