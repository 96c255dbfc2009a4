"""Statistics of the clips that the judges learn from, kept in the state folder: they take longer than the learning."""

from collections.abc import Callable

import numpy as np

from unimoe_train.data.clips import ClipSet
from unimoe_train.evaluate import hearing
from unimoe_train.progress import progress
from unimoe_train.state import State, replacing


def of_set(
    state: State, name: str, limit: int, what: str, measure: Callable[[np.ndarray], np.ndarray]
) -> tuple[np.ndarray, list[dict]]:
    """`measure` of the first `limit` clips of a set, [clips, ...], and the clips. `what` names the measure's file."""
    clips = ClipSet(state, name)
    count = min(limit, len(clips))
    path = state.path("evaluate", "statistics", f"{what}-{name}.npy")
    newer = path.exists() and path.stat().st_mtime >= state.clips(name).stat().st_mtime
    values = np.load(path) if newer else None
    if values is None or len(values) != count:
        values = np.stack(
            [
                measure(hearing.clip(clips, index))
                for index in progress(range(count), title=f"{what} of {name}", unit="clip")
            ]
        )
        with replacing(path) as temporary:
            np.save(temporary, values)
    return values, clips.clips[:count]
