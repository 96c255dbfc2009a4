"""Sound files: everything that libsndfile reads, and what the Python package av (FFmpeg) reads where it is installed."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from unimoe_train.data.resampling import resampled
from unimoe_train.errors import BadInput

# What libsndfile reads, the better of two files of one name first.
SNDFILE = """.wav .wave .flac .aiff .aif .aifc .caf .w64 .rf64 .au .snd .voc .sf .ircam .nist .sph .svx .ogg .oga .opus
.mp3 .mp2 .mp1""".split()
FFMPEG = ".m4a .m4b .mp4 .aac .alac .wma .webm .mka .amr .3gp .ape .wv .mpc .tta .ac3 .ra .g722 .spx".split()
SUFFIXES = (*SNDFILE, *FFMPEG)
UNKNOWN_LENGTH = 0x7FFFF000  # bytes, from which on a header tells no length, but that it was written into a pipe
PROMISE = re.compile(r"(?m)^\s*(?:riff|Riff size|data|SSND|Data Size)\s*:\s*(\d+)\s*\(should be (\d+)\)")
"""libsndfile's log of a header that is wrong."""
RATES = (1000, 768_000)  # Hz
OGG_PAGE = 27 + 255 + 255 * 255  # bytes of the longest
SLACK = 256  # bytes that a header may be wrong by
CANCELLING = 0.1  # of the channels' mean power: below, their sum is not what is heard


@dataclass(frozen=True)
class Stretch:
    """Part of a file."""

    samples: np.ndarray
    """float32 [n], mono, at the wanted rate."""
    offset: float
    """What was taken off: the mean of the samples."""
    clipped: float
    """Share of the samples that stand still at the peak."""


def duration(path: Path) -> tuple[float, int]:
    """Seconds and Hz of a file, by its header; -1 seconds where it does not tell. Throws `BadInput` where it cannot be
    read, and where its header promises more than there is."""
    with _open(path) as file:
        rate = _rate(path, file)
        if isinstance(file, soundfile.SoundFile):
            for promised, there in PROMISE.findall(file.extra_info):
                if int(there) + SLACK < int(promised) < UNKNOWN_LENGTH:
                    raise BadInput(path, f"is cut: its header promises {promised} bytes, {there} are there")
            if file.format == "OGG" and _ends_within_a_page(path):
                raise BadInput(path, "is cut: it ends within a page")
            return file.frames / rate, rate
        stream = file.streams.audio[0]
        return (float(stream.duration * stream.time_base) if stream.duration else -1.0), rate


def stretches(path: Path, rate: int, seconds: float | None = None) -> Iterator[Stretch]:
    """A file at `rate` Hz in stretches of so many seconds, or as a whole. Throws `BadInput` for what cannot be read, for
    NaN, and where the file ends before its header says."""
    found = 0
    with _open(path) as file:
        native = _rate(path, file)
        for block in _blocks(path, file, round(seconds * native) if seconds else None):
            found += len(block)
            if not np.isfinite(block).all():
                raise BadInput(path, expected="finite samples", found="NaN or infinity")
            yield _stretch(block, native, rate)
        promised = _promised(path, file)
    if found < 0.98 * promised - 0.05 * native and promised < UNKNOWN_LENGTH:
        raise BadInput(path, f"is cut: its header promises {promised / native:.1f} s, {found / native:.1f} are there")


def read(path: Path) -> tuple[np.ndarray, int]:
    """The samples of a whole file, float32 [n, channels], and its rate in Hz."""
    with _open(path) as file:
        native = _rate(path, file)
        return next(_blocks(path, file, None)), native


def mono(samples: np.ndarray) -> np.ndarray:
    """The mean of channels [n, channels], or the loudest of channels that cancel each other out."""
    if samples.shape[1] == 1 or not len(samples):
        return samples[:, 0]
    mixed, powers = samples.mean(1), (samples**2).mean(0)
    return samples[:, powers.argmax()] if (mixed**2).mean() < CANCELLING * powers.mean() else mixed


