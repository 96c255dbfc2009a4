"""The C library's structures and constants, as `unimoe_audio.h` has them; `tests/test_header.py` compares both."""

import ctypes
import enum
from typing import Any, ClassVar

OK = 0
ARGUMENT = 100
REQUEST = 101
TIMEOUT = 102
MODEL = 200
AUDIO = 201
VOICE = 202
SYSTEM = 300
CANCELLED = 400

SPEECH = 1
MUSIC = 2

LOG_WARNING = 1


class Phase(enum.IntEnum):
    """What a stream is doing."""

    QUEUED = 0
    """Not begun: its thread starts, or it waits for streams that play."""
    PREFILL = 1
    """The model reads text and voice."""
    GENERATE = 2
    """The model draws code frames; those that are drawn are decoded beside it."""
    DECODE = 3
    """The last code frames become sound."""
    ENDED = 4


class End(enum.IntEnum):
    """Why a stream ended."""

    NONE = 0
    """It has not."""
    COMPLETE = 1
    """The model ended by itself."""
    LENGTH = 2
    """The longest length was reached."""
    WATCHDOG = 3
    """Endless silence or repetition was cut off."""
    CANCELLED = 4
    FAILED = 5


class MarkKind(enum.IntEnum):
    """What happens at a mark."""

    WORD_START = 1
    WORD_END = 2


class Sized(ctypes.Structure):
    """A structure that begins with its size; made with the values of its `..._INIT` where none are given."""

    INITIAL: ClassVar[dict[str, Any]] = {}

    def __init__(self, **values: Any) -> None:
        super().__init__(struct_size=ctypes.sizeof(self), **(self.INITIAL | values))


class EngineOptions(Sized):
    """`unimoe_engine_options`"""

    INITIAL = {"log_level": LOG_WARNING}
    _fields_ = [
        ("struct_size", ctypes.c_uint32),
        ("threads", ctypes.c_int32),
        ("model", ctypes.c_char_p),
        ("log", ctypes.c_void_p),
        ("log_user", ctypes.c_void_p),
        ("log_level", ctypes.c_int32),
        ("reserved", ctypes.c_uint32),
        ("fast_prompt", ctypes.c_int32),
        ("reserved_2", ctypes.c_uint32),
        ("words", ctypes.c_char_p),
    ]


class ModelFacts(Sized):
    """`unimoe_model_info`"""

    _fields_ = [
        ("struct_size", ctypes.c_uint32),
        ("sample_rate", ctypes.c_int32),
        ("code_rate", ctypes.c_double),
        ("codebooks", ctypes.c_int32),
        ("layers", ctypes.c_int32),
        ("routed_experts", ctypes.c_int32),
        ("null_experts", ctypes.c_int32),
        ("shared_experts", ctypes.c_int32),
        ("reserved", ctypes.c_int32),
        ("longest_text", ctypes.c_int32),
        ("codebook_size", ctypes.c_int32),
        ("longest_voice", ctypes.c_double),
        ("longest_music", ctypes.c_double),
        ("tells_words", ctypes.c_int32),
        ("plays_notes", ctypes.c_int32),
    ]


class Request(Sized):
    """`unimoe_request`. Its callbacks stay null: no Python runs on the library's threads."""

    INITIAL = {
        "task": SPEECH,
        "sampling": -1,
        "guidance": -1,
        "temperature": -1,
        "top_k": -1,
        "top_p": -1,
        "shortest": -1,
        "longest": -1,
        "start_after": -1,
        "speed": -1,
        "spread": -1,
        "long_text": 1,
    }
    _fields_ = [
        ("struct_size", ctypes.c_uint32),
        ("task", ctypes.c_int32),
        ("text", ctypes.c_char_p),
        ("voice", ctypes.c_void_p),
        ("seed", ctypes.c_uint64),
        ("sample_rate", ctypes.c_int32),
        ("sampling", ctypes.c_int32),
        ("guidance", ctypes.c_float),
        ("temperature", ctypes.c_float),
        ("top_k", ctypes.c_int32),
        ("top_p", ctypes.c_float),
        ("shortest", ctypes.c_double),
        ("longest", ctypes.c_double),
        ("buffer", ctypes.c_double),
        ("start_after", ctypes.c_double),
        ("audio", ctypes.c_void_p),
        ("progress", ctypes.c_void_p),
        ("end", ctypes.c_void_p),
        ("user", ctypes.c_void_p),
        ("characters", ctypes.c_int32),
        ("verbatim", ctypes.c_int32),
        ("speed", ctypes.c_double),
        ("spread", ctypes.c_double),
        ("notes", ctypes.c_char_p),
        ("notes_size", ctypes.c_size_t),
        ("own_notes", ctypes.c_int32),
        ("reserved", ctypes.c_int32),
        ("long_text", ctypes.c_int32),
        ("reserved_2", ctypes.c_uint32),
    ]


class RawMark(Sized):
    """`unimoe_mark`"""

    _fields_ = [
        ("struct_size", ctypes.c_uint32),
        ("kind", ctypes.c_int32),
        ("word", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
        ("text_start", ctypes.c_uint64),
        ("text_end", ctypes.c_uint64),
        ("frame", ctypes.c_uint64),
    ]


class StreamState(Sized):
    """`unimoe_stream_state`"""

    _fields_ = [
        ("struct_size", ctypes.c_uint32),
        ("phase", ctypes.c_int32),
        ("end", ctypes.c_int32),
        ("error", ctypes.c_int32),
        ("code_frames_done", ctypes.c_uint32),
        ("code_frames_expected", ctypes.c_uint32),
        ("sample_rate", ctypes.c_int32),
        ("is_started", ctypes.c_int32),
        ("frames_produced", ctypes.c_uint64),
        ("frames_read", ctypes.c_uint64),
        ("frames_ready", ctypes.c_uint64),
        ("underruns", ctypes.c_uint64),
        ("frames_missing", ctypes.c_uint64),
        ("predicted_speed", ctypes.c_double),
        ("measured_speed", ctypes.c_double),
        ("start_gate", ctypes.c_double),
        ("first_audio", ctypes.c_double),
    ]
