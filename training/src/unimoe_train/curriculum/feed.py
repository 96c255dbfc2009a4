"""The batches of a training, step by step, made ahead in processes of their own where a device would wait for them."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from unimoe_train.batches.batch import Batch
from unimoe_train.batches.epochs import Epochs
from unimoe_train.interruption import ignored

AHEAD = 2  # steps that every process may be ahead


@dataclass
class StepBatches:
    """What one step learns from, and where the epochs stand after it."""

    batches: list[Batch]
    places: list[dict]

    def pin_memory(self) -> "StepBatches":
        return StepBatches([batch.pin_memory() for batch in self.batches], self.places)


class Feed(IterableDataset):
    """Endless; each of several processes makes its turn of the steps and skips the others."""

    def __init__(self, epochs: list[Epochs], accumulate: int):
        """Begins where the epochs stand."""
        self.epochs, self.accumulate = epochs, accumulate

    def __iter__(self) -> Iterator[StepBatches]:
        worker = get_worker_info()
        turn, turns = (worker.id, worker.num_workers) if worker else (0, 1)
        for step in count():
            if step % turns == turn:
                batches = [epochs.next() for _ in range(self.accumulate) for epochs in self.epochs]
                yield StepBatches(batches, [epochs.state() for epochs in self.epochs])
            else:
                for _ in range(self.accumulate):
                    for epochs in self.epochs:
                        epochs.skip()

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