def _ends_within_a_page(path: Path) -> bool:
    """Whether an Ogg file ends before its last page does (RFC 3533, section 6)."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - OGG_PAGE))
        data = file.read()
    start = data.rfind(b"OggS")
    page = data[start:] if start >= 0 else b""
    segments = page[27 : 27 + page[26]] if len(page) > 26 else b""
    return len(page) < 27 or len(segments) < page[26] or len(page) < 27 + len(segments) + sum(segments)


def _rate(path: Path, file) -> int:
    """Hz of an open file. Throws `BadInput` for a rate that nobody records at: it would take forever to leave."""
    rate = file.samplerate if isinstance(file, soundfile.SoundFile) else file.streams.audio[0].rate
    if not RATES[0] <= rate <= RATES[1]:
        raise BadInput(path, expected=f"{RATES[0]} to {RATES[1]} Hz", found=rate)
    return rate


def _promised(path: Path, file) -> float:
    """The frames of which an open file's header tells, 0 where it does not."""
    if isinstance(file, soundfile.SoundFile):
        return file.frames
    stream = file.streams.audio[0]
    return 0 if path.suffix.lower() == ".g722" else float((stream.duration or 0) * stream.time_base * stream.rate)


def _stretch(block: np.ndarray, native: int, rate: int) -> Stretch:
    samples = mono(block)
    peak = np.abs(samples).max(initial=0)
    still = (np.diff(samples) == 0) & (np.abs(samples[1:]) >= 0.99 * peak) if peak > 0.05 else np.zeros(1)
    offset = float(samples.mean()) if len(samples) else 0.0
    clipped = float(still.mean()) if len(still) else 0.0
    return Stretch(resampled(samples - np.float32(offset), native, rate), offset, clipped)


@contextmanager
def _open(path: Path):
    """A `soundfile.SoundFile`, or one of `av`."""
    if not path.is_file():
        raise BadInput(path, expected="a file", found="a link to nothing or a device")
    if not path.stat().st_size:
        raise BadInput(path, expected="sound", found="an empty file")
    if path.suffix.lower() not in FFMPEG:
        try:
            file = soundfile.SoundFile(os.fsencode(path))
        except soundfile.LibsndfileError as error:
            reason = error.error_string.rstrip(".")
            if "malformed" in reason:
                raise BadInput(path, f"is cut or broken: {reason}") from None
        else:
            with file:
                if file.format == "RAW":  # taken by its name, as u-law at 8 kHz
                    raise BadInput(path, f"cannot be read as {path.suffix[1:].upper()}: it has no header")
                yield file
            return
    else:
        reason = "libsndfile has no such format"
    what = f"cannot be read as {path.suffix[1:].upper()}: {reason}"
    try:
        import av
    except ImportError:
        raise BadInput(path, f"{what}; the Python package av may read it") from None
    try:
        file = av.open(str(path), format="g722" if path.suffix.lower() == ".g722" else None)
    except (av.error.FFmpegError, UnicodeError):
        raise BadInput(path, what) from None
    with file:
        if not file.streams.audio:
            raise BadInput(path, f"{what}; there is no sound in it")
        if file.streams.audio[0].codec_context is None:
            raise BadInput(path, f"{what}; FFmpeg has no decoder for its sound")
        yield file


def _blocks(path: Path, file, frames: int | None) -> Iterator[np.ndarray]:
    """float32 [n, channels] of an open file, in blocks of so many frames, or as a whole."""
    if not isinstance(file, soundfile.SoundFile):
        yield from _decoded(path, file, frames)
        return
    try:
        while len(block := file.read(-1 if frames is None else frames, dtype="float32", always_2d=True)):
            yield block
            if frames is None:
                return
    except soundfile.LibsndfileError as error:
        raise BadInput(path, f"is cut or broken: {error.error_string.strip() or 'libsndfile stops in it'}") from None
    if frames is None:
        yield np.zeros((0, file.channels), np.float32)


def _decoded(path: Path, file, frames: int | None) -> Iterator[np.ndarray]:
    import av

    resampler, kept, count = av.AudioResampler(format="fltp"), [], 0
    try:
        for frame in file.decode(audio=0):
            for part in resampler.resample(frame):
                kept.append(part.to_ndarray().T)
                count += len(kept[-1])
            while frames is not None and count >= frames:
                together = np.concatenate(kept)
                yield together[:frames]
                kept, count = [together[frames:]], count - frames
    except av.error.FFmpegError as error:
        raise BadInput(path, f"is cut or broken: {error.strerror}") from None
    if kept or frames is None:
        yield np.concatenate(kept or [np.zeros((0, 1), np.float32)])
