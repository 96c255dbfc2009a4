"""A hint where to look: some heads are taught to attend to the character that is spoken next, or to one a little ahead.

A character knows only what stands left of it, but how it sounds depends on what follows: "c" in "city", "th", a silent
"e". So in each guided layer the first head of each group of attention heads looks `lookahead` tokens further than the
one before. Two guided layers find the place better than one: the second sees where the frames before it have looked.
"""

from collections.abc import Collection

import torch
from torch import Tensor


def guidance(layers: Collection[Tensor], centre: Tensor, width: Tensor, lookahead: float) -> Tensor:
    """The mean loss of all guided heads: probabilities [B, heads, T, T] of each guided layer."""
    losses = []
    for chances in layers:
        for head, mine in enumerate(chances.unbind(1)):
            ahead = torch.where(centre >= 0, centre + lookahead * head, centre)
            losses.append(guided_attention_loss(mine, ahead, width))
    return torch.stack(losses).mean()


def guided_attention_loss(chances: Tensor, centre: Tensor, width: Tensor) -> Tensor:
    """-log of the attention that a head puts near the token that its position should speak.

    chances [B, T, T]: the head's probabilities; centre [B, T]: the position of that token, -1 where nothing is asked;
    width [B, T]: standard deviation of "near", in tokens. Mean over the positions that are asked. All rows at once.
    """
    places = torch.arange(chances.shape[-1], device=chances.device)
    near = torch.exp(-0.5 * ((places - centre[..., None]) / width[..., None]).square())
    mass = (chances * near.to(chances.dtype)).sum(-1, dtype=torch.float32)
    asked = (centre >= 0).float()
    return -((mass + 1e-4).log() * asked).sum() / asked.sum().clamp(min=1)
