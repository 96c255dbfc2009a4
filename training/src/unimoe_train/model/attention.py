"""Grouped-query attention with rotary positions.

`attend` is written out instead of calling the library's fused kernel: with its softmax compiled it is faster on a CPU
with bf16 (15 rows of 280 positions forward and backward on one core with AMX: 39 ms of its time, the fused kernel 62,
with its own grouping of heads 75).
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from unimoe_train.model.configuration import ModelConfiguration

MASKED = -1e30  # finite, so that a row that may attend to nothing gives numbers
# Positions that attend at a time: on a CPU 375 positions took 27 ms instead of 41 forward and backward; other devices
# want few large products.
ROWS, MANY_ROWS = 128, 2048


def rotary(positions: Tensor, head_dimension: int, theta: float) -> tuple[Tensor, Tensor]:
    """Cosines and sines [..., T, 1, head_dimension / 2] of positions [..., T].

    Text and audio have equal positions on the published model's three axes, so that its axes need no telling apart.
    """
    exponents = torch.arange(0, head_dimension, 2, dtype=torch.float32, device=positions.device) / head_dimension
    angles = positions[..., None, None].float() * theta**-exponents
    return angles.cos(), angles.sin()


def rotate(x: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
    """Rotates the pairs (j, j + d/2) of [B, T, heads, d]."""
    first, second = x.float().chunk(2, -1)
    return torch.cat([first * cosines - second * sines, second * cosines + first * sines], -1).to(x.dtype)


def masked_softmax(scores: Tensor, mask: Tensor) -> Tensor:
    """Softmax in float32 of scores [B, kv heads, T, group, S] plus a mask [T, 1, S] or [B, 1, T, 1, S]."""
    return F.softmax(scores.float() + mask, -1).to(scores.dtype)


def attend(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> Tensor:
    """Attention of grouped heads.

    query [B, T, heads, d], scaled; key, value [B, S, kv heads, d]; mask, added to the scores, [T, S] or [B, T, S].
    Without one, the queries are the last T of S positions, each of which sees what is not after it; then `ROWS`
    positions at a time leave out the keys after them all. Returns the mix [B, T, heads d].
    """
    B, T, heads, d = query.shape
    S, kv = key.shape[1:3]
    query = query.view(B, T, kv, heads // kv, d).transpose(1, 2)
    key, value = key.permute(0, 2, 3, 1), value.transpose(1, 2)
    if mask is None:
        causal = causal_mask(S, query.device)[S - T :, None]
        blocks = blocks_of(T, S, ROWS if query.device.type == "cpu" else MANY_ROWS)
    else:
        causal = mask[:, None] if mask.dim() == 2 else mask[:, None, :, None]
        blocks = [(slice(0, T), S)]
    mixes = []
    for rows, seen in blocks:
        scores = query[:, :, rows].flatten(2, 3) @ key[..., :seen]
        scores = scores.view(B, kv, -1, heads // kv, seen)
        chances = masked_softmax(scores, causal[..., rows, :, :seen]).to(value.dtype)
        mixes.append((chances.flatten(2, 3) @ value[:, :, :seen]).view(B, kv, -1, heads // kv, d))
    return torch.cat(mixes, 2).transpose(1, 2).reshape(B, T, heads * d)


def blocks_of(T: int, S: int, size: int) -> list[tuple[slice, int]]:
    """The last T of S positions, `size` at a time: which of the T, and how many of the S the last of them sees."""
    if T <= size:  # apart, so that a compiler needs no number of blocks
        return [(slice(0, T), S)]
    return [(slice(start, min(start + size, T)), S - T + min(start + size, T)) for start in range(0, T, size)]


def causal_mask(length: int, device: torch.device | None = None) -> Tensor:
    """Added to scores [T, T]: 0 up to the own position, then `MASKED`."""
    return torch.full((length, length), MASKED, device=device).triu(1)


class KeyValueCache:
    """Keys and values of one layer, [rows, capacity, kv heads, d], filled from the left."""

    def __init__(self, rows: int, capacity: int, configuration: ModelConfiguration, device: torch.device | None = None):
        shape = (rows, capacity, configuration.kv_heads, configuration.head_dimension)
        self.key, self.value = torch.zeros(shape, device=device), torch.zeros(shape, device=device)
        self.length = 0

    def append(self, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """Stores what is new and returns all."""
        start, self.length = self.length, self.length + key.shape[1]
        self.key[:, start : self.length], self.value[:, start : self.length] = key, value
        return self.key[:, : self.length], self.value[:, : self.length]

    def select(self, rows: Tensor) -> None:
        """Keeps these rows only."""
        self.key, self.value = self.key[rows], self.value[rows]


class SharedPrefix:
    """Keys and values of a prefix that all rows begin with: it is computed once, as a row of its own, before them."""

    def __init__(self) -> None:
        self.key: Tensor | None = None
        self.value: Tensor | None = None

    @property
    def length(self) -> int:
        return 0 if self.key is None else self.key.shape[1]

    def append(self, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """First the prefix's [1, P, kv heads, d], then the rows' [B, T, ...]; returns what these attend to,
        [B, P + T, ...]."""
        if self.key is None:
            self.key, self.value = key, value
            return key, value
        rows = len(key)
        return (
            torch.cat([self.key.expand(rows, -1, -1, -1), key], 1),
            torch.cat([self.value.expand(rows, -1, -1, -1), value], 1),
        )


class Attention(nn.Module):
    """Projections with biases into queries, keys and values (one matrix), attention, projection without bias."""

    def __init__(self, configuration: ModelConfiguration):
        super().__init__()
        c = configuration
        self.heads, self.kv_heads, self.d = c.heads, c.kv_heads, c.head_dimension
        self.qkv = nn.Linear(c.hidden, (c.heads + 2 * c.kv_heads) * self.d)
        self.out = nn.Linear(c.heads * self.d, c.hidden, bias=False)

    def forward(
        self,
        x: Tensor,
        cosines: Tensor,
        sines: Tensor,
        mask: Tensor | None,
        cache: KeyValueCache | SharedPrefix | None = None,
    ) -> Tensor:
        """x [B, T, H] -> the branch's output [B, T, H]."""
        B, T, _ = x.shape
        projected = self.qkv(x).view(B, T, self.heads + 2 * self.kv_heads, self.d)
        to_rotate, value = projected.split([self.heads + self.kv_heads, self.kv_heads], 2)
        query, key = rotate(to_rotate, cosines, sines).split([self.heads, self.kv_heads], 2)
        if cache is not None:
            key, value = cache.append(key, value)
        return self.out(attend(query * self.d**-0.5, key, value, mask))
