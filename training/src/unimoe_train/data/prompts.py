"""Voice prompts as people record them: 1 to 10 s of a voice, in rooms and among noise.

A set NAMEprompts holds them, made of the first set of the voice's clips. They are what a model hears of a voice, never what it
learns to say, so that it finds the voice behind room and noise and does not speak like them.
"""

import random
from collections.abc import Callable

import numpy as np
from scipy.signal import fftconvolve, lfilter

from unimoe_train.data.clips import ClipSet, ClipWriter
from unimoe_train.data.loudness import normalise
from unimoe_train.recipe import DataRecipe
from unimoe_train.state import State

SECONDS = (1.0, 10.0)  # of a prompt, about
GAP = (0.05, 0.4)  # seconds between the sentences of a prompt
ROOM_SHARE, NOISE_SHARE, TILT_SHARE = 0.5, 0.6, 0.4
REVERBERATION = (0.15, 0.8)  # seconds until a room's sound has fallen by 60 dB
DIRECT = (-3.0, 12.0)  # dB by which the direct sound is louder than the room's
NOISE = (8.0, 35.0)  # dB by which the voice is louder than the noise
TILT = 0.5  # largest coefficient of the filter that stands for a microphone


def make(state: State, recipe: DataRecipe, voice: str, step: Callable[[], None] = lambda: None) -> None:
    """Makes the set of a voice's prompts from its first set of clips."""
    rng = random.Random(f"prompts {voice}")
    noise = np.random.default_rng(rng.randrange(2**32))
    clips, writer = ClipSet(state, first_set(recipe, voice)), ClipWriter()
    for _ in range(recipe.prompts):
        samples, text = sentences(clips, rng)
        writer.append(
            normalise(recorded(samples, clips.rate, rng, noise)), kind="s", voice=voice, text=text, prompt=True
        )
        step()
    writer.save(state, f"{voice}prompts")


def first_set(recipe: DataRecipe, voice: str) -> str:
    return f"{voice}{recipe.voices[voice].first}"


def sentences(clips: ClipSet, rng: random.Random) -> tuple[np.ndarray, str]:
    """Clips of a voice, one after the other, up to a length drawn, and what they say."""
    # Short ones are as likely as long ones in octaves.
    wanted = SECONDS[0] * (SECONDS[1] / SECONDS[0]) ** rng.random()
    order = rng.sample(range(len(clips)), len(clips))
    order.sort(key=lambda index: clips.clips[index]["n"] > wanted * clips.rate)  # those that fit come first
    samples, texts = clips.audio(order[0]), [clips.clips[order[0]]["text"]]
    for index in order[1:]:
        gap = np.zeros(round(rng.uniform(*GAP) * clips.rate), np.float32)
        if len(samples) + len(gap) + clips.clips[index]["n"] > wanted * clips.rate:
            break
        samples = np.concatenate([samples, gap, clips.audio(index)])
        texts.append(clips.clips[index]["text"])
    return samples, " ".join(texts)


def recorded(samples: np.ndarray, rate: int, rng: random.Random, noise: np.random.Generator) -> np.ndarray:
    """Samples [n] as a microphone in some room has them, [n]."""
    if rng.random() < ROOM_SHARE:
        samples = in_a_room(samples, rate, rng.uniform(*REVERBERATION), rng.uniform(*DIRECT), noise)
    if rng.random() < NOISE_SHARE:
        samples = among_noise(samples, rng.uniform(*NOISE), rng.uniform(0, 1), noise)
    if rng.random() < TILT_SHARE:
        samples = lfilter([1, rng.uniform(-TILT, TILT)], [1], samples)
    return samples.astype(np.float32)


def in_a_room(samples: np.ndarray, rate: int, seconds: float, direct: float, noise: np.random.Generator) -> np.ndarray:
    """With the reverberation of a room, noise that falls by 60 dB in `seconds`, `direct` dB below the sound itself."""
    time = np.arange(round(seconds * rate)) / rate
    response = noise.standard_normal(len(time)) * 10 ** (-3 * time / seconds)
    response *= 10 ** (-direct / 20) / np.sqrt((response**2).sum())
    response[0] += 1
    return fftconvolve(samples, response)[: len(samples)]


def among_noise(samples: np.ndarray, louder: float, colour: float, noise: np.random.Generator) -> np.ndarray:
    """With noise, the voice `louder` dB above it; its spectrum falls with the frequency to the power of `colour`, 0 being
    white."""
    spectrum = np.fft.rfft(noise.standard_normal(len(samples)))
    spectrum /= np.maximum(np.arange(len(spectrum)), len(spectrum) / 200) ** colour
    made = np.fft.irfft(spectrum, len(samples))
    level = np.sqrt((samples**2).mean() / (made**2).mean() / 10 ** (louder / 10))
    return samples + level * made
