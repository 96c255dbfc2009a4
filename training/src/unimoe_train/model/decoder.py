"""The stack: embeddings -> layers x { x += attention(norm x); x += experts(norm x) } -> norm -> hidden states."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from unimoe_train.model.attention import Attention, KeyValueCache, SharedPrefix, rotary
from unimoe_train.model.configuration import ModelConfiguration
from unimoe_train.model.experts import FeedForward, MixtureOfExperts
from unimoe_train.recipe import DOMAINS, SPEECH


def first_rows(c: ModelConfiguration, domain: str) -> Tensor:
    """Where the tables of a frame's channels begin, the plan's tables below the codebooks'."""
    books = [codebook * c.code_vocabulary for codebook in range(c.codebooks)]
    return torch.tensor(
        [c.codebooks * c.code_vocabulary + c.plan.table_start(channel) for channel in c.channels(domain)] + books
    )


def normalised(x: Tensor, weight: Tensor, epsilon: float, dtype: torch.dtype) -> Tensor:
    """weight * x / sqrt(mean(x^2) + epsilon), in float32 and returned as `dtype`."""
    x = x.float()
    return (weight * (x * torch.rsqrt(x.square().mean(-1, keepdim=True) + epsilon))).to(dtype)


def summed(x: Tensor, branch: Tensor, kept: Tensor | None) -> Tensor:
    """x + branch, of which `kept` [B, 1, H] is left."""
    return x + (branch if kept is None else branch * kept)


def summed_and_normalised(
    x: Tensor, branch: Tensor, kept: Tensor | None, weight: Tensor, epsilon: float, dtype: torch.dtype
) -> tuple[Tensor, Tensor]:
    """A branch added, and the sum normalised: one pass over memory where it is compiled."""
    x = summed(x, branch, kept)
    return x, normalised(x, weight, epsilon, dtype)


def kept_channels(x: Tensor, amount: float, training: bool) -> Tensor | None:
    """Which channels of each row of x [B, T, H] stay, the same at all its positions [B, 1, H], scaled; `None`: all.

    One random number per row and channel: a number per element would cost a tenth of a step on a CPU.
    """
    if not training or amount == 0:
        return None
    return F.dropout(torch.ones(len(x), 1, x.shape[-1], dtype=x.dtype, device=x.device), amount)


def channel_dropout(x: Tensor, amount: float, training: bool) -> Tensor:
    """Drops whole channels of a row, the same at all its positions: x [B, T, H]."""
    kept = kept_channels(x, amount, training)
    return x if kept is None else x * kept


def product_type(x: Tensor) -> torch.dtype:
    """In which a matrix product under autocast takes x, so that it need not be converted on the way."""
    device = x.device.type
    return torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else x.dtype


