"""Where in its rhythm each code frame of a composed piece is, as classes that a training-only head can be asked about.

As phonemes are to speech: a piece that has to say where it is keeps its tempo and knows when it is over.
"""

import numpy as np

from unimoe_train.recipe import FRAME_RATE

LEAD_IN = 0.02  # seconds before the first beat of every composed piece
PHASES, BAR_BEATS, BARS, SPANS = 8, 4, 8, 16
SPAN = 0.4  # seconds
SIZES = (PHASES, BAR_BEATS, BARS, SPANS)
"""Classes of: the place in the beat, the beat in the bar, the bar, and the time since the start."""


def periods(clip: dict) -> tuple[float, float] | None:
    """Code frames of a beat and of a bar of a clip's entry, if it tells its beats per minute."""
    if not clip.get("bpm"):
        return None
    beat = 60 / clip["bpm"] * FRAME_RATE
    return beat, beat * (clip.get("meter") or BAR_BEATS)


def beats(clip: dict, frames: int) -> np.ndarray | None:
    """The classes [frames, 4] of the code frames of a clip's entry, if it tells its beats per minute."""
    bpm, meter = clip.get("bpm"), clip.get("meter") or BAR_BEATS
    if not bpm:
        return None
    seconds = (np.arange(frames) + 0.5) / FRAME_RATE
    position = np.maximum(0, seconds - LEAD_IN) * bpm / 60
    beat = position.astype(np.int64)
    return np.stack(
        [
            ((position - beat) * PHASES).astype(np.int64),
            np.minimum(beat % meter, BAR_BEATS - 1),
            np.minimum(beat // meter, BARS - 1),
            np.minimum((seconds / SPAN).astype(np.int64), SPANS - 1),
        ],
        1,
    )
