"""Recordings as people bring them, made of noise that comes and goes like syllables."""

import zlib

import numpy as np
import soundfile

RATE = 22050


def spoken(seconds: float = 1.0, seed: int = 0, rate: int = RATE) -> np.ndarray:
    """Samples [n] that stand 50 dB above the noise of their room."""
    rng, n = np.random.default_rng(seed), int(seconds * rate)
    syllables = np.maximum(0, np.sin(2 * np.pi * (3 + seed % 3) * np.arange(n) / rate)) ** 2
    return (0.1 * syllables * rng.standard_normal(n) + 3e-4 * rng.standard_normal(n)).astype(np.float32).clip(-1, 1)


def record(folder, name, text=None, caption=None, seconds=1.0, seed=None, samples=None, rate=RATE, suffix="wav"):
    """Writes one sound and what lies beside it; every name sounds different unless a seed is given."""
    folder.mkdir(parents=True, exist_ok=True)
    seed = zlib.crc32(f"{folder.name}/{name}".encode()) if seed is None else seed
    sound = spoken(seconds, seed, rate) if samples is None else samples
    path = folder / f"{name}.{suffix}"
    soundfile.write(path, sound, rate)
    if text is not None:
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    if caption is not None:
        (folder / f"{name}.caption").write_text(caption, encoding="utf-8")
    return path


def speaker(folder, count=12, first=0, seconds=1.0):
    """So many clips of a voice."""
    for number in range(first, first + count):
        record(folder, f"clip{number}", text=f"This is number {number}.", seconds=seconds)
