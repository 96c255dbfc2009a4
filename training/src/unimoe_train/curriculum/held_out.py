"""How well a model foretells clips that nothing was trained on."""

import torch

from unimoe_train.batches.batch import Batch
from unimoe_train.batches.held_out import held_out
from unimoe_train.batches.row_maker import RowMaker
from unimoe_train.clips import Clips
from unimoe_train.curriculum.step import Objective, Weights
from unimoe_train.model.heads import IGNORE

CLIPS = 48  # of a domain
POSITIONS = 4096  # of a batch


@torch.no_grad()
def cross_entropy(
    objective: Objective, maker: RowMaker, test: Clips, training: Clips, domain: str, device: torch.device
) -> float:
    """Nats per code, the mean over all codebooks, of up to CLIPS clips of `test`, which has some of the domain; voice
    prompts are from `training`. The objective is in eval mode."""
    total = count = 0.0
    with torch.compiler.set_stance("force_eager"):  # for so few batches nothing is compiled anew
        for batch in held_out(maker, test, training, domain, CLIPS, POSITIONS):
            losses = objective(on(batch, device), Weights())
            labels = int((batch.labels != IGNORE).sum())
            total, count = total + float(losses.cross_entropy.mean()) * labels, count + labels
    return total / count


def on(batch: Batch, device: torch.device) -> Batch:
    """A batch on the device that computes."""
    return batch if device.type == "cpu" else batch.changed(lambda tensor: tensor.to(device, non_blocking=True))
