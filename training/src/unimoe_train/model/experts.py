"""Feed-forward networks: a specialist's single one, and the mixture of experts.

An expert computes down(silu(gate x) * up x), no biases. All experts of a layer are stacked in one parameter, gate above
up, so that they are two matrix products when most of them are in use, and two each when few are.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from unimoe_train.model.configuration import ModelConfiguration
from unimoe_train.model.router import Routing, input_jitter, route

# Share of (token, routed expert) pairs in use above which all are computed. On one CPU core with AMX 12,000 tokens of 4
# experts of 192 x 256 took 118 ms forward and backward with 1.1 in use and 171 ms all; with 1.9 in use both 190 ms.
DENSE_ABOVE = 0.5
# Size of an expert's matrix below which other devices always compute all: they would wait for the number of pairs.
DENSE_BELOW = 500_000


def swiglu(x: Tensor) -> Tensor:
    """[..., 2 w], gate then up -> [..., w]."""
    gate, up = x.chunk(2, -1)
    return F.silu(gate) * up


def weighted_swiglu(x: Tensor, weights: Tensor) -> Tensor:
    """[N, experts, 2 w] and [N, experts] -> [N, experts w]."""
    return (swiglu(x) * weights.to(x.dtype)[..., None]).flatten(1)


def autocasted(x: Tensor) -> Tensor:
    """x as a matrix product under autocast would take it, for several of them to share."""
    device = x.device.type
    return x.to(torch.get_autocast_dtype(device)) if torch.is_autocast_enabled(device) else x


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

    @torch.compiler.disable(recursive=False)
    def gathered(self, x: Tensor, weights: Tensor, selected: Tensor) -> Tensor:
        """The same, each expert only for the tokens [N] that selected [N, E] it.

        An expert without tokens takes part, too: every process must reduce the same gradients.
        """
        experts, tokens = selected.T.nonzero().unbind(1)
        counts = selected.sum(0).tolist()
        rows = x.index_select(0, tokens).split(counts)
        inner = torch.cat([F.linear(some, matrix) for some, matrix in zip(rows, self.gate_up.to(x.dtype).unbind())])
        inner = weighted_swiglu(inner[:, None], weights[tokens, experts][:, None])
        matrices = self.down.to(x.dtype).unbind()
        y = torch.cat([F.linear(some, matrix) for some, matrix in zip(inner.split(counts), matrices)])
        return torch.zeros_like(x, dtype=torch.float32).index_add(0, tokens, y.float())


class MixtureOfExperts(nn.Module):
    """Router, routed experts and shared experts; a null expert adds nothing but keeps its weight."""

    def __init__(self, configuration: ModelConfiguration):
        super().__init__()
        c = self.configuration = configuration
        self.gate = nn.Parameter(torch.empty(c.dynamic_experts + c.shared_experts, c.hidden))
        self.routed = ExpertStack(c.experts, c.hidden, c.routed_width)
        self.shared = ExpertStack(c.shared_experts, c.hidden, c.shared_width)
        self.teaches_all = False  # training only: whether the router learns from experts that were not selected, too
        self.gathers: bool | None = None  # None: decide by the experts' size and the share of pairs in use
        self.routing: Routing | None = None  # of the last forward, N tokens

    def forward(self, x: Tensor, padding: Tensor | None = None) -> Tensor:
        """x [B, T, H], padding [B, T] bool -> [B, T, H]."""
        c = self.configuration
        tokens = x.reshape(-1, x.shape[-1])
        with torch.autocast(x.device.type, enabled=False):
            seen = input_jitter(tokens.float(), c.input_jitter) if self.training else tokens
            routing = self.routing = route(
                seen,
                self.gate,
                c.dynamic_experts,
                top_p=c.top_p,
                top_k=c.top_k,
                jitter=c.jitter,
                padding=None if padding is None else padding.reshape(-1),
                teaches_all=self.teaches_all and self.training,
            )
        tokens = autocasted(tokens)
        routed_weights, shared_weights = routing.weights[:, : c.experts], routing.weights[:, c.dynamic_experts :]
        selected = routing.selected[:, : c.experts]
        if self.gathers_now(selected):
            y = self.routed.gathered(tokens, routed_weights, selected)
        else:
            y = self.routed(tokens, routed_weights)
        return (y + self.shared(tokens, shared_weights)).view(x.shape)

    def gathers_now(self, selected: Tensor) -> bool:
        if self.teaches_all and self.training:
            return False
        if self.gathers is not None:
            return self.gathers
        if selected.device.type != "cpu" and self.routed.down[0].numel() < DENSE_BELOW:
            return False
        return float(selected.float().mean()) < DENSE_ABOVE
