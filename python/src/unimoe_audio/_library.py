"""The C library itself: found inside the package, its functions declared, its strings and errors brought to Python.

ctypes lets other Python threads run while a call is in the library.
"""

import ctypes
from collections.abc import Callable
from pathlib import Path

from . import _structures as c
from .errors import error

# The library finds the default model from where it lies itself, as one that is installed under a prefix.
PATH = Path(__file__).with_name("native") / "lib" / "libunimoe-audio.so.0"

_handle = ctypes.c_void_p
_status = ctypes.c_int32
_text = ctypes.c_char_p
_samples = ctypes.c_void_p
_out = ctypes.POINTER(ctypes.c_void_p)

# name: (result, arguments)
FUNCTIONS: dict[str, tuple[type | None, list[type]]] = {
    "unimoe_status_string": (_text, [_status]),
    "unimoe_error_message": (ctypes.c_size_t, [_text, ctypes.c_size_t]),
    "unimoe_version_string": (_text, []),
    "unimoe_engine_open": (_status, [ctypes.POINTER(c.EngineOptions), _out]),
    "unimoe_engine_close": (None, [_handle]),
    "unimoe_engine_info": (_status, [_handle, ctypes.POINTER(c.ModelFacts)]),
    "unimoe_voice_create": (
        _status,
        [_handle, _samples, ctypes.c_uint64, ctypes.c_int32, ctypes.c_int32, _text, _out],
    ),
    "unimoe_voice_create_from_file": (_status, [_handle, _text, _text, _out]),
    "unimoe_voice_open": (_status, [_handle, _text, _out]),
    "unimoe_voice_save": (_status, [_handle, _text, ctypes.c_int32]),
    "unimoe_voice_remove": (_status, [_handle, _text]),
    "unimoe_voice_name": (ctypes.c_size_t, [_handle, ctypes.c_uint32, _text, ctypes.c_size_t]),
    "unimoe_voice_release": (None, [_handle]),
    "unimoe_stream_start": (_status, [_handle, ctypes.POINTER(c.Request), _out]),
    "unimoe_stream_next_mark": (ctypes.c_int32, [_handle, ctypes.POINTER(c.RawMark)]),
    "unimoe_stream_wait_read": (
        _status,
        [_handle, _samples, ctypes.c_uint32, ctypes.c_int32, ctypes.POINTER(ctypes.c_uint32)],
    ),
    "unimoe_stream_cancel": (None, [_handle]),
    "unimoe_stream_wait": (_status, [_handle, ctypes.c_int32]),
    "unimoe_stream_get_state": (_status, [_handle, ctypes.POINTER(c.StreamState)]),
    "unimoe_stream_error_message": (ctypes.c_size_t, [_handle, _text, ctypes.c_size_t]),
    "unimoe_stream_release": (None, [_handle]),
}


def _load() -> ctypes.CDLL:
    try:
        loaded = ctypes.CDLL(str(PATH))
    except OSError as failure:
        raise ImportError(f"unimoe_audio: expected the C library that the wheel brings, found: {failure}") from failure
    for name, (result, arguments) in FUNCTIONS.items():
        function = getattr(loaded, name)
        function.restype, function.argtypes = result, arguments
    return loaded


library = _load()


def copied(function: Callable[..., int], *arguments: object) -> str:
    """What a function that copies a string to a buffer has to say; empty where it says nothing."""
    # Asked again where another thread made the string longer in between.
    size = 256
    while True:
        buffer = ctypes.create_string_buffer(size)
        length = function(*arguments, buffer, size)
        if length < size:
            return buffer.value.decode()
        size = length + 1


def check(status: int) -> None:
    """Raises what a failed call of this thread said."""
    if status != c.OK:
        message = copied(library.unimoe_error_message)
        raise error(status, message or library.unimoe_status_string(status).decode())


def version() -> str:
    """The C library's version, such as "0.4.0"."""
    text: bytes = library.unimoe_version_string()
    return text.decode()