class Norm(nn.Module):
    """Root-mean-square norm with a weight per channel."""

    def __init__(self, hidden: int, epsilon: float):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(hidden))
        self.epsilon = epsilon

    def forward(self, x: Tensor) -> Tensor:
        return normalised(x, self.weight, self.epsilon, product_type(x))

    def after(self, x: Tensor, branch: Tensor, kept: Tensor | None, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
        """x + branch, and that normalised."""
        return summed_and_normalised(x, branch, kept, self.weight, self.epsilon, dtype)


class Layer(nn.Module):
    """Attention, then a mixture of experts (or, in a specialist, one feed-forward network)."""

    def __init__(self, configuration: ModelConfiguration):
        super().__init__()
        c = configuration
        self.attention_norm, self.attention = Norm(c.hidden, c.epsilon), Attention(c)
        self.experts_norm = Norm(c.hidden, c.epsilon)
        self.experts = FeedForward(c.hidden, c.dense_width) if c.dense_width else MixtureOfExperts(c)
        self.dropout = 0.0  # of both branches, in training only

    def forward(
        self,
        x: Tensor,
        cosines: Tensor,
        sines: Tensor,
        mask: Tensor | None,
        padding: Tensor | None,
        cache: KeyValueCache | SharedPrefix | None = None,
    ) -> Tensor:
        """x [B, T, H] -> x [B, T, H]."""
        branch = self.attention(self.attention_norm(x), cosines, sines, mask, cache)
        kept = kept_channels(x, self.dropout, self.training)
        if isinstance(self.experts, FeedForward):
            x, seen = self.experts_norm.after(x, branch, kept, product_type(x))
            branch = self.experts(seen)
        else:  # routers see float32
            x, seen = self.experts_norm.after(x, branch, kept, torch.float32)
            branch = self.experts(seen, padding)
        return summed(x, branch, kept_channels(x, self.dropout, self.training))


class LanguageModel(nn.Module):
    """Text tokens and code frames in, hidden states out; `head` turns those into codes."""

    def __init__(self, configuration: ModelConfiguration):
        super().__init__()
        c = self.configuration = configuration
        self.embedding = nn.Parameter(torch.empty(c.vocabulary, c.hidden))
        self.code_embedding = nn.Parameter(
            torch.empty(c.codebooks * c.code_vocabulary + (c.plan.rows if c.plan else 0), c.hidden)
        )
        self.layers = nn.ModuleList(Layer(c) for _ in range(c.layers))
        self.norm = Norm(c.hidden, c.epsilon)
        self.head = nn.Parameter(torch.empty(c.codebooks * c.code_vocabulary, c.hidden))
        self.plan_head = nn.Parameter(torch.empty(c.plan.head_rows, c.hidden)) if c.plan else None
        self.starts = {domain: first_rows(c, domain) for domain in DOMAINS}
        self.dropout = 0.0
        self.initialise()

    @torch.no_grad()
    def initialise(self) -> None:
        """Draws all weights: unit-gain matrices, small ones into the residual stream, a nearly even router."""
        c = self.configuration
        for name, weight in self.named_parameters():
            if name.endswith("norm.weight"):
                weight.fill_(1)
            elif name.endswith("bias"):
                weight.zero_()
            elif name == "embedding":
                weight.normal_(std=0.5)
            elif name == "code_embedding":
                weight.normal_(std=0.5 / math.sqrt(c.codebooks))
            elif name in ("head", "plan_head"):
                weight.normal_(std=0.02)
            elif name.endswith("gate"):
                weight.normal_(std=0.3 / math.sqrt(c.hidden))
            elif name.endswith(("down", "out.weight")):
                weight.normal_(std=0.5 / math.sqrt(weight.shape[-1] * 2 * c.layers))
            else:
                weight.normal_(std=weight.shape[-1] ** -0.5)
        if c.plan:  # what fills the heads up
            self.plan_head[sum(channel.head_rows for channel in c.plan.channels) :] = 0

    def embed_codes(self, frames: Tensor, domain: str = SPEECH) -> Tensor:
        """Code frames [..., P + C] -> the sum of their embeddings [..., H]: the P plan channels of the domain, then the
        C codebooks."""
        starts = self.starts[domain].to(frames.device)
        rows = (frames + starts).view(-1, len(starts))
        return F.embedding_bag(rows, self.code_embedding, mode="sum").view(*frames.shape[:-1], -1)

    def embed(self, ids: Tensor, frames: Tensor | None, domain: str = SPEECH) -> Tensor:
        """Tokens [B, T], in which each placeholder stands for the next of the code frames [F, P + C] in reading order."""
        x = F.embedding(ids, self.embedding)
        if frames is None or not len(frames):
            return x
        places = (ids.flatten() == self.configuration.placeholder).nonzero()[:, 0]
        return x.flatten(0, 1).index_copy(0, places, self.embed_codes(frames, domain).to(x.dtype)).view(x.shape)

    def run(
        self,
        x: Tensor,
        *,
        positions: Tensor | None = None,
        mask: Tensor | None = None,
        padding: Tensor | None = None,
        caches: list[KeyValueCache] | None = None,
        prefix: Tensor | None = None,
    ) -> Tensor:
        """The layers and the final norm: embeddings [B, T, H] -> hidden states [B, T, H].

        positions [B, T] or [T], 0 ... T-1 if not given; mask [T, S] or [B, T, S] added to attention scores, causal if
        not given; padding [B, T] bool marks tokens that no routed expert takes. `prefix`: embeddings [1, P, H] that
        stand before every row, of which nothing is returned; not with `caches`.
        """
        c = self.configuration
        if prefix is not None:
            caches = self.shared(prefix)
        if positions is None:
            start = caches[0].length if prefix is not None else 0
            positions = torch.arange(start, start + x.shape[1], device=x.device)
        cosines, sines = rotary(positions, c.head_dimension, c.rope_theta)
        for index, layer in enumerate(self.layers):
            x = layer(x, cosines, sines, mask, padding, caches[index] if caches else None)
        return self.norm(x)

    def shared(self, prefix: Tensor) -> list[SharedPrefix]:
        """Keys and values of all layers for a prefix's embeddings [1, P, H]."""
        c = self.configuration
        cosines, sines = rotary(torch.arange(prefix.shape[1], device=prefix.device), c.head_dimension, c.rope_theta)
        caches = [SharedPrefix() for _ in self.layers]
        x = prefix
        for layer, cache in zip(self.layers, caches):
            x = layer(x, cosines, sines, None, None, cache)
        return caches

    def logits(self, hidden: Tensor) -> Tensor:
        """Hidden states [..., H] -> logits [..., C, V]."""
        c = self.configuration
        return F.linear(hidden, self.head).view(*hidden.shape[:-1], c.codebooks, c.code_vocabulary)

    def plan_logits(self, hidden: Tensor, domain: str) -> list[Tensor]:
        """Hidden states [..., H] -> logits [..., codes + 1] of each written plan channel of a domain; the last is EOS."""
        plan = self.configuration.plan
        return [
            F.linear(hidden, self.plan_head[plan.head_start(channel) :][: channel.head_rows])
            for channel in self.configuration.written(domain)
        ]

    def mixtures(self) -> list[MixtureOfExperts]:
        """The layers' mixtures of experts; none in a specialist."""
        return [layer.experts for layer in self.layers if isinstance(layer.experts, MixtureOfExperts)]

    def set_dropout(self, amount: float) -> None:
        """Of the embeddings and of every branch, in training only."""
        self.dropout = amount
        for layer in self.layers:
            layer.dropout = amount
