"""Generation in PyTorch, faithful to the reference: for evaluation, and to compare the engine with.

A request is a pair of rows, unconditional and conditional, that get the same code frames. Rows do not interact, so a
request's codes depend on its own seed alone, not on what else is in the batch.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from unimoe_train import sampler
from unimoe_train.delay import delayed, undelayed
from unimoe_train.model.attention import MASKED, KeyValueCache
from unimoe_train.model.configuration import ModelConfiguration
from unimoe_train.model.decoder import LanguageModel
from unimoe_train.prompts import Prompts
from unimoe_train.recipe import SamplingDefaults
from unimoe_train.tokenizer import END, Tokenizer


@dataclass
class Voice:
    """What a voice prompt says, and its codes [T, C]."""

    transcript: str
    codes: np.ndarray


@dataclass
class Request:
    """Prompts of a pair of rows, and the voice prompt's code frames in delay order [T + D + 1, C]."""

    unconditional: list[int]
    conditional: list[int]
    voice_frames: np.ndarray | None
    seed: int = 0


@dataclass
class Result:
    codes: np.ndarray  # [T, C], in time order
    ended: bool  # whether the model ended by itself, not the longest length
    frames: np.ndarray  # [steps + 1, C], as fed, from the BOS frame on


class Generator:
    """Speaks and composes with one model."""

    def __init__(self, model: LanguageModel, tokenizer: Tokenizer):
        self.model, self.tokenizer, self.prompts = model.eval(), tokenizer, Prompts(tokenizer)

    def speak(
        self,
        texts: Sequence[str],
        voices: Voice | Sequence[Voice],
        sampling: SamplingDefaults,
        *,
        seed: int = 0,
        batch: int = 16,
    ) -> list[Result]:
        """Speaks each text, in one voice or each in its own. Request i has the seed `seed` + i."""
        voices = [voices] * len(texts) if isinstance(voices, Voice) else voices
        requests = []
        for index, (text, voice) in enumerate(zip(texts, voices, strict=True)):
            frames = delayed(voice.codes, self.model.configuration)
            transcript = self.tokenizer.encode(voice.transcript)
            rows = [self.prompts.speech(transcript, len(frames), ids) for ids in ([], self.tokenizer.encode(text))]
            requests.append(Request(*rows, frames, seed + index))
        return self.run(requests, sampling, batch)

    def compose(
        self, captions: Sequence[str], sampling: SamplingDefaults, *, seed: int = 0, batch: int = 16
    ) -> list[Result]:
        """Composes to each caption. Request i has the seed `seed` + i."""
        poor = self.prompts.music(self.prompts.poor_caption)
        return self.run(
            [
                Request(poor, self.prompts.music(self.tokenizer.encode(caption)), None, seed + index)
                for index, caption in enumerate(captions)
            ],
            sampling,
            batch,
        )

    def run(self, requests: list[Request], sampling: SamplingDefaults, batch: int) -> list[Result]:
        """In batches of requests whose prompts are about as long, so that little is filled up."""
        results: list[Result | None] = [None] * len(requests)
        order = sorted(range(len(requests)), key=lambda i: len(requests[i].conditional))
        for start in range(0, len(order), batch):
            chosen = order[start : start + batch]
            for index, result in zip(chosen, self.batch([requests[i] for i in chosen], sampling)):
                results[index] = result
        return results

    @torch.no_grad()
    def batch(
        self,
        requests: list[Request],
        sampling: SamplingDefaults,
        uniforms: Callable[[int, list[int]], Tensor] | None = None,
        trace: list | None = None,
    ) -> list[Result]:
        """All requests side by side, until the last is finished.

        uniforms: for a step and the requests that still run, numbers in 0 ... 1 [requests, C] in place of those that
        come from the requests' seeds. trace: collects each step's codes [B, C] before anything overrides them; then no
        request leaves before the last is finished.
        """
        c = self.model.configuration
        streams = Streams(self.model, requests, self.tokenizer.id(END), sampling.max_tokens)
        progress = [Progress(c, sampling.max_tokens) for _ in requests]
        randoms = [np.random.default_rng([request.seed, 7]) for request in requests]
        running = list(range(len(requests)))
        for step in range(sampling.max_tokens):
            logits = streams.step(torch.from_numpy(np.stack([progress[i].frames[-1] for i in running])))
            logits = sampler.allowed(sampler.guided(logits, sampling.cfg_scale), step, sampling, c)
            drawn = (
                uniforms(step, running)
                if uniforms
                else torch.from_numpy(np.stack([randoms[i].random(c.codebooks) for i in running]))
            )
            chosen = sampler.choose(logits, sampling, drawn, c.eos).numpy()
            if trace is not None:
                trace.append(chosen.copy())
            for i, codes in zip(running, chosen):
                progress[i].add(codes)
            active = [place for place, i in enumerate(running) if not progress[i].is_finished]
            if not active:
                break
            if trace is None and 4 * len(active) <= 3 * len(running):
                running = [running[place] for place in active]
                streams.keep(active)
        return [one.result() for one in progress]


