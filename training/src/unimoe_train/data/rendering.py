"""From notes to sound, by FluidSynth with a General MIDI SoundFont."""

import shutil
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile

from unimoe_train.data import midi
from unimoe_train.data.loudness import fade_out, normalise
from unimoe_train.errors import BadInput

GAP = 1.6
"""Seconds between the pieces of a score, in which the last notes fade."""

SOUND_FONTS = (Path("/usr/share/sounds/sf2/FluidR3_GM.sf2"), Path("/usr/share/sounds/sf2/default-GM.sf2"))


def find_sound_font(choice: str = "") -> Path:
    """The chosen SoundFont, or one of Debian's."""
    for path in [Path(choice)] if choice else SOUND_FONTS:
        if path.exists():
            return path
    wanted = choice or SOUND_FONTS[0]
    raise BadInput(wanted, expected="a SoundFont (Debian package fluid-soundfont-gm)", found="nothing")


def missing(choice: str = "") -> str | None:
    """What has to be installed before music can be made with a chosen SoundFont or one of Debian's, or nothing."""
    if shutil.which("fluidsynth") is None:
        return "music needs fluidsynth"
    if not choice and not any(path.exists() for path in SOUND_FONTS):
        return "music needs fluid-soundfont-gm"
    return None


def render(notes: list[midi.Note], sound_font: Path, rate: int) -> np.ndarray:
    """Samples [n] float32 at `rate` Hz, mono, without reverberation and chorus: the codec has to keep what is there."""
    with tempfile.TemporaryDirectory() as folder:
        score, sound = Path(folder) / "score.mid", Path(folder) / "score.wav"
        midi.write(score, notes)
        command = [
            "fluidsynth",
            "-ni",
            "-q",
            "-R",
            "0",
            "-C",
            "0",
            "-g",
            "0.6",
            "-r",
            str(rate),
            "-F",
            sound,
            sound_font,
            score,
        ]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        samples, found = soundfile.read(sound, dtype="float32", always_2d=True)
    if found != rate:
        raise RuntimeError(f"fluidsynth: sample rate: expected {rate}, found {found}")
    return samples.mean(1)


def render_pieces(pieces: list[tuple[list[midi.Note], float]], sound_font: Path, rate: int) -> list[np.ndarray]:
    """Samples of pieces, each its notes and its seconds: of that length, of one loudness, and ending in silence.

    They are rendered one after the other, which loads the SoundFont once.
    """
    notes, starts, now = [], [], 0.0
    for mine, seconds in pieces:
        notes += [replace(note, start=note.start + now) for note in mine]
        starts.append(round(now * rate))
        now += seconds + GAP
    samples = render(notes, sound_font, rate)
    samples = np.pad(samples, (0, max(0, round(now * rate) - len(samples))))
    return [
        normalise(fade_out(samples[start : start + round(seconds * rate)], rate))
        for start, (_, seconds) in zip(starts, pieces)
    ]
