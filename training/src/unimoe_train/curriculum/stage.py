"""What a stage of the curriculum is, and how far it is."""

from collections.abc import Callable
from dataclasses import dataclass, field

from unimoe_train.recipe import StageRecipe


@dataclass
class Stage:
    """What one stage trains on, what of the model, and for how long."""

    name: str
    budget: StageRecipe
    mix: list[dict[str, int]]  # one batch a step of each entry: the domains it is drawn from, and their positions
    learns: Callable[[str], bool] = lambda name: True  # which parameters
    anneals_balance: bool = False
    limit: int = 0  # clips per domain; 0: all
    origin: str = ""  # which checkpoint this one goes on from, by its bytes; empty: the stage before
    history: list[dict] = field(default_factory=list)  # the stages of that checkpoint

    @property
    def domains(self) -> list[str]:
        """Of its data, in a fixed order."""
        return sorted({domain for positions in self.mix for domain in positions})


@dataclass
class Counters:
    """How far a stage is."""

    step: int = 0
    tokens: float = 0
    seconds: float = 0.0

    def done(self, budget: StageRecipe) -> float:
        """The share of the budget that is used up; the largest of its kinds counts."""
        shares = [
            self.seconds / 60 / budget.minutes if budget.minutes else 0.0,
            self.tokens / budget.tokens if budget.tokens else 0.0,
            self.step / budget.steps if budget.steps else 0.0,
        ]
        return max(shares)
