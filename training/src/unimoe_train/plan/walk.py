"""A walk through the states of a sentence: which phoneme every code frame speaks, by the rule of docs/plan-channels.md.

It never skips, repeats or goes on for ever. Durations of low variance matter most: drawn exactly, every code frame anew,
six words of a hundred more were wrong than with a threshold for the chance that is left of staying.
"""

from dataclasses import dataclass, field

import numpy as np

from unimoe_train.plan.sentence import Sentence
from unimoe_train.ranges import Real, Share, Whole

NEGLIGIBLE = 1e-7  # together the options' probabilities, at which none of them is preferred


@dataclass
class WalkSettings:
    """How durations are drawn; goes into generation_config.json under `unimoe_audio.speech.walk`."""

    centre: Real[0.001, 0.999] = 0.5
    spread: Share = 0.2
    renorm: bool = True
    speed: Real[0.7, 1.5] = 1.0
    temperature: Real[0.001, 1000] = 1.0
    longest: Whole[1, 100000] = 30  # code frames of a phoneme
    longest_pause: Whole[1, 100000] = 60


@dataclass
class PhonemeWalk:
    """Where a walk is: `state` -1 before the first code frame."""

    sentence: Sentence
    settings: WalkSettings
    greedy: bool = False
    state: int = -1
    parity: int = 1
    survival: float = 1.0
    threshold: float = 0.0
    run: int = 0  # code frames of the present state
    path: list[int] = field(default_factory=list)  # the state of every code frame so far

    def step(self, logits: np.ndarray, choice: float, threshold: float) -> np.ndarray | None:
        """The codes of phoneme, ahead1 and ahead2 [3] of the next code frame, `None` at the end.

        logits [2 P + 1] of the phoneme; choice, threshold: uniform numbers in 0 ... 1 of this code frame.
        """
        p = probabilities(logits, self.settings.temperature)
        options: list[int | None] = list(self.sentence.options(self.state))
        chances = [p[2 * self.sentence.phonemes[state] + 1 - self.parity] for state in options]
        if self.sentence.may_end(self.state):
            options.append(None)
            chances.append(p[-1])
        if not self.stays(p, float(sum(chances))):
            entered = self.chosen(options, chances, choice)
            if entered is None:
                return None
            self.state, self.parity = entered, 1 - self.parity
            self.survival, self.run = 1.0, 0
            spread = 0.0 if self.greedy else self.settings.spread * (threshold - 0.5)
            self.threshold = self.settings.centre + spread
        self.run += 1
        self.path.append(self.state)
        code = 2 * self.sentence.phonemes[self.state] + self.parity
        return np.array([code, *self.sentence.ahead[self.state]])

    def stays(self, p: np.ndarray, leave: float) -> bool:
        """Whether the state lasts one code frame more; takes its chance off the survival."""
        if self.state < 0:
            return False
        settings, sentence = self.settings, self.sentence
        stay = float(p[2 * sentence.phonemes[self.state] + self.parity])
        if settings.renorm:
            stay = stay / (stay + leave) if stay + leave > 0 else 0.0
        self.survival *= stay**settings.speed
        limit = settings.longest_pause if sentence.optional[self.state] else settings.longest
        return self.run < limit and self.survival >= self.threshold

    def chosen(self, options: list[int | None], chances: list[float], choice: float) -> int | None:
        total = sum(chances)
        if total <= NEGLIGIBLE:
            states = [state for state in options if state is not None]
            return states[-1] if states else None
        if self.greedy:
            return options[int(np.argmax(chances))]
        sums = np.cumsum(chances)
        return options[min(int((sums <= choice * total).sum()), len(options) - 1)]


def probabilities(logits: np.ndarray, temperature: float) -> np.ndarray:
    """The softmax of float32 logits over a temperature, in float64."""
    scaled = logits.astype(np.float64) / temperature
    weights = np.exp(scaled - scaled.max())
    return weights / weights.sum()
