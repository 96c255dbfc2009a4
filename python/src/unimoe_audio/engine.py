"""A model that is ready to speak and compose."""

import ctypes
import os
from collections.abc import Callable
from contextlib import nullcontext
from typing import Unpack

import numpy as np

from . import _request
from . import _structures as c
from ._handle import Handle
from ._interruptible import interruptible
from ._library import check, library
from ._request import Sampling
from ._structures import End
from ._values import integer, path, text
from .audio import Audio
from .errors import Cancelled, argument_error
from .model import ModelInfo, model_info
from .stream import Progress, Stream
from .voice import Voice
from .words import words_of

# Bytes of a voice's name with its zero byte.
_NAME_SIZE = 65


class Engine:
    """A model that is ready to speak and compose.

    `with Engine() as engine:` gives it back at the end of the block; so does forgetting it, once nobody uses it.

    Any thread may call any of its methods, several at once: other Python threads run meanwhile, and the streams share
    the machine. Several engines of one model share its memory. Ctrl-C interrupts each wait within a tenth of a second.
    """

    def __init__(
        self,
        model: str | os.PathLike[str] | None = None,
        threads: int | None = None,
        *,
        words: str | os.PathLike[str] | None = None,
        fast_prompt: bool = False,
    ) -> None:
        """Opens a model, which is quick: its weights are mapped, not read.

        model: the checkpoint directory. `None` takes that of the variable UNIMOE_AUDIO_MODEL, or else the user's own
            default model, or else the one in the package.
        threads: how many compute, in the whole process; `None` takes one per processor.
        words: a file of words and how to say them, a word and its phonemes a line, as "Nguyen W IH1 N".
        fast_prompt: compute prompts faster and less exactly, where processor and model allow it.

        Raises `ModelError`, `MachineError`, `ArgumentError`.
        """
        options = c.EngineOptions(
            model=None if model is None else path("model", model),
            threads=integer("threads", threads, 0, 256, 0),
            words=None if words is None else path("words", words),
            fast_prompt=int(fast_prompt),
        )
        pointer = ctypes.c_void_p()
        check(library.unimoe_engine_open(ctypes.byref(options), ctypes.byref(pointer)))
        self._handle = Handle("engine", pointer.value, library.unimoe_engine_close)
        facts = c.ModelFacts()
        check(library.unimoe_engine_info(pointer, ctypes.byref(facts)))
        self._info = model_info(facts)

    @property
    def info(self) -> ModelInfo:
        """Facts of the model."""
        return self._info

    # ---- Speech and music

    def speak(
        self,
        text: str,
        *,
        voice: str | Voice | None = None,
        seed: int = 0,
        speed: float | None = None,
        spread: float | None = None,
        characters: bool = False,
        verbatim: bool = False,
        sample_rate: int | None = None,
        progress: Callable[[Progress], object] | None = None,
        **sampling: Unpack[Sampling],
    ) -> Audio:
        """Speaks a text and returns the whole sound.

        progress: called on this thread for every tenth of a second of sound; what it raises ends the speech.

        The others are `stream_speech`'s. Raises what that raises, and `Cancelled` if another thread closes the engine.
        """
        stream = self.stream_speech(
            text,
            voice=voice,
            seed=seed,
            speed=speed,
            spread=spread,
            characters=characters,
            verbatim=verbatim,
            sample_rate=sample_rate,
            **sampling,
        )
        return _whole(stream, progress)

    def compose(
        self,
        caption: str,
        *,
        seconds: float | None = None,
        seed: int = 0,
        notes: bytes | str | os.PathLike[str] | None = None,
        own_notes: bool = False,
        sample_rate: int | None = None,
        progress: Callable[[Progress], object] | None = None,
        **sampling: Unpack[Sampling],
    ) -> Audio:
        """Composes music and returns the whole sound.

        progress: called on this thread for every tenth of a second of sound; what it raises ends the music.

        The others are `stream_music`'s. Raises what that raises, and `Cancelled` if another thread closes the engine.
        """
        stream = self.stream_music(
            caption,
            seconds=seconds,
            seed=seed,
            notes=notes,
            own_notes=own_notes,
            sample_rate=sample_rate,
            **sampling,
        )
        return _whole(stream, progress)

    def stream_speech(
        self,
        text: str,
        *,
        voice: str | Voice | None = None,
        seed: int = 0,
        speed: float | None = None,
        spread: float | None = None,
        characters: bool = False,
        verbatim: bool = False,
        sample_rate: int | None = None,
        chunk: float = 0.1,
        **sampling: Unpack[Sampling],
    ) -> Stream:
        """Begins to speak a text of any length. A long one is made in pieces of whole sentences, joined at silences.

        voice: a name of `voices()`, or a `Voice`; `None` takes the default one.
        seed: 0 to 2**64 - 1; the same request and seed give the same samples.
        speed: 0.7 to 1.5, above 1 is faster, pitch stays; for models that tell words.
        spread: how much the durations of sounds are spread, 0 the steadiest, to 1; for models that tell words.
        characters: speak the text character by character: letters by name, signs as "dot" or "hash".
        verbatim: leave figures, dates, abbreviations and signs as they are written, instead of as they are said.
        sample_rate: Hz, 1000 to 384000; `None` takes the model's.
        chunk: seconds of sound per array that the stream gives.
        sampling: as `Sampling` has it: random, guidance, temperature, top_k, top_p, shortest, longest.

        Raises `RequestError`, `VoiceError`, `MachineError`, `ArgumentError`.
        """
        request = _request.speech(
            text,
            seed=seed,
            speed=speed,
            spread=spread,
            characters=characters,
            verbatim=verbatim,
            sample_rate=sample_rate,
            **sampling,
        )
        return self._start(request, voice, text, chunk)

    def stream_music(
        self,
        caption: str,
        *,
        seconds: float | None = None,
        seed: int = 0,
        notes: bytes | str | os.PathLike[str] | None = None,
        own_notes: bool = False,
        sample_rate: int | None = None,
        chunk: float = 0.1,
        **sampling: Unpack[Sampling],
    ) -> Stream:
        """Begins to compose what a caption says: genre, instruments, mood, tempo.

        seconds: the length; instead of `shortest` and `longest`, which set its bounds.
        notes: a MIDI file to play, or a score's JSON as `unimoe-audio score` prints it, as bytes or a path; for models
            that play notes.
        own_notes: let the model make its own notes instead of those that are composed from the caption.

        The others are `stream_speech`'s. Raises `RequestError`, `SoundError`, `ModelError`, `MachineError`,
        `ArgumentError`, and `OSError` where the file of notes cannot be read.
        """
        request = _request.music(
            caption,
            seconds=seconds,
            seed=seed,
            notes=notes,
            own_notes=own_notes,
            sample_rate=sample_rate,
            **sampling,
        )
        return self._start(request, None, caption, chunk)

    def _start(self, request: c.Request, voice: str | Voice | None, text: str, chunk: float) -> Stream:
        if isinstance(voice, str):
            with self.voice(voice) as opened:
                return self._start(request, opened, text, chunk)
        pointer = ctypes.c_void_p()
        with self._handle as engine, nullcontext() if voice is None else voice._handle as request.voice:
            check(library.unimoe_stream_start(engine, ctypes.byref(request), ctypes.byref(pointer)))
        return Stream(self, pointer.value, text, chunk)

    # ---- Voices

    def voices(self) -> list[str]:
        """The names of the stored voices, the model's own and the user's, in alphabetic order."""
        names: list[str] = []
        buffer = ctypes.create_string_buffer(_NAME_SIZE)
        with self._handle as engine:
            while library.unimoe_voice_name(engine, len(names), buffer, _NAME_SIZE):
                names.append(buffer.value.decode())
        return names

    def voice(self, name: str | None = None) -> Voice:
        """Opens a stored voice: the user's of that name, else the model's own; `None` takes the default one.

        Raises `VoiceError`.
        """
        pointer = ctypes.c_void_p()
        encoded = None if name is None else text("name", name)
        with self._handle as engine:
            check(library.unimoe_voice_open(engine, encoded, ctypes.byref(pointer)))
        return Voice(pointer.value)

    def make_voice(self, recording: str | os.PathLike[str] | Audio, transcript: str) -> Voice:
        """Makes a voice of a recording, 0.2 to 30 seconds long, and what is said in it.

        recording: a WAV, FLAC or OGG file's path, or an `Audio`. Beyond `ModelInfo.longest_voice`, and below one
            second, the model may lose the voice. Silence before and after the words is left out.
        transcript: every word of it.

        Computes for about a tenth of the recording's duration. Raises `SoundError`, `VoiceError`, `ArgumentError`.
        """
        said = text("transcript", transcript)
        return interruptible(lambda: self._make_voice(recording, said))

    def _make_voice(self, recording: str | os.PathLike[str] | Audio, said: bytes) -> Voice:
        pointer = ctypes.c_void_p()
        with self._handle as engine:
            if isinstance(recording, Audio):
                samples = np.ascontiguousarray(recording.samples, dtype=np.float32)
                if samples.ndim != 1:
                    raise argument_error("recording", "one channel", f"an array of {samples.ndim} dimensions")
                rate = integer("sample_rate", recording.sample_rate, 1, 2**31 - 1, 0)
                address, out = samples.ctypes.data, ctypes.byref(pointer)
                check(library.unimoe_voice_create(engine, address, len(samples), 1, rate, said, out))
            else:
                file = path("recording", recording)
                check(library.unimoe_voice_create_from_file(engine, file, said, ctypes.byref(pointer)))
        return Voice(pointer.value)

    def add_voice(
        self, name: str, recording: str | os.PathLike[str] | Audio, transcript: str, *, replace: bool = False
    ) -> None:
        """Makes a voice of a recording and stores it for the user; see `make_voice` and `Voice.save`."""
        with self.make_voice(recording, transcript) as voice:
            voice.save(name, replace=replace)

    def remove_voice(self, name: str) -> None:
        """Removes a voice that the user stored. Raises `VoiceError`, `MachineError`."""
        with self._handle as engine:
            check(library.unimoe_voice_remove(engine, text("name", name)))

    # ---- End

    def close(self) -> None:
        """Cancels its streams and gives the model back; twice is once. What was made stays.

        While another thread is in a call on it, that is left to the end of that call.
        """
        self._handle.close()

    @property
    def is_closed(self) -> bool:
        return self._handle.is_closed

    def __enter__(self) -> "Engine":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _whole(stream: Stream, progress: Callable[[Progress], object] | None) -> Audio:
    """Reads a stream to its end, or cancels it where that is interrupted."""
    with stream:
        chunks = []
        for chunk in stream:
            chunks.append(chunk)
            if progress is not None:
                progress(stream.progress)
        stream.wait()
        if stream.end is End.CANCELLED:
            raise Cancelled(c.CANCELLED, "stream: cancelled before its end")
        samples = np.concatenate(chunks) if chunks else np.empty(0, dtype=np.float32)
        words = words_of(stream.marks, len(samples) / stream.sample_rate)
        return Audio(samples, stream.sample_rate, words, stream.text)
