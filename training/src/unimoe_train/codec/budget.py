"""How long a part of the codec is trained, and how fast it learns meanwhile.

A budget is minutes of training, all runs of the command together, or steps, which are the same on every machine. The
learning rate stays at its peak for the first half and falls along a cosine in the second; a budget that is raised later
brings it up again, so that time can be added to a finished training as if it had been meant so from the start.
"""

import math
import time
from pathlib import Path

from unimoe_train import torch_file
from unimoe_train.recipe import CodecRecipe

STABLE = 0.5  # share of the budget at the peak
FLOOR = 0.05  # share of the peak that is left in the end
WARMUP = 100  # steps up to the peak


class Budget:
    @staticmethod
    def of(recipe: CodecRecipe, part: str, saved: dict | None) -> "Budget":
        """That of "encoder", "decoder" or "adversarial", of which `saved` (if any) has had a share."""
        minutes, steps = sizes(recipe, part)
        return Budget(minutes, steps, *((saved["seconds"], saved["step"]) if saved else ()))

    def __init__(self, minutes: float, steps: int = 0, spent: float = 0.0, step: int = 0):
        """It ends with the first of `minutes` and `steps` that is not 0. `spent` and `step`: seconds and steps of the
        runs before."""
        self.minutes, self.steps = minutes, steps
        self.step = step
        self.before = spent
        self.start = time.monotonic()

    @property
    def seconds(self) -> float:
        return self.before + time.monotonic() - self.start

    @property
    def fraction(self) -> float:
        """The share that is used up."""
        return used(self.minutes, self.steps, self.seconds, self.step)

    @property
    def is_used_up(self) -> bool:
        return self.fraction >= 1

    def rate(self) -> float:
        """The learning rate's share of its peak."""
        return min(1.0, (self.step + 1) / WARMUP) * decay(self.fraction)


def sizes(recipe: CodecRecipe, part: str) -> tuple[float, int]:
    """Minutes and steps of a part's budget."""
    return getattr(recipe, f"{part}_minutes"), getattr(recipe, f"{part}_steps")


def is_finished(recipe: CodecRecipe, part: str, path: Path) -> bool:
    """Whether the part's file tells that it has had its budget, or tells no more than its weights."""
    if not path.exists():
        return False
    saved = torch_file.read(path)
    return "seconds" not in saved or used(*sizes(recipe, part), saved["seconds"], saved["step"]) >= 1


def used(minutes: float, steps: int, seconds: float, step: int) -> float:
    """The share of a budget that is used up; all of one that has neither minutes nor steps."""
    shares = ([seconds / 60 / minutes] if minutes > 0 else []) + ([step / steps] if steps > 0 else [])
    return max(shares, default=1.0)


def decay(fraction: float) -> float:
    if fraction < STABLE:
        return 1.0
    angle = math.pi * min(1.0, (fraction - STABLE) / (1 - STABLE))
    return FLOOR + (1 - FLOOR) * (1 + math.cos(angle)) / 2
