"""What notebooks show."""

import base64
import io
import re
import wave

import numpy as np
from unimoe_audio import Audio, Engine


def test_a_notebook_shows_a_player_of_the_whole_sound(engine: Engine) -> None:
    sound = engine.speak("Good morning.")
    shown = re.search(r'<audio controls src="data:audio/wav;base64,([^"]*)">', sound._repr_html_())
    assert shown
    with wave.open(io.BytesIO(base64.b64decode(shown.group(1)))) as file:
        assert (file.getframerate(), file.getnframes()) == (sound.sample_rate, len(sound.samples))


def test_the_players_caption_is_the_text_and_no_markup() -> None:
    shown = Audio(np.zeros(1, dtype=np.float32), 16_000, text="<b>&")._repr_html_()
    assert "<figcaption>&lt;b&gt;&amp;</figcaption>" in shown and "<b>" not in shown


def test_a_sound_says_what_it_is() -> None:
    sound = Audio(np.zeros(8_000, dtype=np.float32), 16_000, text="Hello.")
    assert repr(sound) == "<unimoe_audio.Audio: 0.50 s at 16000 Hz, 'Hello.'>"
