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

    def figures(self) -> dict[str, float]:
        return {"routed": float(self.routed.mean()), "null": float(self.null.mean()),
                "shared_mass": float(self.shared_mass.mean())}


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
        own = self.fractions[DOMAINS.index(domain)]
        if self.training:
            own.mul_(MEMORY).add_(over_processes(use.fractions), alpha=1 - MEMORY)
        rows = valid.flatten().nonzero()[:, 0]
        n = use.fractions.shape[1]
        losses = [balance_loss(m.routing.logits[rows, :n], m.routing.selected[rows, :n], self.fractions[:, layer].mean(0))
                  for layer, m in enumerate(mixtures)]
        return torch.stack(losses).mean(), use


def over_processes(fractions: Tensor) -> Tensor:
    """The mean over all processes, so that these agree on what is balanced."""
    if not dist.is_initialized():
        return fractions
    fractions = fractions.clone()
    dist.all_reduce(fractions)
    return fractions / dist.get_world_size()


@torch.no_grad()
def expert_use(mixtures: list[MixtureOfExperts], valid: Tensor) -> ExpertUse:
    rows = valid.flatten().nonzero()[:, 0]
    experts, dynamic = mixtures[0].configuration.experts, mixtures[0].configuration.dynamic_experts
    selected = torch.stack([m.routing.selected[rows].float().mean(0) for m in mixtures])
    weights = torch.stack([m.routing.weights[rows].mean(0) for m in mixtures])
    return ExpertUse(selected[:, :dynamic], selected[:, :experts].sum(1), selected[:, experts:dynamic].sum(1),
                     weights[:, dynamic:].sum(1))
