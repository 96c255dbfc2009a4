"""The batches of a training, step by step, made ahead in processes of their own where a device would wait for them."""

from collections.abc import Iterator
from dataclasses import dataclass

from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from unimoe_train.batches import Batch, Sampler, Texts
from unimoe_train.interruption import ignored

AHEAD = 2  # steps that every process may be ahead


@dataclass
class StepBatches:
    """What one step learns from, and where the samplers stand after it."""

    batches: list[Batch]
    places: list[dict]

    def pin_memory(self) -> "StepBatches":
        return StepBatches([batch.pin_memory() for batch in self.batches], self.places)


class Feed(IterableDataset):
    """Endless; each of several processes makes its turn of the steps and skips the others."""

    def __init__(
        self, samplers: list[Sampler], texts: Texts | None, accumulate: int, step: int, rank: int = 0, world: int = 1
    ):
        """Begins where the samplers stand, at the step number `step`, whose texts it takes."""
        self.samplers, self.texts, self.accumulate = samplers, texts, accumulate
        self.step, self.rank, self.world = step, rank, world

    def __iter__(self) -> Iterator[StepBatches]:
        worker = get_worker_info()
        turn, turns = (worker.id, worker.num_workers) if worker else (0, 1)
        step = self.step
        while True:
            if (step - self.step) % turns == turn:
                yield self.made(step)
            else:
                for _ in range(self.accumulate):
                    for sampler in self.samplers:
                        sampler.skip()
            step += 1

    def made(self, step: int) -> StepBatches:
        batches = [sampler.next() for _ in range(self.accumulate) for sampler in self.samplers]
        if self.texts:  # first: DDP waits in the last batch for gradients of all parameters, which texts do not have
            batches.insert(0, self.texts.batch(step * self.world + self.rank))
        return StepBatches(batches, [sampler.state() for sampler in self.samplers])

    def steps(self, workers: int, pinned: bool) -> Iterator[StepBatches]:
        """All steps in order, made by so many processes; without any when they are asked for."""
        loader = DataLoader(
            self,
            batch_size=None,
            num_workers=workers,
            collate_fn=lambda step: step,
            pin_memory=pinned,
            prefetch_factor=AHEAD if workers else None,
            worker_init_fn=ignored,
        )
        return iter(loader)
