"""A finished sound."""

import base64
import html
import importlib
import io
import os
import secrets
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .errors import argument_error
from .words import Word


@dataclass(frozen=True, eq=False, repr=False)
class Audio:
    """A sound of one channel. Notebooks show a player for it.

    Make one of a recording of your own with `Audio(samples, sample_rate)`.
    """

    samples: NDArray[np.float32]
    """One channel, in -1..1."""
    sample_rate: int
    """Hz"""
    words: tuple[Word, ...] = ()
    """When each word is said; empty for music and for models that do not tell (`ModelInfo.tells_words`)."""
    text: str = ""
    """What was spoken, or the caption of the music."""

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.samples) / self.sample_rate

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Writes a sound file and returns its path; it appears under its name when it is whole.

        The name's ending says the format: `.wav`, 16 bits a sample, or with the package soundfile one that it
        writes, such as `.flac`. Raises `ArgumentError` for another ending, `OSError` where the file cannot be written.
        """
        path = Path(path)
        return _write_whole(path, self._encoded(path))

    def wav(self) -> bytes:
        """The bytes of a WAV file, 16 bits a sample."""
        file = io.BytesIO()
        with wave.open(file, "wb") as writer:
            writer.setnchannels(1)
            writer.setsampwidth(2)
            writer.setframerate(self.sample_rate)
            # To the nearest value, as the program writes it.
            writer.writeframes(np.clip(np.rint(self.samples * 32768.0), -32768, 32767).astype("<i2").tobytes())
        return file.getvalue()

    def __repr__(self) -> str:
        return f"<unimoe_audio.Audio: {self.duration:.2f} s at {self.sample_rate} Hz, {self.text!r}>"

    def _repr_html_(self) -> str:
        """A player, as notebooks show it."""
        source = base64.b64encode(self.wav()).decode()
        return (
            f'<figure style="margin:0"><figcaption>{html.escape(self.text)}</figcaption>'
            f'<audio controls src="data:audio/wav;base64,{source}"></audio></figure>'
        )

    def _encoded(self, path: Path) -> bytes:
        suffix = path.suffix.lower()
        if suffix == ".wav":
            return self.wav()
        try:
            soundfile = importlib.import_module("soundfile")
        except ImportError:
            raise argument_error(
                str(path), "a name that ends in .wav, or the package soundfile for others", f"{suffix!r} without it"
            ) from None
        formats = soundfile.available_formats()
        if suffix[1:].upper() not in formats:
            known = ", ".join(f".{name.lower()}" for name in formats)
            raise argument_error(str(path), f"a name that ends in one of {known}", repr(suffix))
        file = io.BytesIO()
        soundfile.write(file, self.samples, self.sample_rate, format=suffix[1:].upper())
        return file.getvalue()


def _write_whole(path: Path, content: bytes) -> Path:
    """Writes a file beside where it is to be, and renames it."""
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with open(unfinished, "xb") as file:
            file.write(content)
        os.replace(unfinished, path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    return path
