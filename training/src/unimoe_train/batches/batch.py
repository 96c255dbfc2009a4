"""Rows side by side."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from unimoe_train.batches.row import Row
from unimoe_train.model.heads import IGNORE


@dataclass
class Batch:
    """B rows of T positions, filled up on the right."""

    domain: str
    ids: Tensor  # [B, T]
    frames: Tensor  # [F, P + C] of all rows, in reading order
    labels: Tensor  # [B, T, C], the frame after each position, `IGNORE` where none is learned
    plan: Tensor  # [B, T, W], the same for the plan's written channels
    weight: Tensor  # [B, T]
    valid: Tensor  # [B, T] bool, False in the filling
    shared: int = 0  # how many tokens all rows begin with: they are computed once

    @staticmethod
    def of(domain: str, rows: list[Row], filling: int, shared: int) -> "Batch":
        """Fills rows up to the longest with the token `filling`."""
        B, T = len(rows), max(len(row.ids) for row in rows)
        filled = lambda value, *shape: np.full((B, T, *shape), value, type(value))
        ids, weight, valid = filled(filling), filled(0.0).astype(np.float32), filled(False)
        labels, plan = filled(IGNORE, rows[0].labels.shape[1]), filled(IGNORE, rows[0].plan.shape[1])
        for b, row in enumerate(rows):
            n = len(row.ids)
            ids[b, :n], weight[b, :n], valid[b, :n] = row.ids, row.weight, True
            labels[b, :n], plan[b, :n] = row.labels, row.plan
        frames = np.concatenate([row.frames for row in rows])
        arrays = (ids, frames, labels, plan, weight, valid)
        return Batch(domain, *(torch.from_numpy(array) for array in arrays), shared=shared)

    @property
    def tokens(self) -> int:
        return int(self.valid.sum())

    def split(self) -> tuple[Tensor, "Batch"]:
        """The tokens [1, shared] that all rows begin with, and the rows after them."""
        own = {name: getattr(self, name)[:, self.shared :] for name in ("ids", "labels", "plan", "weight", "valid")}
        return self.ids[:1, : self.shared], replace(self, **own, shared=0)

    def changed(self, change: Callable[[Tensor], Tensor]) -> "Batch":
        """The same with `change` applied to every tensor."""
        return replace(self, **{name: change(value) for name, value in vars(self).items() if isinstance(value, Tensor)})

    def pin_memory(self) -> "Batch":
        """In memory from which a device copies while the process goes on; a `DataLoader` calls this."""
        return self.changed(Tensor.pin_memory)
