"""A reference recording that speech is made in."""

from ._handle import Handle
from ._library import check, library
from ._values import text


class Voice:
    """A voice, made by `Engine.make_voice` or opened by `Engine.voice`.

    Any thread may use it; it outlives its engine.
    """

    def __init__(self, pointer: int | None) -> None:
        self._handle = Handle("voice", pointer, library.unimoe_voice_release)

    def save(self, name: str, *, replace: bool = False) -> None:
        """Stores it for the user, so that `voice=name` finds it, here and in the other programs of unimoe-audio.

        A name has letters, digits, `-`, `_` and `.`, at most 64 bytes; one that is taken is a `VoiceError` unless
        `replace` is true. Raises `VoiceError`, `MachineError`.
        """
        with self._handle as pointer:
            check(library.unimoe_voice_save(pointer, text("name", name), int(replace)))

    def close(self) -> None:
        """Gives its memory back; what speaks in it goes on."""
        self._handle.close()

    def __enter__(self) -> "Voice":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
