"""Where the channels of music are decided; what is not decided is held."""

import numpy as np

from unimoe_train.plan.channels import BASS, BEAT, CHORD, DRUMS, LEAD, MELODY, TEMPO, PlanChannel

PLACES = 48  # codes of `beat` per bar
IN_BEAT = 12
LEAD_IN = 0.02  # seconds before the first beat of a piece
SLOWEST, RATIO = 50.0, 1.05  # beats per minute of the first class of tempo; from one to the next


def decisions(beat: np.ndarray) -> dict[str, np.ndarray]:
    """For each channel of music in which code frames it is decided [T], bool, from the codes of `beat` [T]."""
    begins = np.arange(len(beat)) == 0
    moves, beats_begin = begins.copy(), begins.copy()
    moves[1:] |= beat[1:] != beat[:-1]
    beats_begin[1:] |= beat[1:] // IN_BEAT != beat[:-1] // IN_BEAT
    notes = dict.fromkeys((MELODY, BASS, DRUMS), moves)
    return {BEAT: np.ones_like(begins), TEMPO: begins, LEAD: begins, CHORD: beats_begin, **notes}


def decided(channels: list[PlanChannel], plan: np.ndarray) -> np.ndarray:
    """Which codes of a clip's plan [T, channels] are decisions, bool: all of speech; of music those where the beat says
    so, and a tempo and a lead that change."""
    names = [channel.name for channel in channels]
    if BEAT not in names:
        return np.ones(plan.shape, bool)
    where = decisions(plan[:, names.index(BEAT)])
    result = np.stack([where[name] for name in names], 1)
    for name in (TEMPO, LEAD):
        if name in names:
            codes = plan[:, names.index(name)]
            result[1:, names.index(name)] |= codes[1:] != codes[:-1]
    return result


def beats(bpm: float, meter: int, code_rate: float, first: int, count: int) -> np.ndarray:
    """The codes of `beat` of `count` code frames from `first` on, at a steady tempo."""
    seconds = (np.arange(first, first + count) + 0.5) / code_rate
    twelfth = np.floor(np.maximum(0.0, seconds - LEAD_IN) * bpm / 60 * IN_BEAT + 1e-6).astype(np.int64)
    return PLACES * (twelfth // (meter * IN_BEAT) % 4) + twelfth % (meter * IN_BEAT)


def tempo_of(code: int) -> tuple[float, int]:
    """Beats per minute and metre of a code of `tempo`."""
    return SLOWEST * RATIO ** (code // 2), 3 if code % 2 else 4
