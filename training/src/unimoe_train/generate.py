"""Generation in PyTorch, faithful to the reference: for evaluation, and to compare the engine with.

A request is a pair of rows, unconditional and conditional, that get the same code frames; the plan is unknown to the
unconditional one. Rows do not interact, so a request's codes depend on its own seed alone, not on what else is in the
batch.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from unimoe_train import sampler
from unimoe_train.delay import FrameLayout
from unimoe_train.generated_rows import GeneratedRows
from unimoe_train.model.attention import MASKED, KeyValueCache
from unimoe_train.model.decoder import LanguageModel
from unimoe_train.plan.sentence import Sentence
from unimoe_train.plan.source import Nobody, PlanSource, Played, Spoken
from unimoe_train.plan.walk import PhonemeWalk, WalkSettings
from unimoe_train.prompts import Prompts
from unimoe_train.random_numbers import CODEBOOKS, uniforms
from unimoe_train.recipe import DOMAINS, MUSIC, SPEECH, SamplingDefaults
from unimoe_train.tokenizer import END, Tokenizer

WINDOW, KEPT = 400, 200  # rows after the prompt that are read at most, and those that stay when these are full


@dataclass
class Voice:
    """What a voice prompt says, its codes [T, C], and its plan [T, P] if it is known."""

    transcript: str
    codes: np.ndarray
    plan: np.ndarray | None = None


@dataclass
class Request:
    """Prompts of a pair of rows, the voice prompt's rows [T + D + 1, P + C], and who says what stands in the plan."""

    unconditional: list[int]
    conditional: list[int]
    voice_rows: np.ndarray | None
    source: PlanSource
    domain: str = MUSIC
    seed: int = 0


@dataclass
class Result:
    codes: np.ndarray  # [T, C], in time order
    plan: np.ndarray  # [T, P]
    ended: bool  # whether the model or the plan ended, not the longest length
    rows: np.ndarray  # [steps + 1, P + C], as fed, from the BOS row on


class Generator:
    """Speaks and composes with one model."""

    def __init__(self, model: LanguageModel, tokenizer: Tokenizer, code_rate: float = 50.0):
        self.model, self.tokenizer, self.prompts = model.eval(), tokenizer, Prompts(tokenizer)
        self.layouts = {domain: FrameLayout(model.configuration, domain) for domain in DOMAINS}
        self.code_rate = code_rate

    def speak(
        self,
        texts: Sequence[str],
        voices: Voice | Sequence[Voice],
        sampling: SamplingDefaults,
        *,
        sentences: Sequence[Sentence] = (),
        walk: WalkSettings | None = None,
        seed: int = 0,
        batch: int = 16,
    ) -> list[Result]:
        """Speaks each text, in one voice or each in its own. Request i has the seed `seed` + i. A model with a plan
        needs the texts' `sentences`."""
        voices = [voices] * len(texts) if isinstance(voices, Voice) else voices
        said = sentences or [None] * len(texts)
        requests = [
            self.speech_request(text, voice, sampling, sentence, walk, seed + index)
            for index, (text, voice, sentence) in enumerate(zip(texts, voices, said, strict=True))
        ]
        return self.run(requests, sampling, batch)

    def speech_request(
        self,
        text: str,
        voice: Voice,
        sampling: SamplingDefaults,
        sentence: Sentence | None = None,
        walk: WalkSettings | None = None,
        seed: int = 0,
    ) -> Request:
        layout, plan = self.layouts[SPEECH], self.model.configuration.plan
        rows = layout.voice(layout.nobody(len(voice.codes)) if voice.plan is None else voice.plan, voice.codes)
        transcript = self.tokenizer.encode(voice.transcript)
        prompts = [self.prompts.speech(transcript, len(rows), ids) for ids in ([], self.tokenizer.encode(text))]
        source: PlanSource = Nobody(layout.channels)
        if plan and layout.channels:
            steps = PhonemeWalk(sentence, walk or WalkSettings(), is_greedy(sampling))
            source = Spoken(plan, layout.channels, steps, seed)
        return Request(*prompts, rows, source, SPEECH, seed)

    def compose(
        self,
        captions: Sequence[str],
        sampling: SamplingDefaults,
        *,
        plans: Sequence[dict[str, np.ndarray]] = (),
        drawn: set[str] = frozenset(),
        seed: int = 0,
        batch: int = 16,
    ) -> list[Result]:
        """Composes to each caption. Request i has the seed `seed` + i.

        `plans`: for each the codes [T] of the channels that are given; `drawn`: those that the model draws.
        """
        given = plans or [{}] * len(captions)
        requests = [
            self.music_request(caption, sampling, plan, drawn, seed + index)
            for index, (caption, plan) in enumerate(zip(captions, given, strict=True))
        ]
        return self.run(requests, sampling, batch)

    def music_request(
        self,
        caption: str,
        sampling: SamplingDefaults,
        given: dict[str, np.ndarray],
        drawn: set[str] = frozenset(),
        seed: int = 0,
    ) -> Request:
        layout, plan = self.layouts[MUSIC], self.model.configuration.plan
        source: PlanSource = Nobody(layout.channels)
        if plan and (given or drawn):
            options = {"seed": seed, "code_rate": self.code_rate, "greedy": is_greedy(sampling)}
            source = Played(plan, layout.channels, given, drawn, **options)
        prompts = [self.prompts.poor_caption, self.tokenizer.encode(caption)]
        return Request(*map(self.prompts.music, prompts), None, source, MUSIC, seed)

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
        numbers: Callable[[int, list[int]], Tensor] | None = None,
        trace: list | None = None,
    ) -> list[Result]:
        """All requests of one domain side by side, until the last is finished.

        numbers: for a step and the requests that still run, numbers in 0 ... 1 [requests, C] in place of those that
        come from the requests' seeds. trace: collects each step's codes [B, C] before anything overrides them; then no
        request leaves before the last is finished.
        """
        c, domain = self.model.configuration, requests[0].domain
        layout = self.layouts[domain]
        streams = Streams(self.model, requests, self.tokenizer.id(END), sampling.max_tokens)
        rows = [GeneratedRows(layout, request.source, sampling.max_tokens) for request in requests]
        running = list(range(len(requests)))
        for step in range(sampling.max_tokens):
            if streams.is_full:
                streams.begin(np.stack([rows[i].window(KEPT) for i in running]))
            hidden = streams.step(np.stack([rows[i].rows[-1] for i in running]))
            logits = sampler.guided(self.model.logits(hidden).float(), sampling.cfg_scale)
            ends = torch.tensor([requests[i].source.ends for i in running])
            logits = sampler.allowed(logits, step - c.delay[0], sampling, c, ends)
            if numbers:
                drawn = numbers(step, running)
            else:
                drawn = torch.from_numpy(np.stack([code_numbers(requests[i].seed, step, c.delay) for i in running]))
            chosen = sampler.choose(logits, sampling, drawn, c.eos).numpy()
            if trace is not None:
                trace.append(chosen.copy())
            plans = [logits.float().numpy() for logits in self.model.plan_logits(hidden[1::2], domain)]
            for place, i in enumerate(running):
                rows[i].add(chosen[place], [logits[place] for logits in plans])
            active = [place for place, i in enumerate(running) if not rows[i].is_finished]
            if not active:
                break
            if trace is None and 4 * len(active) <= 3 * len(running):
                running = [running[place] for place in active]
                streams.keep(active)
        return [Result(*one.result(), one.ended, np.stack(one.rows)) for one in rows]


