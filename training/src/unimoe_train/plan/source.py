"""Who says what stands in the plan's channels of a request, code frame by code frame."""

from typing import Protocol

import numpy as np

from unimoe_train.plan import score
from unimoe_train.plan.channels import BEAT, DRUMS, TEMPO, Plan, PlanChannel
from unimoe_train.plan.walk import PhonemeWalk, probabilities
from unimoe_train.random_numbers import PLAN, uniforms

FAR_FETCHED = 0.02  # of the likeliest code's probability: codes below are not drawn


class PlanSource(Protocol):
    """Decides the codes of channels, the channels of one delay at a time."""

    ends: bool  # whether the source knows the end; otherwise the first codebook finds it
    silent: frozenset[str]  # names of the channels of which nobody knows anything in this request

    def codes(self, frame: int, delay: int, logits: dict[str, np.ndarray]) -> dict[str, int] | None:
        """The codes of code frame `frame` of all channels with this delay, from the logits of the written ones; `None`
        where the sequence ends before it. Frames come in order."""


class Nobody:
    """Nothing is known."""

    ends = False

    def __init__(self, channels: list[PlanChannel]):
        self.silent = frozenset(channel.name for channel in channels)

    def codes(self, frame: int, delay: int, logits: dict[str, np.ndarray]) -> dict[str, int] | None:
        return {}


class Spoken:
    """A sentence, at the model's pace."""

    ends = True
    silent: frozenset[str] = frozenset()

    def __init__(self, plan: Plan, channels: list[PlanChannel], walk: PhonemeWalk, seed: int):
        self.names, self.index = [channel.name for channel in channels], plan.index(channels[0])
        self.walk, self.seed = walk, seed

    def codes(self, frame: int, delay: int, logits: dict[str, np.ndarray]) -> dict[str, int] | None:
        if delay:
            return {}
        choice, threshold = uniforms(self.seed, np.array([frame]), np.array([self.index]), PLAN)[0]
        codes = self.walk.step(logits[self.names[0]], choice, threshold)
        return None if codes is None else dict(zip(self.names, map(int, codes)))


class Played:
    """Music of which each channel is given, drawn by the model, or unknown."""

    def __init__(
        self,
        plan: Plan,
        channels: list[PlanChannel],
        given: dict[str, np.ndarray],
        drawn: set[str],
        *,
        seed: int,
        code_rate: float,
        ends: bool = True,
        greedy: bool = False,
    ):
        """given: codes [T] of channels, as long as the piece; the beat of a drawn tempo is stepped from it."""
        self.plan, self.channels, self.given, self.drawn = plan, channels, given, drawn
        self.seed, self.code_rate, self.greedy = seed, code_rate, greedy
        self.length = len(next(iter(given.values()))) if given and ends else None
        self.ends = self.length is not None
        known = {*given, *drawn} | ({BEAT} if TEMPO in given or TEMPO in drawn else set())
        self.silent = frozenset(channel.name for channel in channels if channel.name not in known)
        self.held: dict[str, int] = {}
        self.beats: list[int] = []

    def codes(self, frame: int, delay: int, logits: dict[str, np.ndarray]) -> dict[str, int] | None:
        if self.length is not None and frame >= self.length:
            return None
        mine = [channel for channel in self.channels if channel.delay == delay]
        mine = [channel for channel in mine if channel.name not in self.silent]
        found = {channel.name: self.code(channel, frame, logits) for channel in mine if channel.name != BEAT}
        if any(channel.name == BEAT for channel in mine):  # after the tempo, from which it may follow
            found[BEAT] = self.beat(frame)
            self.beats.append(found[BEAT])
        return found

    def code(self, channel: PlanChannel, frame: int, logits: dict[str, np.ndarray]) -> int:
        if channel.name in self.given:
            return int(self.given[channel.name][frame])
        if self.decides(channel, frame):
            self.held[channel.name] = self.draw(channel, frame, logits[channel.name])
        elif channel.name == DRUMS:
            return 0
        return self.held[channel.name]

    def beat(self, frame: int) -> int:
        if BEAT in self.given:
            return int(self.given[BEAT][frame])
        tempo = int(self.given[TEMPO][0]) if TEMPO in self.given else self.held[TEMPO]
        bpm, meter = score.tempo_of(tempo)
        return int(score.beats(bpm, meter, self.code_rate, frame, 1)[0])

    def decides(self, channel: PlanChannel, frame: int) -> bool:
        """Whether a channel is decided in a code frame. The beats are known up to there, except at delay 0."""
        if frame == 0 or len(self.beats) <= frame:
            return frame == 0
        return bool(score.decisions(np.array(self.beats[frame - 1 : frame + 1]))[channel.name][1])

    def draw(self, channel: PlanChannel, frame: int, logits: np.ndarray) -> int:
        p = probabilities(logits[: channel.codes], 1.0)
        if self.greedy:
            return int(p.argmax())
        p[p < FAR_FETCHED * p.max()] = 0
        sums = p.cumsum()
        uniform, _ = uniforms(self.seed, np.array([frame]), np.array([self.plan.index(channel)]), PLAN)[0]
        return min(int((sums <= uniform * sums[-1]).sum()), channel.codes - 1)
