"""The loop that every stage shares: batches in, a trained checkpoint out.

A stage is resumable at every step: parameters, optimizer, averages, running fractions and the place in the data are in
the checkpoint, and every random number comes from (seed, step). A training that was killed and resumed gives the same
bits as one that was not, as long as its budget is counted in steps or tokens, not in minutes.
"""

import copy
import math
import time
from collections.abc import Iterator

import torch
from torch import Tensor

from unimoe_train.batches.epochs import Epochs
from unimoe_train.batches.row_maker import RowMaker
from unimoe_train.clips import Clips
from unimoe_train.csvlog import CSVLog
from unimoe_train.curriculum import schedule
from unimoe_train.curriculum.balance import Wants
from unimoe_train.curriculum.feed import Feed, StepBatches
from unimoe_train.curriculum.held_out import cross_entropy, on
from unimoe_train.curriculum.learned import news, present
from unimoe_train.curriculum.log import Averages, columns, draw
from unimoe_train.curriculum.optimizer import Optimizer
from unimoe_train.curriculum.snapshot import Snapshot, facts, is_done
from unimoe_train.curriculum.stage import Counters, Stage
from unimoe_train.curriculum.step import Losses, Objective, Weights
from unimoe_train.curriculum.surroundings import Surroundings
from unimoe_train.curriculum.training import Training
from unimoe_train.errors import BadInput
from unimoe_train.finite import are_finite, not_finite
from unimoe_train.interruption import Interruption, leave
from unimoe_train.model.decoder import LanguageModel
from unimoe_train.progress import progress

LOG_STEPS = 20
HELD_OUT_SECONDS = 900.0
MOST_LOST = 50  # steps in a row whose gradients alone are not finite: they are left out before a training gives up


