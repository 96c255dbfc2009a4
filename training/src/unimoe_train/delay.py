"""The delay pattern: channel c of a code frame stands delay[c] rows later, which orders the channels of a frame.

A frame's channels are the plan's of its domain, then the codebooks. Everything here is NumPy on whole clips.
"""

import numpy as np

from unimoe_train.model.configuration import ModelConfiguration
from unimoe_train.model.heads import IGNORE


class FrameLayout:
    """The channels of a domain's code frames: P of the plan, then C codebooks."""

    def __init__(self, c: ModelConfiguration, domain: str):
        plan = c.channels(domain)
        self.channels, self.codebooks = plan, c.codebooks
        books = lambda code: [code] * c.codebooks
        self.delay = np.array([channel.delay for channel in plan] + c.delay)
        self.eos = np.array([channel.eos for channel in plan] + books(c.eos))
        self.pad = np.array([channel.pad for channel in plan] + books(c.pad))
        self.bos = np.array([channel.bos for channel in plan] + books(c.bos))
        self.unknown = np.array([channel.unknown for channel in plan], np.int64)
        self.written = np.flatnonzero([channel.written for channel in plan])
        self.longest = int(self.delay.max())

    @property
    def planned(self) -> int:
        """P."""
        return len(self.channels)

    def nobody(self, frames: int) -> np.ndarray:
        """A plan [T, P] of which nothing is known."""
        return np.tile(self.unknown, (frames, 1))

    def rows(self, plan: np.ndarray, codes: np.ndarray, count: int, ends: bool = True) -> np.ndarray:
        """The first `count` rows [count, P + C] of a plan [T, P] and codes [T, C]: BOS up to row `delay`, then the
        codes, one EOS, and PAD. A channel that is unknown throughout is so in all rows. Without an end there may be no
        more than T rows."""
        T, values = len(codes), np.concatenate([plan, codes], 1)
        place = np.arange(count)[:, None] - self.delay - 1
        rows = np.where(place < 0, self.bos, np.where(place == T, self.eos, self.pad))
        inside = (place >= 0) & (place < T)
        rows = np.where(inside, np.take_along_axis(values, np.clip(place, 0, T - 1), 0), rows) if T else rows
        silent = np.flatnonzero((plan == self.unknown).all(0))
        rows[:, silent] = self.unknown[silent]
        return rows

    def voice(self, plan: np.ndarray, codes: np.ndarray) -> np.ndarray:
        """A clip as the model sees it as a voice prompt, [T + D + 1, P + C]."""
        return self.rows(plan, codes, len(codes) + self.longest + 1)

    def generated(
        self, plan: np.ndarray, codes: np.ndarray, decided: np.ndarray, ends: bool = True
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What generation feeds and what it should answer for a clip.

        plan [T, P] as it is shown; decided [T, P] bool: where a channel's code is a decision. Returns inputs
        [steps, P + C] and for each the labels of the codebooks [steps, C] and of the written channels [steps, W]:
        codes, EOS where a channel ends the sequence; `IGNORE` where generation overrides the model's answer.
        T + D steps, at least T + 1, or T for a piece that goes on (not `ends`).
        """
        T, P = len(codes), self.planned
        steps = T + max(1, self.longest) if ends else T
        wanted = np.full((steps, P + self.codebooks), IGNORE, np.int64)
        known = decided & (plan != self.unknown)
        values = np.concatenate([np.where(known, plan, IGNORE), codes], 1)
        for column, delay in enumerate(self.delay):
            wanted[delay : delay + T, column] = values[: max(0, steps - delay), column]
        if ends:
            wanted[T + self.delay[P], P] = self.eos[P]
            if P and self.channels[0].ends and T and known[-1, 0]:
                wanted[T + self.delay[0], 0] = self.eos[0]
        return self.rows(plan, codes, steps, ends), wanted[:, P:], wanted[:, self.written]

    def undelayed(self, rows: np.ndarray, length: int) -> np.ndarray:
        """The code frames [length, P + C] of generated rows [at least length + D, P + C], of which the first follows
        BOS."""
        return np.stack([rows[delay : delay + length, column] for column, delay in enumerate(self.delay)], 1)
