"""How long a part of the codec is trained, and how fast it learns meanwhile.

A budget is minutes of training, all runs of the command together. The learning rate stays at its peak for the first half and
falls along a cosine in the second; a budget that is raised later brings it up again, so that time can be added to a finished
training as if it had been meant so from the start.
"""

import math
import time

STABLE = 0.5  # share of the budget at the peak
FLOOR = 0.05  # share of the peak that is left in the end
WARMUP = 100  # steps up to the peak


class Budget:
    def __init__(self, minutes: float, spent: float = 0.0):
        """`spent`: seconds of the runs before."""
        self.minutes = minutes
        self.before = spent
        self.start = time.monotonic()

    @property
    def seconds(self) -> float:
        return self.before + time.monotonic() - self.start

    @property
    def fraction(self) -> float:
        return self.seconds / 60 / self.minutes if self.minutes > 0 else 1.0

    @property
    def is_used_up(self) -> bool:
        return self.fraction >= 1

    def rate(self, step: int) -> float:
        """The learning rate's share of its peak."""
        return min(1.0, (step + 1) / WARMUP) * decay(self.fraction)


def decay(fraction: float) -> float:
    if fraction < STABLE:
        return 1.0
    angle = math.pi * min(1.0, (fraction - STABLE) / (1 - STABLE))
    return FLOOR + (1 - FLOOR) * (1 + math.cos(angle)) / 2