class Trainer:
    """One stage of one model."""

    def __init__(self, stage: Stage, model: LanguageModel, around: Surroundings):
        self.stage, self.around = stage, around
        recipe, processes = around.recipe.curriculum, around.processes
        self.recipe, self.processes = recipe, processes
        self.dtype = around.precision
        self.maker = RowMaker(around.prompts, model.configuration, recipe)
        self.training = self.prepared(model)
        self.objective, self.counters = self.training.objective, self.training.counters
        self.wrapped = processes.wrap(self.objective)
        self.lost = 0
        self.means = Averages()
        self.snapshot = Snapshot(around.state, stage.name, processes)

    def prepared(self, model: LanguageModel) -> Training:
        """The training before its first step."""
        stage, around, recipe, processes = self.stage, self.around, self.recipe, self.processes
        model.set_dropout(recipe.dropout)
        for mixture in model.mixtures():
            mixture.teaches_all = recipe.router_learns_all
        torch.manual_seed(around.seed)
        objective = Objective(
            model,
            codebook_weights=recipe.codebook_weights,
            learned_codebooks=recipe.learned_codebooks,
            plan_weights=recipe.plan_weights,
            wants=Wants(recipe.null_share, recipe.routed, recipe.routed_spread),
            shares_prefix=processes.sharding != "fsdp" and processes.device.type == "cpu",
            autocast=self.dtype,
        )
        for name, parameter in objective.named_parameters():
            parameter.requires_grad_(stage.learns(name))
        objective.to(processes.device)
        processes.shard(objective, self.dtype)
        optimizer = Optimizer(
            objective,
            kind=recipe.optimizer,
            rate=stage.budget.rate,
            adam_rate=stage.budget.adam_rate,
            router_rate=recipe.router_rate,
            weight_decay=recipe.weight_decay,
        )
        epochs = epochs_of(around, self.maker, stage.mix, stage.limit)
        average = [p.detach().clone() for p in objective.parameters()]
        return Training(stage, objective, optimizer, average, epochs, sets=present(around, stage.domains))

    # ---- the loop

    def run(self, extend: bool = False) -> None:
        """Trains until the budget is used up, or until the process is asked to stop; saves in either case.

        `extend` goes on from where the decay of an earlier, smaller budget began, or was left when that was stopped.
        """
        budget, first = self.stage.budget, self.processes.is_first
        if not (budget.minutes or budget.tokens or budget.steps):
            raise BadInput(f"curriculum.{self.stage.name}", expected="minutes, tokens or steps", found="no budget")
        finished = is_done(self.around.state, self.stage.name)
        if extend and finished and Counters(**facts(self.around.state, self.stage.name)["counters"]).done(budget) >= 1:
            told = news(self.around, self.stage.name, self.stage.domains)
            print(f"{self.stage.name}: done before with as large a budget{told}")
            return
        self.snapshot.restore(self.training, before_decay=extend and finished)
        log, bar, last = self.open_log(), None, copy.copy(self.counters)
        if first:
            bar = progress(title=self.stage.name, total=1.0, unit="")
        with Interruption() as stop:
            last, asked = self.loop(stop, log, bar, last)
            if not asked:  # whoever asks has little time
                self.test()
            self.save(done=not asked)
        if log:
            self.write(log, last, self.counters.done(budget))
            log.close()
            bar.close()
            draw(self.around.state.log(self.stage.name), self.around.state.plot(self.stage.name))
        self.processes.wait()
        if asked:
            leave(speaks=first)

    def loop(self, stop: Interruption, log: CSVLog | None, bar, last: Counters) -> tuple[Counters, bool]:
        """All steps until the budget is used up or some process is asked to stop. Returns the counters as they were
        logged last, and whether it was asked. Minutes do not count the first step of a process where that compiles."""
        budget = self.stage.budget
        start, compiled = time.monotonic() - self.counters.seconds, False
        saved = tested = time.monotonic()
        decayed = schedule.is_decaying(budget, self.counters.done(budget))
        steps = self.feed()
        while True:
            self.counters.seconds = time.monotonic() - start
            self.counters.seconds, asked = self.processes.agree(self.counters.seconds, float(bool(stop)))
            done = self.counters.done(budget)
            if schedule.is_decaying(budget, done) and not decayed:  # also where that is the end, or a stop
                self.save(before_decay=True)
                decayed = True
            if done >= 1 or asked:
                return last, bool(asked)
            begun = time.monotonic()
            self.step(next(steps), done)
            if self.recipe.compile and not compiled:  # a minute or more, of which nothing is learned
                start, compiled = start + time.monotonic() - begun, True
            if bar is not None:
                bar.n = round(min(1.0, done), 3)
                bar.set_postfix_str(
                    " ".join(
                        f"{k[5:]} {v:.3f}" for k, v in self.means.values.items() if k in ("loss_speech", "loss_music")
                    )
                )
            if log and self.counters.step % LOG_STEPS == 0:
                self.write(log, last, done)
                last = copy.copy(self.counters)
            if self.due(saved, self.recipe.save_seconds):
                self.save()
                saved = time.monotonic()
            if self.due(tested, HELD_OUT_SECONDS):
                self.test()
                tested = time.monotonic()

    def open_log(self) -> CSVLog | None:
        """The stage's log from the present step on; the first process writes it."""
        if not self.processes.is_first:
            return None
        names = columns(self.objective.model.configuration)
        return CSVLog(self.around.state.log(self.stage.name), names, before=self.counters.step)

    def due(self, last: float, seconds: float) -> bool:
        return bool(self.processes.agree(float(time.monotonic() - last > seconds))[0])

    def feed(self) -> Iterator[StepBatches]:
        """The batches of every step from here on."""
        feed = Feed(self.training.epochs, self.recipe.accumulate)
        return feed.steps(self.around.workers, pinned=self.processes.device.type != "cpu")

    def step(self, made: StepBatches, done: float) -> None:
        """One step of the optimizer: a batch of every entry of the mix, `accumulate` times."""
        processes, recipe = self.processes, self.recipe
        seed = (self.around.seed * 1_000_003 + self.counters.step) * processes.world + processes.rank
        torch.manual_seed(seed)
        self.objective.train()
        weights = self.weights(done)
        for epochs, place in zip(self.training.epochs, made.places):
            epochs.restore(place)
        batches, figures = made.batches, []
        for number, batch in enumerate(batches, 1):
            if processes.sharding == "ddp":
                self.wrapped.require_backward_grad_sync = number == len(batches)
            losses = self.wrapped(on(batch, processes.device), weights)
            (losses.total * (processes.loss_share / recipe.accumulate)).backward()
            figures.append(self.figures(batch.domain, losses))
        learned = [p for p in self.objective.parameters() if p.grad is not None]
        norm = torch.nn.utils.clip_grad_norm_(learned, recipe.clip)
        norm = float(norm.full_tensor() if hasattr(norm, "full_tensor") else norm)
        if math.isfinite(norm):
            self.note(norm, figures)
            self.training.optimizer.step(schedule.rate(self.stage.budget, self.counters.step, done))
            self.training.update_average(recipe.ema)
            self.lost = 0
        else:
            self.lose(figures)
        self.training.optimizer.zero_grad(set_to_none=True)
        self.counters.step += 1
        self.counters.tokens += self.total(sum(batch.tokens for batch in batches))

    def lose(self, figures: list[tuple[list[str], Tensor]]) -> None:
        """Leaves a step out whose gradient alone is not finite. Throws `BadInput` after `MOST_LOST` of them, and at once where
        the loss or a weight is not: all processes or none, as the norm is that of all."""
        losses = [values[0] for _, values in figures]
        self.lost += 1
        if self.lost == MOST_LOST or not self.all_agree(are_finite(losses) and self.training.is_finite):
            raise self.not_finite("the loss")

    def save(self, **kind: bool) -> None:
        """Saves the training, unless a weight is not finite: then throws `BadInput`, and what was saved before stays."""
        if not self.all_agree(self.training.is_finite):
            raise self.not_finite("every weight")
        self.snapshot.save(self.training, **kind)

    def not_finite(self, what: str) -> BadInput:
        return not_finite(
            f"curriculum.{self.stage.name}: rate",
            what,
            self.counters.step,
            self.around.state.checkpoint(self.stage.name),
        )

    def all_agree(self, fine: bool) -> bool:
        return not self.processes.agree(float(not fine))[0]

    def total(self, number: float) -> float:
        """A count of this process summed over all."""
        if self.processes.world == 1:
            return number
        shared = torch.tensor(float(number), dtype=torch.float64)
        torch.distributed.all_reduce(shared)
        return float(shared)

    def weights(self, done: float) -> Weights:
        return Weights(self.balance_weight(done), self.recipe.capacity)

    def balance_weight(self, done: float) -> float:
        end = self.recipe.balance_end if self.stage.anneals_balance else self.recipe.balance_start
        return schedule.anneal(self.recipe.balance_start, end, done)

    # ---- figures

    def figures(self, domain: str, losses: Losses) -> tuple[list[str], Tensor]:
        """Names and values of what a batch tells; the values stay on their device, so that nothing waits for it."""
        parts = {f"loss_{domain}": losses.cross_entropy.mean()}
        parts |= {f"loss_{domain}_{c}": value for c, value in enumerate(losses.cross_entropy)}
        parts |= {f"plan_{name}": value for name, value in losses.plan.items()}
        if losses.use is not None:
            parts |= {"balance": losses.balance, "capacity": losses.capacity}
            parts |= {f"{name}_{domain}": value for name, value in losses.use.figures().items()}
            parts |= {
                f"use_{domain}_{layer}_{expert}": value
                for layer, fractions in enumerate(losses.use.fractions)
                for expert, value in enumerate(fractions)
            }
        return list(parts), torch.stack([value.float() for value in parts.values()])

    def note(self, norm: float, figures: list[tuple[list[str], Tensor]]) -> None:
        self.means.add("gradient_norm", norm)
        for names, values in figures:
            for name, value in zip(names, values.tolist()):
                self.means.add(name, value)

    def write(self, log: CSVLog, last: Counters, done: float) -> None:
        seconds = self.counters.seconds - last.seconds
        log.write(
            step=self.counters.step,
            seconds=round(self.counters.seconds),
            tokens=round(self.counters.tokens),
            tokens_per_second=(self.counters.tokens - last.tokens) / seconds if seconds > 0 else 0.0,
            rate=schedule.rate(self.stage.budget, self.counters.step, done),
            balance_weight=self.balance_weight(done),
            **self.means.values,
        )
        for name in [name for name in self.means.values if name.startswith("held_out")]:
            del self.means.values[name]

    @torch.no_grad()
    def test(self) -> dict[str, float]:
        """The averaged weights' cross entropy on clips that were never trained on, nats per code, by domain."""
        results = {}
        self.objective.eval()
        with self.training.averaged():
            for domain in self.stage.domains:
                if not self.around.test.of(domain):
                    continue
                results[domain] = cross_entropy(
                    self.objective, self.maker, self.around.test, self.around.clips, domain, self.processes.device
                )
                self.means.values[f"held_out_{domain}"] = results[domain]
        return results


def epochs_of(around: Surroundings, maker: RowMaker, mix: list[dict[str, int]], limit: int = 0) -> list[Epochs]:
    """The clips in the order in which they are learned, for every entry of a stage's mix."""
    recipe, processes = around.recipe.curriculum, around.processes
    clips = limited(around.clips, limit).repeated(recipe.voice_repeats).shared(recipe.own_share, recipe.crop)
    share = (processes.rank, processes.world, around.clips)
    return [Epochs(maker, clips, positions, around.seed + 101 * i, *share) for i, positions in enumerate(mix)]


def limited(clips: Clips, count: int) -> Clips:
    """So many clips of every domain, spread over all."""
    if not count:
        return clips
    spread = lambda mine: mine[:: max(1, len(mine) // count)][:count]
    return Clips(spread(clips.speech), spread(clips.music))
