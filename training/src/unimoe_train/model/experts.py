"""Feed-forward networks: a specialist's single one, and the mixture of experts.

An expert computes down(silu(gate x) * up x), no biases. All experts of a layer are stacked in one parameter, gate above
up, so that they are two matrix products when most of them are in use, and one gather each when few are.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from unimoe_train.model.configuration import ModelConfiguration
from unimoe_train.model.router import Routing, input_jitter, route

# Share of (token, routed expert) pairs in use above which all are computed, and size of an expert's matrix below which
# they always are: a gather costs about as much as it saves. With 192 x 256 on one CPU core, 1.9 of 4 experts in use, a
# step took 1,046 ms with gathers and 997 ms without; with 0.8 in use 1,053 and 909 ms.
DENSE_ABOVE, DENSE_BELOW = 0.7, 500_000


def swiglu(x: Tensor) -> Tensor:
    """[..., 2 w], gate then up -> [..., w]."""
    gate, up = x.chunk(2, -1)
    return F.silu(gate) * up


def weighted_swiglu(x: Tensor, weights: Tensor) -> Tensor:
    """[N, experts, 2 w] and [N, experts] -> [N, experts w]."""
    return (swiglu(x) * weights.to(x.dtype)[..., None]).flatten(1)


class FeedForward(nn.Module):
    """A specialist's network of width w."""

    def __init__(self, hidden: int, width: int):
        super().__init__()
        self.gate_up = nn.Parameter(torch.empty(2 * width, hidden))
        self.down = nn.Parameter(torch.empty(hidden, width))

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(swiglu(F.linear(x, self.gate_up)), self.down)


class ExpertStack(nn.Module):
    """E experts of width w: gate_up [E, 2 w, H], down [E, H, w]."""

    def __init__(self, experts: int, hidden: int, width: int):
        super().__init__()
        self.gate_up = nn.Parameter(torch.empty(experts, 2 * width, hidden))
        self.down = nn.Parameter(torch.empty(experts, hidden, width))

    def forward(self, x: Tensor, weights: Tensor) -> Tensor:
        """All experts for all tokens: x [N, H], weights [N, E] (0: not selected) -> [N, H]."""
        E, H, _ = self.down.shape
        inner = F.linear(x, self.gate_up.flatten(0, 1)).view(len(x), E, -1)
        return F.linear(weighted_swiglu(inner, weights), self.down.transpose(0, 1).reshape(H, -1))

    @torch.compiler.disable
    def gathered(self, x: Tensor, weights: Tensor, selected: Tensor) -> Tensor:
        """The same, each expert only for the tokens [N] that selected [N, E] it."""
        y = torch.zeros(x.shape, dtype=torch.float32, device=x.device)
        for e in range(len(self.down)):
            rows = selected[:, e].nonzero()[:, 0]
            # An expert without tokens takes part, too: every process must reduce the same gradients.
            inner = swiglu(F.linear(x.index_select(0, rows), self.gate_up[e])).float()
            inner = inner * weights[:, e].index_select(0, rows)[:, None]
            y = y.index_add(0, rows, F.linear(inner.to(x.dtype), self.down[e]).float())
        return y


class MixtureOfExperts(nn.Module):
    """Router, routed experts and shared experts; a null expert adds nothing but keeps its weight."""

    def __init__(self, configuration: ModelConfiguration):
        super().__init__()
        c = self.configuration = configuration
        self.gate = nn.Parameter(torch.empty(c.dynamic_experts + c.shared_experts, c.hidden))
        self.routed = ExpertStack(c.experts, c.hidden, c.routed_width)
        self.shared = ExpertStack(c.shared_experts, c.hidden, c.shared_width)
        self.gathers: bool | None = None  # None: decide by the experts' size and the share of pairs in use
        self.routing: Routing | None = None  # of the last forward, N tokens

    def forward(self, x: Tensor, padding: Tensor | None = None) -> Tensor:
        """x [B, T, H], padding [B, T] bool -> [B, T, H]."""
        c = self.configuration
        tokens = x.reshape(-1, x.shape[-1])
        with torch.autocast(x.device.type, enabled=False):
            seen = input_jitter(tokens.float(), c.input_jitter) if self.training else tokens
            routing = self.routing = route(
                seen, self.gate, c.dynamic_experts, top_p=c.top_p, top_k=c.top_k, jitter=c.jitter,
                padding=None if padding is None else padding.reshape(-1))
        routed_weights, shared_weights = routing.weights[:, :c.experts], routing.weights[:, c.dynamic_experts:]
        selected = routing.selected[:, :c.experts]
        if self.gathers_now(selected):
            y = self.routed.gathered(tokens, routed_weights, selected)
        else:
            y = self.routed(tokens, routed_weights)
        return (y + self.shared(tokens, shared_weights)).view(x.shape)

    def gathers_now(self, selected: Tensor) -> bool:
        if self.gathers is not None:
            return self.gathers
        if self.routed.down[0].numel() < DENSE_BELOW:
            return False
        return float(selected.float().mean()) < DENSE_ABOVE
