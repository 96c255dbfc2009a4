"""What is refused, by which exception, with which sentence."""

import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from unimoe_audio import (
    ArgumentError,
    Audio,
    Engine,
    ModelError,
    RequestError,
    SoundError,
    UniMoEAudioError,
    VoiceError,
)

SILENCE = Audio(np.zeros(16_000, dtype=np.float32), 16_000)

REFUSED: dict[str, tuple[Callable[[Engine], object], type[UniMoEAudioError], int, str]] = {
    "no text": (lambda e: e.speak(""), RequestError, 101, "request: text: expected .*, found"),
    "a zero character": (lambda e: e.speak("a\0b"), ArgumentError, 100, "text: .* found one at 1"),
    "half a pair": (lambda e: e.speak("a\ud800"), ArgumentError, 100, "text: .* found half of a pair at 1"),
    "top-p": (lambda e: e.speak("Hi.", top_p=2), RequestError, 101, "top-p: expected a number from 0 to 1, found 2"),
    "no number": (lambda e: e.speak("Hi.", top_p=float("nan")), ArgumentError, 100, "top_p: .* found nan"),
    "a negative number": (lambda e: e.speak("Hi.", longest=-1), ArgumentError, 100, "longest: .* found -1"),
    "a slow rate": (lambda e: e.speak("Hi.", sample_rate=999), RequestError, 101, "expected .*1000.*, found 999"),
    "a huge rate": (lambda e: e.speak("Hi.", sample_rate=2**32 + 16_000), ArgumentError, 100, "sample_rate: expected"),
    "a negative seed": (lambda e: e.speak("Hi.", seed=-1), ArgumentError, 100, "seed: expected 0 to .* found -1"),
    "a huge seed": (lambda e: e.speak("Hi.", seed=2**64), ArgumentError, 100, "seed: expected 0 to"),
    "a chunk": (lambda e: e.stream_speech("Hi.", chunk=0), ArgumentError, 100, "chunk: .* found 0"),
    "a voice": (lambda e: e.speak("Hi.", voice="nobody"), VoiceError, 202, "nobody: no voice of this name; known are"),
    "threads": (lambda e: Engine(threads=257), ArgumentError, 100, "threads: expected 0 to 256, found 257"),
    "a model": (lambda e: Engine("/no/model"), ModelError, 200, "/no/model/config.json: cannot be opened"),
    "words": (lambda e: Engine(words="/no/words"), ModelError, 200, "/no/words: cannot be opened"),
    "a recording": (lambda e: e.make_voice("/no.wav", "Hello."), SoundError, 201, "/no.wav: cannot be opened"),
    "silence": (lambda e: e.make_voice(SILENCE, "Hello."), SoundError, 201, "."),
    "no transcript": (lambda e: e.make_voice(SILENCE, ""), UniMoEAudioError, 202, "transcript"),
    "a voice's name": (lambda e: e.voice().save("a/b"), VoiceError, 202, "a/b"),
    "a voice to remove": (lambda e: e.remove_voice("nobody"), VoiceError, 202, "nobody"),
    "a sound file's ending": (lambda e: SILENCE.save("x.mus"), ArgumentError, 100, "x.mus: expected a name that ends"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_is_refused(case: str, engine: Engine) -> None:
    call, kind, code, sentence = REFUSED[case]
    with pytest.raises(kind, match=sentence) as caught:
        call(engine)
    assert caught.value.code == code
    assert str(caught.value) == caught.value.message and "\n" not in caught.value.message


def test_notes_that_are_none_are_refused(telling: Engine) -> None:
    with pytest.raises(SoundError, match="notes: expected a Standard MIDI File"):
        telling.compose("A piano.", notes=b"MThd")
    with pytest.raises(FileNotFoundError):
        telling.compose("A piano.", notes="/no.mid")


def test_wrong_arguments_are_value_errors(engine: Engine) -> None:
    with pytest.raises(ValueError):
        engine.speak("")
    with pytest.raises(ValueError):
        engine.speak("Hi.", seed=-1)


def test_wrong_types_are_type_errors(engine: Engine) -> None:
    wrong: list[dict[str, object]] = [{"seed": 1.5}, {"top_p": "high"}, {"loudness": 1}, {"sample_rate": "fast"}]
    for options in wrong:
        with pytest.raises(TypeError):
            engine.speak("Hi.", **options)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="text: expected str, found bytes"):
        engine.speak(b"Hi.")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="seconds: expected neither shortest nor longest"):
        engine.compose("A piano.", seconds=6, longest=7)


def test_what_fails_on_its_way_is_raised_with_its_sentence(broken: Path) -> None:
    with Engine(broken) as engine, pytest.raises(UniMoEAudioError) as caught:
        engine.speak("Good morning.")
    assert caught.value.code == 200 and "expected finite numbers" in caught.value.message


def test_errors_can_be_sent_to_another_process(engine: Engine) -> None:
    with pytest.raises(VoiceError) as caught:
        engine.voice("nobody")
    again = pickle.loads(pickle.dumps(caught.value))
    assert (type(again), again.code, str(again)) == (VoiceError, 202, str(caught.value))


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        SILENCE.save(tmp_path / "none" / "x.wav")
    (tmp_path / "folder.wav").mkdir()
    with pytest.raises(OSError):
        SILENCE.save(tmp_path / "folder.wav")
    assert [path.name for path in tmp_path.iterdir()] == ["folder.wav"]
