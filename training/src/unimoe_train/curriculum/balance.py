"""Whether the experts share the work: the loss that asks for it, and the figures that tell."""

from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import Tensor, nn

from unimoe_train.model.configuration import ModelConfiguration
from unimoe_train.model.experts import MixtureOfExperts
from unimoe_train.model.router import balance_loss, capacity_loss, selected_balance_loss
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


@dataclass
class Wants:
    """What the mixture should come to."""

    null_share: float = 0.0  # of all choices; 0: the reference's balance, which knows no share
    routed: float = 1.2  # routed experts per token
    spread: float = 0.0  # of these numbers: the hardest token wants 1 + this times as many, the easiest 1 - this


class Balance(nn.Module):
    """Running token fractions per domain, [domains, layers, n].

    A batch holds one domain, and balance is wanted over the mix, not inside a domain: an expert may be music's own. So
    the loss takes the mean of the domains' running fractions, of those seen so far, for the fractions that it weighs
    probabilities with.
    """

    def __init__(self, configuration: ModelConfiguration, wants: Wants):
        super().__init__()
        c, self.wants = configuration, wants
        self.experts = c.experts
        self.register_buffer("fractions", torch.full((len(DOMAINS), c.layers, c.dynamic_experts), 0.5))
        self.register_buffer("seen", torch.zeros(len(DOMAINS), dtype=torch.bool))
        null = wants.null_share or c.null_experts / c.dynamic_experts
        shares = [(1 - null) / c.experts] * c.experts + [null / max(1, c.null_experts)] * c.null_experts
        self.register_buffer("shares", torch.tensor(shares), persistent=False)

    def forward(
        self, mixtures: list[MixtureOfExperts], domain: str, valid: Tensor, difficulty: Tensor
    ) -> tuple[Tensor, Tensor, ExpertUse]:
        """The means over layers of the load-balancing loss and of the capacity loss, and the use, of the valid [B, T]
        tokens of the last pass. difficulty [B T]: each token's own loss, below 0 where it has none."""
        use = expert_use(mixtures, valid)
        if self.training:
            self.update(DOMAINS.index(domain), use.fractions)
        rows = valid.flatten().nonzero()[:, 0]
        n = use.fractions.shape[1]
        fractions = self.fractions[self.seen].mean(0) if self.seen.any() else use.fractions
        chosen = [(m.routing.logits[rows, :n], m.routing.selected[rows, :n]) for m in mixtures]
        if self.wants.null_share:
            losses = [
                balance_loss(logits, of_layer / of_layer.sum(), self.shares)
                for (logits, _), of_layer in zip(chosen, fractions)
            ]
        else:
            losses = [selected_balance_loss(*one, of_layer) for one, of_layer in zip(chosen, fractions)]
        wanted = self.wanted(difficulty[rows])
        capacity = [capacity_loss(*one, wanted, self.experts) for one in chosen]
        return torch.stack(losses).mean(), torch.stack(capacity).mean(), use

    def wanted(self, difficulty: Tensor) -> Tensor:
        """How many routed experts each token should take [N]: the more, the further up its own loss ranks in the batch.

        Tokens without a loss, the prompt's, take the mean. A router can tell a loss beforehand only in part, and takes
        what it cannot tell for average: a `spread` above 1, which asks some tokens for less than none, makes up for it.
        """
        known = (difficulty >= 0).nonzero()[:, 0]
        rank = torch.full_like(difficulty, 0.5)
        order = difficulty[known].argsort()
        rank[known[order]] = torch.linspace(0, 1, len(known), device=rank.device)
        return self.wants.routed * (1 + self.wants.spread * (2 * rank - 1))

    @torch.no_grad()
    def update(self, domain: int, fractions: Tensor) -> None:
        """Takes a batch's fractions [layers, n], and those of all other processes, whose batches may be of another
        domain: so all agree on what is balanced."""
        sums = torch.zeros(len(DOMAINS), fractions.numel() + 1, device=fractions.device)
        sums[domain, :-1], sums[domain, -1] = fractions.flatten(), 1
        if dist.is_initialized():
            dist.all_reduce(sums)
        for number, (running, total) in enumerate(zip(self.fractions, sums)):
            if total[-1] > 0:
                running.lerp_((total[:-1] / total[-1]).view_as(running), 1 - MEMORY if self.seen[number] else 1.0)
                self.seen[number] = True


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
