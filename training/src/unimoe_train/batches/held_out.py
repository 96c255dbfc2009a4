"""Batches to measure on."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from unimoe_train.batches.batch import Batch
from unimoe_train.batches.epochs import Epochs, grouped
from unimoe_train.batches.row_maker import RowMaker
from unimoe_train.clips import Clips


def held_out(maker: RowMaker, test: Clips, training: Clips, domain: str, count: int, positions: int) -> Iterator[Batch]:
    """Always the same batches of up to `count` clips that were never trained on, spoken after voice prompts from the
    training, whose own code frames have no labels; without noise and unconditional rows, every plan told."""
    recipe = replace(maker.recipe, prompt_loss=0.0, unconditional=0.0, unplanned_voices=0.0, crop=0)
    maker = RowMaker(maker.prompts, maker.configuration, recipe)
    clips = test.of(domain)
    chosen = Clips()
    chosen.of(domain).extend(clips[i] for i in np.linspace(0, len(clips) - 1, min(count, len(clips))).astype(int))
    epochs = Epochs(maker, chosen, {domain: positions}, seed=5, voices=training)
    rng = np.random.default_rng(5)
    items = [epochs.item(domain, clip, rng) for clip in chosen.of(domain)]
    for group in grouped(sorted(items, key=lambda item: item.length), positions):
        yield maker.batch(group, None)
