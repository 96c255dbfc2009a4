"""How one network of the codec is trained: a budget, steps, a log, a file that goes on after any stop."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch

from unimoe_train import torch_file
from unimoe_train.codec.averaged import Averaged
from unimoe_train.codec.budget import Budget
from unimoe_train.csvlog import CSVLog
from unimoe_train.errors import BadInput
from unimoe_train.finite import are_finite, not_finite
from unimoe_train.interruption import Interruption
from unimoe_train.machine import compute_device
from unimoe_train.recipe import CodecRecipe
from unimoe_train.state import State

REPORT = 50  # steps
SAVE_SECONDS = 180


class Keys(NamedTuple):
    """What a training's file calls its weights as they are, their average, and the optimizer's state."""

    raw: str
    averaged: str
    optimizer: str


class NetworkTraining:
    """Its file holds the weights under `KEYS`, the network's width, and to go on: step, seconds, and what `extras` adds."""

    PART: str  # of the budget
    FILE: str
    KEYS: Keys
    COLUMNS: tuple[str, ...]  # of the log, beside step, seconds and rate
    BETAS: tuple[float, float]
    LONGEST_GRADIENT: float

    def __init__(self, state: State, recipe: CodecRecipe, width: int):
        self.path, self.recipe, self.width = state.path(self.FILE), recipe, width
        self.device = compute_device()
        self.log = CSVLog(state.log(Path(self.FILE).stem), ["step", "seconds", *self.COLUMNS, "rate"])
        self.network = self.make_network().to(self.device)
        self.optimizer = torch.optim.AdamW(self.network.parameters(), self.peak_rate, self.BETAS, weight_decay=1e-4)
        saved = torch_file.read(self.path) if self.path.exists() else None
        if saved and self.KEYS.raw not in saved:
            saved = None  # weights that somebody released: nothing goes on from them
        self.budget = Budget.of(recipe, self.PART, saved)
        self.last_saved = self.budget.seconds
        self.means: dict[str, float] = {}
        if saved:
            if saved["width"] != width:
                raise BadInput(self.path, expected=f"{self.PART} of width {width}", found=saved["width"])
            self.network.load_state_dict(saved[self.KEYS.raw])
            if self.KEYS.optimizer in saved:
                self.optimizer.load_state_dict(saved[self.KEYS.optimizer])
        else:
            self.begin(state)
        self.average = Averaged(self.network, saved and saved[self.KEYS.averaged])
        self.restore(saved)

    def make_network(self) -> torch.nn.Module:
        raise NotImplementedError

    @property
    def peak_rate(self) -> float:
        """The highest learning rate."""
        raise NotImplementedError

    @property
    def averaging(self) -> float:
        """The share of the average that a step's weights take."""
        raise NotImplementedError

    def learn(self) -> dict[str, float]:
        """One step; what is logged of it as a running mean."""
        raise NotImplementedError

    def report(self) -> dict[str, float]:
        """What is logged of the last step as it is."""
        return {}

    def begin(self, state: State) -> None:
        """Prepares a training that has no file yet."""

    def restore(self, saved: dict | None) -> None:
        """Reads what else a training's file holds."""

    def extras(self) -> dict:
        """What else a training's file holds."""
        return {}

    @property
    def step(self) -> int:
        """How many have been made."""
        return self.budget.step

    def run(self, stop: Interruption, progress: Callable[[float], None]) -> None:
        """Trains until the budget is used up or `stop` is raised, and saves; `progress` hears the share of it."""
        while not self.budget.is_used_up and not stop:
            for name, value in self.learn().items():
                self.means[name] = 0.97 * self.means.get(name, value) + 0.03 * value
            if self.step % REPORT == 0:
                rate = self.optimizer.param_groups[0]["lr"]
                figures = {**self.means, **self.report()}
                self.log.write(step=self.step, seconds=self.budget.seconds, rate=rate, **figures)
            if self.budget.seconds - self.last_saved > SAVE_SECONDS:
                self.save()
            progress(self.budget.fraction)
        self.save()
        self.log.close()

    def improve(self, loss: torch.Tensor) -> None:
        """One step down a loss's gradient."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.peak_rate * self.budget.rate()
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.check(loss, torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.LONGEST_GRADIENT))
        self.optimizer.step()
        self.budget.step += 1
        self.average.update(self.averaging)

    def check(self, *numbers: torch.Tensor) -> None:
        """Throws `BadInput` where a loss or a weight is not finite; what was saved before stays."""
        if not are_finite(numbers):
            raise not_finite(f"codec.{self.PART}_rate", "the loss", self.step, self.path)

    def save(self) -> None:
        self.check(*self.network.parameters(), *self.average.values)
        self.last_saved = self.budget.seconds
        contents = {
            self.KEYS.raw: self.network.state_dict(),
            self.KEYS.averaged: self.average.state_dict(),
            self.KEYS.optimizer: self.optimizer.state_dict(),
            "width": self.width,
            "step": self.step,
            "seconds": self.budget.seconds,
            **self.extras(),
        }
        torch_file.write(self.path, contents)
