"""What calls raise: the library's own sentence, which names the field, what was expected and what was found."""

from . import _structures as c


class UniMoEAudioError(Exception):
    """A call that failed. `str()` of it is the library's sentence; the subclasses say whose fault it is."""

    code: int
    """The library's status, such as 200."""
    message: str
    """The library's sentence."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return self.message


class ArgumentError(UniMoEAudioError, ValueError):
    """An argument that cannot be used, or an engine, voice or stream that was closed (100)."""


class RequestError(UniMoEAudioError, ValueError):
    """A text, length or sampling value that the model cannot take (101)."""


class ModelError(UniMoEAudioError):
    """No such model, or a broken one (200)."""


class SoundError(UniMoEAudioError):
    """A sound or MIDI file that cannot be read or used (201)."""


class VoiceError(UniMoEAudioError):
    """No such voice, a broken one, or a name that is taken or not allowed (202)."""


class MachineError(UniMoEAudioError):
    """A file, memory, a thread or a library that the system refuses (300)."""


class Cancelled(UniMoEAudioError):
    """What was waited for was cancelled, as by closing its engine (400)."""


_KINDS: dict[int, type[UniMoEAudioError]] = {
    c.ARGUMENT: ArgumentError,
    c.REQUEST: RequestError,
    c.MODEL: ModelError,
    c.AUDIO: SoundError,
    c.VOICE: VoiceError,
    c.SYSTEM: MachineError,
    c.CANCELLED: Cancelled,
}


def error(code: int, message: str) -> UniMoEAudioError:
    """The exception that stands for a status of the library."""
    return _KINDS.get(code, UniMoEAudioError)(code, message)


def argument_error(name: str, expected: str, found: object) -> ArgumentError:
    """What is wrong with an argument that the library never gets to see."""
    return ArgumentError(c.ARGUMENT, f"{name}: expected {expected}, found {found}")