class Progress:
    """The code frames of one request, with what generation forces on them: BOS within the delay, the end's pattern."""

    def __init__(self, configuration: ModelConfiguration, max_tokens: int):
        self.configuration, self.max_tokens = configuration, max_tokens
        self.frames = [np.full(configuration.codebooks, configuration.bos, np.int64)]
        self.delay = np.array(configuration.delay)
        self.left: int | None = None  # frames until everything is written, once the end has come
        self.end = 0  # the frame that holds the end
        self.ended = False

    @property
    def is_finished(self) -> bool:
        return self.left == 0

    def add(self, codes: np.ndarray) -> None:
        """Takes what the model chose for the next frame."""
        c, t = self.configuration, len(self.frames)
        codes = codes.copy()
        if self.left is None and (codes[0] == c.eos or t >= self.max_tokens - c.maximum_delay):
            self.ended = bool(codes[0] == c.eos)
            self.left, self.end = c.maximum_delay, t
        if self.left:
            since = c.maximum_delay - self.left
            codes[self.delay == since] = c.eos
            codes[self.delay < since] = c.pad
            self.left -= 1
        codes[t <= self.delay] = c.bos
        self.frames.append(codes)

    def result(self) -> Result:
        c = self.configuration
        frames = np.stack(self.frames)
        end = self.end if self.left is not None else len(self.frames) - c.maximum_delay
        return Result(undelayed(frames[1:], max(0, end - 1), c), self.ended, frames)


class Streams:
    """The rows of some requests with their caches, two per request."""

    def __init__(self, model: LanguageModel, requests: list[Request], filling: int, steps: int):
        """Runs the prompts, filled up on the left; their logits are of no use."""
        self.model = model
        c = model.configuration
        rows = [ids for request in requests for ids in (request.unconditional, request.conditional)]
        longest = max(map(len, rows))
        ids = torch.tensor([[filling] * (longest - len(row)) + row for row in rows])
        lengths = torch.tensor([len(row) for row in rows])
        valid = torch.arange(longest) >= longest - lengths[:, None]
        voices = [torch.from_numpy(r.voice_frames) for r in requests for _ in range(2) if r.voice_frames is not None]
        self.caches = [KeyValueCache(len(rows), longest + steps, c) for _ in range(c.layers)]
        self.positions = lengths
        self.padding = torch.zeros(len(rows), 1, longest + steps).masked_fill_(
            torch.nn.functional.pad(~valid, (0, steps))[:, None], MASKED
        )
        causal = torch.full((longest, longest), MASKED).triu(1)
        model.run(
            model.embed(ids, torch.cat(voices) if voices else None),
            positions=(valid.cumsum(-1) - 1).masked_fill(~valid, 1),
            caches=self.caches,
            mask=(causal + self.padding[:, :, :longest]).clamp(min=MASKED),
        )

    def step(self, frames: Tensor) -> Tensor:
        """The next code frame of every request [B, C] -> logits [2 B, C, V]."""
        hidden = self.model.run(
            self.model.embed_codes(frames.repeat_interleave(2, 0))[:, None],
            positions=self.positions[:, None],
            mask=self.padding[:, :, : self.caches[0].length + 1],
            caches=self.caches,
        )
        self.positions = self.positions + 1
        return self.model.logits(hidden[:, 0]).float()

    def keep(self, requests: list[int]) -> None:
        """Goes on with these requests only."""
        rows = torch.tensor([row for request in requests for row in (2 * request, 2 * request + 1)])
        for cache in self.caches:
            cache.select(rows)
        self.positions, self.padding = self.positions[rows], self.padding[rows]
