"""All that a training changes: what `trainer` makes progress with and `snapshot` saves."""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from unimoe_train.batches.epochs import Epochs
from unimoe_train.curriculum.optimizer import Optimizer
from unimoe_train.curriculum.stage import Counters, Stage
from unimoe_train.curriculum.step import Objective
from unimoe_train.finite import are_finite


@dataclass
class Training:
    """One stage of one model on its way."""

    stage: Stage
    objective: Objective
    optimizer: Optimizer
    average: list[Tensor]  # running means of the objective's parameters, in their order
    epochs: list[Epochs]  # of every entry of the stage's mix
    counters: Counters = field(default_factory=Counters)
    sets: dict[str, str] = field(default_factory=dict)  # the data sets that it learned (`learned`)

    def tensors(self, allocating: bool = False) -> dict:
        """All tensors by name, sharing their memory. `allocating` makes the optimizer's where missing."""
        names = dict(self.objective.named_parameters())
        if allocating:
            self.optimizer.allocate()
        state = self.optimizer.state
        return {
            "objective": self.objective.state_dict(),
            "average": dict(zip(names, self.average)),
            "optimizer": {name: dict(state[p]) for name, p in names.items() if state[p]},
        }

    @property
    def is_finite(self) -> bool:
        """Whether no weight is NaN or infinite, in this process's part of them."""
        return are_finite([*self.objective.parameters(), *self.average])

    @torch.no_grad()
    def update_average(self, longest: float) -> None:
        """The exponential mean of the weights, which is what is exported; younger at first."""
        decay = min(longest, (1 + self.counters.step) / (10 + self.counters.step))
        torch._foreach_lerp_(self.average, [p.detach() for p in self.objective.parameters()], 1 - decay)

    def averaged(self) -> "Swapped":
        """Within `with`, the objective has the averaged weights."""
        return Swapped(list(self.objective.parameters()), self.average)


class Swapped:
    """Exchanges the contents of two lists of tensors, and back at the end."""

    def __init__(self, first: list[Tensor], second: list[Tensor]):
        self.first, self.second = first, second

    @torch.no_grad()
    def swap(self) -> None:
        for a, b in zip(self.first, self.second):
            kept = a.detach().clone()
            a.copy_(b)
            b.copy_(kept)

    def __enter__(self) -> None:
        self.swap()

    def __exit__(self, *_: object) -> None:
        self.swap()
