"""A hint where to look: some heads are taught to attend to the character that is spoken next, or to one a little ahead.

A character knows only what stands left of it, but how it sounds depends on what follows: "c" in "city", "th", a silent
"e". So in each guided layer the first head of each group of attention heads looks `lookahead` tokens further than the
one before. Two guided layers find the place better than one: the second sees where the frames before it have looked.
"""

from collections.abc import Collection

import torch
from torch import Tensor

REACH = 10  # tokens on each side that count as near; at 4 deviations nothing is left


def guidance(layers: Collection[list[Tensor]], centre: Tensor, width: Tensor, lookahead: float) -> Tensor:
    """The mean loss of all guided heads: of each guided layer the probabilities that `attend` returns."""
    return torch.stack([guided_attention_loss(blocks, centre, width, lookahead) for blocks in layers]).mean()


def guided_attention_loss(blocks: list[Tensor], centre: Tensor, width: Tensor, lookahead: float = 0.0) -> Tensor:
    """-log of the attention that the heads of a layer put near the token that their position should speak.

    blocks: the heads' probabilities [B, heads, rows, keys], which together have T rows; centre [B, T]: the position of
    that token, -1 where nothing is asked; width [B, T]: standard deviation of "near", in tokens. Head h looks h times
    `lookahead` tokens further. Mean over heads and the positions that are asked.
    """
    heads = blocks[0].shape[1]
    asked = (centre >= 0).float()
    ahead = lookahead * torch.arange(heads, device=centre.device)[None, :, None]
    middle = (centre[:, None] + ahead)[..., None]
    places = middle.round() + torch.arange(-REACH, REACH + 1, device=centre.device)
    near = torch.exp(-0.5 * ((places - middle) / width[:, None, :, None]).square())
    masses, start = [], 0
    for chances in blocks:
        rows, keys = slice(start, start + chances.shape[2]), chances.shape[3]
        start = rows.stop
        here = places[:, :, rows].long()
        weight = torch.where((here >= 0) & (here < keys), near[:, :, rows], 0.0)
        masses.append((chances.gather(-1, here.clamp(0, keys - 1)).float() * weight).sum(-1))
    mass = torch.cat(masses, 2)
    return -((mass + 1e-4).log() * asked[:, None]).sum() / (heads * asked.sum()).clamp(min=1)
