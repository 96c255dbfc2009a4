"""Speech and music from text.

    import unimoe_audio

    unimoe_audio.speak("Good morning.").save("morning.wav")
    unimoe_audio.compose("A calm piano piece.", seconds=8).save("piano.wav")

`Engine` opens a model of your own, streams sound while it is made and makes voices of recordings. What goes wrong is
raised as `UniMoEAudioError`, whose subclasses say whose fault it is.
"""

from ._default import compose, default_engine, speak, voices
from ._library import version
from ._request import Sampling
from ._structures import End, MarkKind, Phase
from .audio import Audio
from .engine import Engine
from .errors import (
    ArgumentError,
    Cancelled,
    MachineError,
    ModelError,
    RequestError,
    SoundError,
    UniMoEAudioError,
    VoiceError,
)
from .model import ModelInfo
from .stream import Progress, Stream
from .voice import Voice
from .words import Mark, Word

__version__ = version()

__all__ = [
    "ArgumentError",
    "Audio",
    "Cancelled",
    "End",
    "Engine",
    "MachineError",
    "Mark",
    "MarkKind",
    "ModelError",
    "ModelInfo",
    "Phase",
    "Progress",
    "RequestError",
    "Sampling",
    "SoundError",
    "Stream",
    "UniMoEAudioError",
    "Voice",
    "VoiceError",
    "Word",
    "compose",
    "default_engine",
    "speak",
    "version",
    "voices",
]