def is_greedy(sampling: SamplingDefaults) -> bool:
    return not sampling.do_sample or sampling.temperature == 0


def code_numbers(seed: int, step: int, delay: list[int]) -> np.ndarray:
    """The numbers in 0 ... 1 [C] that a step draws its codes with."""
    return uniforms(seed, step - np.array(delay), np.arange(len(delay)), CODEBOOKS)[:, 0]


class Streams:
    """The rows of some requests with their caches, two per request."""

    def __init__(self, model: LanguageModel, requests: list[Request], filling: int, steps: int):
        """Runs the prompts, filled up on the left; their logits are of no use."""
        self.model, self.filling, self.domain = model, filling, requests[0].domain
        c = model.configuration
        self.layout = FrameLayout(c, self.domain)
        self.capacity = min(steps, WINDOW) + 1
        self.prompts = [ids for request in requests for ids in (request.unconditional, request.conditional)]
        self.voices = [np.zeros((0, len(self.layout.delay)), np.int64)] * len(self.prompts)
        for index, request in enumerate(requests):
            if request.voice_rows is not None:
                self.voices[2 * index : 2 * index + 2] = self.paired(request.voice_rows[None])
        self.begin(None)

    @property
    def is_full(self) -> bool:
        return self.read == WINDOW

    def paired(self, rows: np.ndarray) -> np.ndarray:
        """Rows of requests [B, n, P + C] as the streams see them, [2 B, n, P + C]."""
        blind = rows.copy()
        blind[..., : self.layout.planned] = self.layout.unknown
        return np.stack([blind, rows], 1).reshape(-1, *rows.shape[1:])

    def begin(self, rows: np.ndarray | None) -> None:
        """Runs the prompts, and after them the last rows of each request [B, n, P + C] of a sequence that goes on."""
        model, c = self.model, self.model.configuration
        after = [self.voices[0][:0]] * len(self.prompts) if rows is None else list(self.paired(rows))
        count = len(after[0])
        texts = [ids + [c.placeholder] * count for ids in self.prompts]
        longest = max(map(len, texts))
        ids = torch.tensor([[self.filling] * (longest - len(text)) + text for text in texts])
        lengths = torch.tensor([len(text) for text in texts])
        valid = torch.arange(longest) >= longest - lengths[:, None]
        frames = np.concatenate([part for pair in zip(self.voices, after) for part in pair])
        room = longest + self.capacity
        self.caches = [KeyValueCache(len(texts), room, c) for _ in range(c.layers)]
        self.positions, self.read = lengths, count
        self.padding = torch.zeros(len(texts), 1, room).masked_fill_(
            torch.nn.functional.pad(~valid, (0, self.capacity))[:, None], MASKED
        )
        causal = torch.full((longest, longest), MASKED).triu(1)
        model.run(
            model.embed(ids, torch.from_numpy(frames), self.domain),
            positions=(valid.cumsum(-1) - 1).masked_fill(~valid, 1),
            caches=self.caches,
            mask=(causal + self.padding[:, :, :longest]).clamp(min=MASKED),
        )

    def step(self, rows: np.ndarray) -> Tensor:
        """The next row of every request [B, P + C] -> hidden states [2 B, H]."""
        frames = torch.from_numpy(self.paired(rows[:, None]))
        hidden = self.model.run(
            self.model.embed_codes(frames, self.domain),
            positions=self.positions[:, None],
            mask=self.padding[:, :, : self.caches[0].length + 1],
            caches=self.caches,
        )
        self.positions, self.read = self.positions + 1, self.read + 1
        return hidden[:, 0]

    def keep(self, requests: list[int]) -> None:
        """Goes on with these requests only."""
        chosen = [row for request in requests for row in (2 * request, 2 * request + 1)]
        for cache in self.caches:
            cache.select(torch.tensor(chosen))
        self.prompts, self.voices = ([part[row] for row in chosen] for part in (self.prompts, self.voices))
        self.positions, self.padding = self.positions[chosen], self.padding[chosen]
