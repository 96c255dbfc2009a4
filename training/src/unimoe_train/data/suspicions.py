"""What looks wrong in recordings that can be used."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from unimoe_train.data.clip_check import Examined
from unimoe_train.data.layouts import shown
from unimoe_train.recipe import SPEECH

HARMS = ("high", "medium", "low")
CLIPPED = 1e-3  # share of a file's samples
NOISY = 15.0  # dB between the loud and the quiet parts of speech
QUIET, UNEVEN = -45.0, 20.0  # dBFS; dB between the loudest and the quietest clips of a voice
OFFSET = 0.01  # of full scale
SLOW, SLOW_SECONDS = 3.0, 3.0  # letters a second, of clips that last so long
RELATED, ENOUGH = 0.3, 20  # correlation of texts' and sounds' lengths, from so many clips on
REPEATED = 0.1  # share of a voice's clips whose text others have, too
LITTLE = 20.0  # seconds of a voice


@dataclass(frozen=True)
class Suspicion:
    """Something that looks wrong with a collection."""

    harm: str  # one of HARMS
    collection: str
    what: str
    files: list[str]


def of(name: str, source: str, kind: str, clips: list[Examined], rate: int) -> list[Suspicion]:
    """Those of one collection at a state folder's rate."""
    found = []

    def each(harm: str, what: str, applies: Callable[[Examined], bool]) -> None:
        if files := [shown(clip.path) for clip in clips if applies(clip)]:
            found.append(Suspicion(harm, name, what, files))

    def all_of(harm: str, what: str) -> None:
        if what:
            found.append(Suspicion(harm, name, what, []))

    all_of("high", unrelated(clips) if kind == SPEECH else "")
    all_of("high", repeated(clips) if kind == SPEECH else "")
    all_of("high", nested(source, clips))
    if kind == SPEECH:
        slow = lambda clip: clip.seconds > SLOW_SECONDS and clip.letters < SLOW * clip.seconds
        each("medium", "few words for their length: is all of it written down?", slow)
        each("medium", f"noise less than {NOISY:g} dB below the voice", lambda clip: clip.level - clip.floor < NOISY)
        each("low", "letters that are not said", lambda clip: bool(clip.foreign))
    each("medium", "clipped", lambda clip: clip.clipped > CLIPPED)
    each("medium", f"a rate below {rate} Hz: the heights are missing", lambda clip: clip.rate < rate)
    each("low", "very quiet, and their noise is raised with them", lambda clip: clip.level < QUIET)
    each("low", "a constant offset, which was taken off", lambda clip: abs(clip.offset) > OFFSET)
    all_of("low", uneven(clips))
    seconds = sum(clip.seconds for clip in clips)
    all_of("low", f"{seconds:.0f} s are little to learn from" if seconds < LITTLE else "")
    return found


def unrelated(clips: list[Examined]) -> str:
    """Whether texts and sounds seem to be of different clips."""
    letters, seconds = (np.array([getattr(clip, name) for clip in clips], float) for name in ("letters", "seconds"))
    if len(clips) < ENOUGH or letters.std() < 0.1 * letters.mean() or seconds.std() < 0.1 * seconds.mean():
        return ""
    related = float(np.corrcoef(letters, seconds)[0, 1])
    if related >= RELATED:
        return ""
    return f"long texts do not go with long sounds (correlation {related:.2f}): are the texts those of other clips?"


def repeated(clips: list[Examined]) -> str:
    counts = Counter(clip.text for clip in clips)
    same = sum(count for count in counts.values() if count > 1)
    text, count = max(counts.items(), key=lambda item: item[1], default=("", 0))
    return f"{same} clips share their texts, {count} have {text[:60]!r}" if same > max(2, REPEATED * len(clips)) else ""


def nested(source: str, clips: list[Examined]) -> str:
    """Whether a collection may be several speakers that lie two folders deep."""
    folders = {
        clip.path.parent
        for clip in clips
        if clip.path.is_relative_to(source) and len(clip.path.relative_to(source).parts) > 2
    }
    example = shown(min(folders)) if folders else ""
    return (
        f"one voice of {len(folders)} folders in folders, such as {example}: are they one?" if len(folders) > 1 else ""
    )


def uneven(clips: list[Examined]) -> str:
    if len(clips) < 2:
        return ""
    low, high = np.quantile([clip.level for clip in clips], (0.05, 0.95))
    return f"loudness differs by {high - low:.0f} dB" if high - low > UNEVEN else ""
