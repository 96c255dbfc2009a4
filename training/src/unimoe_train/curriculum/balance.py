"""Whether the experts share the work: the loss that asks for it, and the figures that tell."""

from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import Tensor, nn

from unimoe_train.model.experts import MixtureOfExperts
from unimoe_train.model.router import balance_loss
from unimoe_train.recipe import DOMAINS

MEMORY = 0.9  # of the running token fractions per batch


@dataclass
class ExpertUse:
    """Means over a batch's tokens, per layer."""

    fractions: Tensor  # [layers, n] share of the tokens that selected each dynamic expert
    routed: Tensor  # [layers] routed experts per token
    null: Tensor  # [layers] share of the tokens that selected a null expert
    shared_mass: Tensor  # [layers] weight of the shared experts

    def figures(self) -> dict[str, Tensor]:
        return {"routed": self.routed.mean(), "null": self.null.mean(), "shared_mass": self.shared_mass.mean()}


class Balance(nn.Module):
    """Running token fractions per domain, [domains, layers, n].

    A batch holds one domain, and balance is wanted over the mix, not inside a domain: an expert may be music's own. So
    the loss takes the mean of the domains' running fractions for the fractions that it weighs probabilities with.
    """

    def __init__(self, layers: int, experts: int):
        super().__init__()
        self.register_buffer("fractions", torch.full((len(DOMAINS), layers, experts), 0.5))

    def forward(self, mixtures: list[MixtureOfExperts], domain: str, valid: Tensor) -> tuple[Tensor, ExpertUse]:
        """The mean over layers of the load-balancing loss, and the use, of the valid [B, T] tokens of the last pass."""
        use = expert_use(mixtures, valid)
        if self.training:
            self.update(DOMAINS.index(domain), use.fractions)
        rows = valid.flatten().nonzero()[:, 0]
        n = use.fractions.shape[1]
        both = self.fractions.mean(0)
        losses = [
            balance_loss(m.routing.logits[rows, :n], m.routing.selected[rows, :n], fractions)
            for m, fractions in zip(mixtures, both)
        ]
        return torch.stack(losses).mean(), use

    @torch.no_grad()
    def update(self, domain: int, fractions: Tensor) -> None:
        """Takes a batch's fractions [layers, n], and those of all other processes, whose batches may be of another
        domain: so all agree on what is balanced."""
        sums = torch.zeros(len(DOMAINS), fractions.numel() + 1, device=fractions.device)
        sums[domain, :-1], sums[domain, -1] = fractions.flatten(), 1
        if dist.is_initialized():
            dist.all_reduce(sums)
        for running, total in zip(self.fractions, sums):
            if total[-1] > 0:
                running.mul_(MEMORY).add_((total[:-1] / total[-1]).view_as(running), alpha=1 - MEMORY)


@torch.no_grad()
def expert_use(mixtures: list[MixtureOfExperts], valid: Tensor) -> ExpertUse:
    rows = valid.flatten().nonzero()[:, 0]
    experts, dynamic = mixtures[0].configuration.experts, mixtures[0].configuration.dynamic_experts
    selected = torch.stack([m.routing.selected[rows].float().mean(0) for m in mixtures])
    weights = torch.stack([m.routing.weights[rows].mean(0) for m in mixtures])
    return ExpertUse(
        selected[:, :dynamic],
        selected[:, :experts].sum(1),
        selected[:, experts:dynamic].sum(1),
        weights[:, dynamic:].sum(1),
    )
