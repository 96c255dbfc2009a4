"""Which experts a token goes to, and with what weights.

Order of the router's outputs: routed, null, shared. The n = routed + null "dynamic" experts compete; shared ones always
serve. In eval mode this is the reference's rule to the digit; see `straight_through` for the gradient.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass
class Routing:
    """What a router says about N tokens; n_s shared experts."""

    logits: Tensor  # [N, n + n_s] float32
    count: Tensor  # [N] how many dynamic experts are selected
    selected: Tensor  # [N, n + n_s] bool; shared experts always
    weights: Tensor  # [N, n + n_s] float32; 0 where not selected


def ranks(logits: Tensor) -> Tensor:
    """The place of each of n logits in descending order, [N, n]; the first of equals comes first.

    Counting who is ahead, O(n^2) of few experts, beats a sort and can be fused by the compiler.
    """
    n = logits.shape[-1]
    mine, other = logits[:, :, None], logits[:, None, :]
    earlier = torch.ones(n, n, dtype=torch.bool, device=logits.device).tril(-1)
    return ((other > mine) | ((other == mine) & earlier)).sum(-1)


def select(logits: Tensor, top_p: float, top_k: int) -> tuple[Tensor, Tensor]:
    """The top-p rule: experts in descending order until their probabilities reach `top_p`, at least one.

    logits [N, n] -> the place of each [N, n], and which are selected [N, n] bool. `top_p` 0 selects `top_k`.
    """
    place = ranks(logits)
    if top_p == 0:
        return place, place < top_k
    chances = F.softmax(logits, -1)
    ahead = place[:, None, :] < place[:, :, None]  # [N, mine, other]
    mass = torch.where(ahead, chances[:, None, :], 0.0).sum(-1)
    return place, (place == 0) | (mass < top_p)


def mixer(logits: Tensor, place: Tensor, selected: Tensor, jitter: float) -> Tensor:
    """The sparse mixer's weights [N, n], whose sum is 1 up to 1e-6.

    The i-th selected expert weighs 1 / sum of exp(d - M) over those not chosen before it whose relative distance to it,
    (M - d) / max(|d|, |M|), is at most 2 `jitter`. So the probabilities do not weigh: the result is nearly uniform.
    """
    mine, other = logits[:, :, None], logits[:, None, :]
    difference = mine - other
    near = ~(difference / torch.maximum(mine.abs(), other.abs()) > 2 * jitter)
    near &= place[:, None, :] >= place[:, :, None]
    raw = 1 / torch.where(near, torch.exp(-difference), 0.0).sum(-1)
    raw = torch.where(selected, raw, 0.0)
    return raw / (raw.sum(-1, keepdim=True) + 1e-6)


def route(
    x: Tensor,
    gate: Tensor,
    experts: int,
    *,
    top_p: float,
    top_k: int,
    jitter: float,
    padding: Tensor | None = None,
    teaches_all: bool = False,
) -> Routing:
    """Routes tokens x [N, H] by the matrix `gate` [n + n_s, H]; `experts` is n.

    padding [N] bool marks tokens that take no dynamic expert. Everything is computed in float32. `teaches_all`:
    training only; the weights have the gradient of a softmax over all experts, selected or not, and the same values.
    """
    logits = F.linear(x.float(), gate.float())
    dynamic = logits[:, :experts]
    with torch.no_grad():
        place, chosen = select(dynamic, top_p, top_k)
        count = chosen.sum(-1)
        share = mixer(dynamic, place, chosen, jitter)
        if padding is not None:
            chosen = chosen & ~padding[:, None]
        selected = torch.cat([chosen, torch.ones_like(logits[:, experts:], dtype=torch.bool)], -1)
    whole = F.softmax(logits.masked_fill(~selected, float("-inf")), -1)
    weights = straight_through(whole, share, chosen, F.softmax(logits, -1) if teaches_all else whole)
    return Routing(logits, count, selected, weights)


def straight_through(whole: Tensor, share: Tensor, chosen: Tensor, teacher: Tensor) -> Tensor:
    """The weights of the experts, [N, n + n_s].

    whole [N, n + n_s]: softmax over the selected and the shared experts (the paper's equation 3); share [N, n]: the
    mixer's. Value of a selected dynamic expert: its share of the selected ones' mass in `whole`; of a shared expert:
    `whole`. Gradient: that of `teacher` [N, n + n_s] for all: `whole`, or the softmax over all experts, from which the
    router also learns what those would do that were not selected. The exact gradient would reach the router in
    near-ties only, since the value hardly depends on the probabilities; the router would not learn.
    """
    n = share.shape[-1]
    detached = whole.detach()
    mass = torch.where(chosen, detached[:, :n], 0.0).sum(-1, keepdim=True)
    values = torch.cat([share * mass, detached[:, n:]], -1)
    return values + (teacher - teacher.detach())


def input_jitter(x: Tensor, amount: float) -> Tensor:
    """Training only: scales every number of the router's input by its own factor from 1 - amount to 1 + amount."""
    return x * torch.empty_like(x).uniform_(1 - amount, 1 + amount) if amount > 0 else x


def balance_loss(logits: Tensor, shares: Tensor, wanted: Tensor) -> Tensor:
    """The load-balancing loss of N tokens: the sum over dynamic experts of mean probability * share / wanted share.

    logits [N, n]: the mean over all tokens of the softmax over all dynamic experts carries the gradient, so that a
    token with a single expert has one, too. shares [n], without gradient: the part of all choices that is each
    expert's (see `balance.Balance` for whose tokens); wanted [n]: what it should be. 1 where all are as wanted.
    """
    return (shares / wanted * F.softmax(logits, -1).mean(0)).sum()


def selected_balance_loss(logits: Tensor, selected: Tensor, fractions: Tensor) -> Tensor:
    """The reference's: n * sum over dynamic experts of fraction * mean probability among each token's selected ones.

    logits, selected [N, n]; fractions [n], without gradient: the share of tokens that select each expert.
    """
    chances = F.softmax(logits.masked_fill(~selected, float("-inf")), -1)
    return logits.shape[-1] * (fractions * chances.mean(0)).sum()


def effective(logits: Tensor, experts: int) -> Tensor:
    """About how many routed experts each of N tokens takes [N], smoothly: their probability together, times the
    perplexity of their shares of it. logits [N, n], the routed `experts` first."""
    mass = F.softmax(logits, -1)[:, :experts].sum(-1)
    shares = F.log_softmax(logits[:, :experts], -1)
    return mass * (-(shares.exp() * shares).sum(-1)).exp()


def capacity_loss(logits: Tensor, selected: Tensor, wanted: Tensor, experts: int) -> Tensor:
    """How far the numbers of routed experts of N tokens are from those wanted [N]: half the mean square.

    Its value is that of the numbers as selected [N, n]; its gradient takes the error to `effective`.
    """
    soft = effective(logits, experts)
    error = selected[:, :experts].sum(-1) + (soft - soft.detach()) - wanted
    return error.square().mean() / 2
