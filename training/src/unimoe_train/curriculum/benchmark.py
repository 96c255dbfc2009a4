"""How fast this machine trains: steps on made-up clips, and the products alone to compare with.

Time is counted twice: by the clock, and as this process's own on its cores, which other work on the machine hardly changes.
"""

import statistics
import time
from dataclasses import dataclass

import numpy as np
import torch

from unimoe_train import machine
from unimoe_train.batches.epochs import Epochs
from unimoe_train.batches.row_maker import RowMaker
from unimoe_train.clips import Clip, Clips
from unimoe_train.curriculum.optimizer import Optimizer
from unimoe_train.curriculum.step import Objective, Weights
from unimoe_train.model.configuration import ModelConfiguration
from unimoe_train.model.decoder import LanguageModel
from unimoe_train.prompts import Prompts
from unimoe_train.recipe import MUSIC, SPEECH, Recipe
from unimoe_train.tokenizer import Tokenizer

CLIPS = 200
FRAMES = {SPEECH: (100, 300), MUSIC: (400, 401)}  # code frames of a clip, from and below
PARTS = ("batch", "forward", "backward", "optimizer")
WARM = 3  # steps before those that count: functions are compiled in them
PRODUCT_COLUMNS = 1056


@dataclass
class Timing:
    """Seconds of the parts of one step [4], by the clock and of the cores, and its positions."""

    clock: list[float]
    cores: list[float]
    positions: int


def made_up_clips(c: ModelConfiguration, domain: str, tokens: int, seed: int = 0) -> Clips:
    """Random clips whose plan changes every five code frames."""
    rng, clips = np.random.default_rng(seed), Clips()
    channels = c.channels(domain)
    for _ in range(CLIPS):
        T = int(rng.integers(*FRAMES[domain]))
        plan = [np.repeat(rng.integers(0, channel.codes, T // 5 + 1), 5)[:T] for channel in channels]
        planned = np.stack(plan, 1) if plan else np.zeros((T, 0), np.int64)
        text = rng.integers(0, tokens, T // 4).tolist()
        codes = rng.integers(0, c.eos, (T, c.codebooks))
        clips.of(domain).append(Clip(codes, planned, "one", text, [text[:60]]))
    return clips


def steps(recipe: Recipe, tokenizer: Tokenizer, domain: str, count: int, sparse: bool) -> list[Timing]:
    """Times `count` steps of the recipe's dense model, or of its mixture of experts."""
    c, device = ModelConfiguration.from_recipe(recipe.model, tokenizer.size, tokenizer.placeholder), torch.device("cpu")
    curriculum = recipe.curriculum
    model = LanguageModel(c if sparse else c.specialist())
    model.set_dropout(curriculum.dropout)
    for mixture in model.mixtures():
        mixture.teaches_all = curriculum.router_learns_all
    precision = machine.precision(device) if curriculum.bf16 else None
    objective = Objective(
        model,
        codebook_weights=curriculum.codebook_weights,
        learned_codebooks=curriculum.learned_codebooks,
        autocast=precision,
    ).train()
    optimizer = Optimizer(objective, kind=curriculum.optimizer, rate=0.02, adam_rate=3e-3, weight_decay=0.02)
    positions = curriculum.positions if domain == SPEECH else curriculum.music_positions
    maker = RowMaker(Prompts(tokenizer), c, curriculum)
    epochs = Epochs(maker, made_up_clips(c, domain, 256), {domain: positions}, seed=0)
    return [timed(epochs, objective, optimizer) for _ in range(WARM + count)][WARM:]


def timed(epochs: Epochs, objective: Objective, optimizer: Optimizer) -> Timing:
    """One step."""
    marks = [now()]
    batch = epochs.next()
    marks.append(now())
    losses = objective(batch, Weights(balance=0.025))
    marks.append(now())
    losses.total.backward()
    marks.append(now())
    torch.nn.utils.clip_grad_norm_([p for p in objective.parameters() if p.grad is not None], 2.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    marks.append(now())
    clock, cores = ([b[i] - a[i] for a, b in zip(marks, marks[1:])] for i in (0, 1))
    return Timing(clock, cores, batch.tokens)


def now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def product_rate(positions: int, hidden: int) -> float:
    """Operations a second and core of a product alone, in the precision that this machine multiplies fast."""
    dtype = machine.precision(torch.device("cpu")) or torch.float32
    x, w = torch.randn(positions, hidden, dtype=dtype), torch.randn(PRODUCT_COLUMNS, hidden, dtype=dtype)
    seconds = []
    for _ in range(12):
        start = time.process_time()
        torch.mm(x, w.T)
        seconds.append(time.process_time() - start)
    return 2 * x.numel() * PRODUCT_COLUMNS / statistics.median(seconds)


def lines(timings: list[Timing]) -> list[str]:
    """What was measured, in words: medians over the steps."""
    per_second = lambda kind: statistics.median(t.positions / sum(getattr(t, kind)) for t in timings)
    parts = [statistics.median(t.cores[i] / sum(t.cores) for t in timings) for i in range(len(PARTS))]
    return [
        f"positions a second      {per_second('cores'):8.0f} of a core's time, {per_second('clock'):.0f} by the clock",
        "of that time            " + ", ".join(f"{name} {share:.0%}" for name, share in zip(PARTS, parts)),
    ]
