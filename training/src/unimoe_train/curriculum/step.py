"""What one batch costs: every loss of the training, in one module that many processes can share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from unimoe_train.batches.batch import Batch
from unimoe_train.curriculum.balance import Balance, ExpertUse, Wants
from unimoe_train.errors import BadInput
from unimoe_train.model.decoder import LanguageModel, channel_dropout
from unimoe_train.model.heads import chances_of, codec_loss, plan_losses
from unimoe_train.recipe import PLAN_WEIGHTS


@dataclass
class Weights:
    """Of the losses that are added to the cross entropy."""

    balance: float = 0.0
    capacity: float = 0.0


@dataclass
class Losses:
    total: Tensor  # what is to be differentiated
    cross_entropy: Tensor  # [C] mean per codebook, nats
    plan: dict[str, Tensor]  # mean cross entropy of each written channel of the domain, where it is decided
    balance: Tensor
    capacity: Tensor
    use: ExpertUse | None


class Objective(nn.Module):
    """A language model, its figures, and all losses.

    total = sum over codebooks and written plan channels of weight * mean cross entropy + balance + capacity, each with its
    weight.
    """

    def __init__(
        self,
        model: LanguageModel,
        *,
        codebook_weights: Sequence[float] = (),
        learned_codebooks: float = 1.0,
        plan_weights: Mapping[str, float] = PLAN_WEIGHTS,
        wants: Wants | None = None,
        shares_prefix: bool = True,
        autocast: torch.dtype | None = None,
    ):
        """`learned_codebooks`: share of the codebooks that are learned at a time (`heads.codec_loss`). `shares_prefix`: whether what all rows begin with is computed once. Not with layers that FSDP shards: it
        takes a layer's weights away after the first of its two backward passes."""
        super().__init__()
        c = model.configuration
        self.model = model
        self.balance = None if c.dense_width else Balance(c, wants or Wants())
        self.register_buffer("codebook_weights", scaled(codebook_weights, c.codebooks), persistent=False)
        chances = chances_of(self.codebook_weights, learned_codebooks) if learned_codebooks < 1 else None
        self.register_buffer("chances", chances, persistent=False)
        self.plan_weights = {**PLAN_WEIGHTS, **plan_weights}
        self.shares_prefix, self.dtype = shares_prefix, autocast

    def forward(self, batch: Batch, weights: Weights) -> Losses:
        prefix, batch = batch.split() if self.shares_prefix else (batch.ids[:1, :0], batch)
        with torch.autocast(batch.ids.device.type, self.dtype or torch.float32, enabled=self.dtype is not None):
            prefix = self.embedded(prefix, None, batch.domain) if prefix.shape[1] else None
            x = self.embedded(batch.ids, batch.frames, batch.domain)
            hidden = self.model.run(x, prefix=prefix).flatten(0, 1)
            return self.losses(hidden, batch, weights)

    def embedded(self, ids: Tensor, frames: Tensor | None, domain: str) -> Tensor:
        return channel_dropout(self.model.embed(ids, frames, domain), self.model.dropout, self.training)

    def losses(self, hidden: Tensor, batch: Batch, weights: Weights) -> Losses:
        """Of hidden states [B T, H]."""
        model = self.model
        total, cross_entropy, difficulty = codec_loss(
            hidden,
            model.head,
            batch.labels.flatten(0, 1),
            batch.weight.flatten(),
            self.codebook_weights,
            self.dtype or hidden.dtype,
            self.chances if self.training else None,
        )
        plan = plan_losses(model, hidden, batch.domain, batch.plan.flatten(0, 1), batch.weight.flatten())
        for name, loss in plan.items():
            total = total + self.plan_weights[name] * loss
        balance = capacity = hidden.new_zeros(())
        use = None
        if self.balance is not None:
            balance, capacity, use = self.balance(model.mixtures(), batch.domain, batch.valid, difficulty)
            total = total + weights.balance * balance + weights.capacity * capacity
        told = {name: loss.detach() for name, loss in plan.items()}
        return Losses(total, cross_entropy.detach(), told, balance.detach(), capacity.detach(), use)


def scaled(weights: Sequence[float], codebooks: int) -> Tensor:
    """Weights of the codebooks' losses, scaled to a mean of 1; all equal if none are given."""
    if weights and len(weights) != codebooks:
        raise BadInput("curriculum.codebook_weights", expected=f"{codebooks} numbers", found=len(weights))
    given = torch.tensor(weights or [1.0] * codebooks)
    return given / given.mean()
