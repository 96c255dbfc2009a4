"""The rows that one request has written, with what generation forces on them."""

import numpy as np

from unimoe_train.delay import FrameLayout
from unimoe_train.plan.source import PlanSource


class GeneratedRows:
    """BOS within the delays, the plan source's codes, and the end's pattern, by the rules of docs/plan-channels.md."""

    def __init__(self, layout: FrameLayout, source: PlanSource, max_tokens: int):
        self.layout, self.source, self.max_tokens = layout, source, max_tokens
        self.delays = [int(delay) for delay in np.unique(layout.delay[: layout.planned])]
        self.silent = np.array([channel.name in source.silent for channel in layout.channels], bool)
        self.rows: list[np.ndarray] = []
        self.length: int | None = None  # once the end is known
        self.ended = False  # by the model or the plan
        self.rows.append(self.forced(layout.bos))

    @property
    def is_finished(self) -> bool:
        longest = self.layout.longest
        return self.length is not None and len(self.rows) > self.length + max(1, longest)

    def add(self, codes: np.ndarray, logits: list[np.ndarray]) -> None:
        """Takes what the model answers to the last row: the codebooks' codes [C] and the logits of the written plan
        channels."""
        layout, step = self.layout, len(self.rows) - 1
        plan = layout.unknown.copy()
        written = dict(zip([layout.channels[i].name for i in layout.written], logits))
        for delay in self.delays:
            if step < delay or (self.length is not None and step - delay >= self.length):
                continue
            found = self.source.codes(step - delay, delay, written)
            if found is None:
                self.end(step - delay, True)
                continue
            for column, channel in enumerate(layout.channels):
                plan[column] = found.get(channel.name, plan[column])
        first = int(layout.delay[layout.planned])
        if self.length is None and codes[0] == layout.eos[layout.planned] and step >= first:
            self.end(step - first, True)
        if self.length is None and step + 1 >= self.max_tokens - layout.longest:
            self.end(step, False)
        self.rows.append(self.forced(np.concatenate([plan, codes])))

    def end(self, length: int, ended: bool) -> None:
        self.length, self.ended = length, ended

    def forced(self, row: np.ndarray) -> np.ndarray:
        """The next row, from what was answered."""
        layout, row = self.layout, row.copy()
        place = len(self.rows) - layout.delay - 1
        if self.length is not None and not self.is_finished:  # afterwards the reference goes on freely
            row = np.where(place == self.length, layout.eos, np.where(place > self.length, layout.pad, row))
        row = np.where(place < 0, layout.bos, row)
        row[: layout.planned][self.silent] = layout.unknown[self.silent]
        return row

    def window(self, count: int) -> np.ndarray:
        """The last `count` rows that were read [count, P + C], as if the sequence began with them."""
        rows = np.stack(self.rows[-count - 1 : -1])
        early = np.arange(count)[:, None] <= self.layout.delay
        early[:, : self.layout.planned][:, self.silent] = False
        return np.where(early, self.layout.bos, rows)

    def result(self) -> tuple[np.ndarray, np.ndarray]:
        """The codes [T, C] and the plan [T, P], in time order."""
        layout, rows = self.layout, np.stack(self.rows[1:])
        length = len(rows) - layout.longest if self.length is None else self.length
        frames = layout.undelayed(rows, max(0, length))
        return frames[:, layout.planned :], frames[:, : layout.planned]
