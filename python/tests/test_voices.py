"""Voices that the model has, and such as are made of recordings."""

from pathlib import Path

import numpy as np
import pytest
from unimoe_audio import Audio, Engine, VoiceError

LINE = "Good evening."


@pytest.fixture
def recording(tree: Path) -> Path:
    """Somebody who says "Hello world."."""
    return tree / "Tests/Reference/prompt.wav"


def test_the_models_voices_are_listed_and_opened(engine: Engine) -> None:
    names = engine.voices()
    assert "default" in names and names == sorted(names)
    with engine.voice("default") as voice:
        assert np.array_equal(engine.speak(LINE, voice=voice).samples, engine.speak(LINE).samples)


def test_a_recording_becomes_a_voice_that_is_stored_used_and_removed(engine: Engine, recording: Path) -> None:
    engine.add_voice("me", recording, "Hello world.")
    assert "me" in engine.voices()
    with pytest.raises(VoiceError, match="me"):
        engine.add_voice("me", recording, "Hello world.")
    engine.add_voice("me", recording, "Hello world.", replace=True)
    with engine.make_voice(str(recording), "Hello world.") as voice:
        made = engine.speak(LINE, voice=voice).samples
    assert np.array_equal(engine.speak(LINE, voice="me").samples, made)
    assert not np.array_equal(engine.speak(LINE).samples, made)
    engine.remove_voice("me")
    assert "me" not in engine.voices()


def test_samples_make_a_voice_too(engine: Engine) -> None:
    # Every other one of twice as many: not where a C array would have them.
    said = engine.speak("What shall I say to you?", sample_rate=48_000)
    spread = np.repeat(said.samples.astype(np.float64), 2)[::2]
    with engine.make_voice(Audio(spread, 48_000), said.text) as voice:  # type: ignore[arg-type]
        first = engine.speak(LINE, voice=voice).samples
    with engine.make_voice(said, said.text) as voice:
        assert np.array_equal(engine.speak(LINE, voice=voice).samples, first)
