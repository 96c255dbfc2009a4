"""A hint where to look: some heads are taught to attend to the character that is spoken next, or to one a little ahead.

A character knows only what stands left of it, but how it sounds depends on what follows: "c" in "city", "th", a silent
"e". So in each guided layer the first head of each group of attention heads looks `lookahead` tokens further than the
one before. Two guided layers find the place better than one: the second sees where the frames before it have looked.

In the same way the first of these layers finds the digits and letters of a caption that say the tempo and the key, and
the last one, in music, what was played one beat and one bar before: it comes again.
"""

from collections.abc import Collection

import torch
from torch import Tensor

REACH = 10  # tokens on each side that count as near; at 4 deviations nothing is left
BACK_WIDTH, TOLD_WIDTH = 1.5, 0.5  # standard deviations of "near": in code frames of music, in tokens of a caption


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
    ahead = lookahead * torch.arange(heads, device=centre.device)[None, :, None]
    return missed(blocks, centre[:, None] + ahead, (centre >= 0)[:, None].expand(-1, heads, -1), width[:, None])


def pointed(blocks: list[Tensor], places: Tensor, width: float) -> Tensor:
    """-log of the attention that each of a layer's heads puts near a place of its own. blocks as above; places
    [B, T, heads], -1 where nothing is asked; width: standard deviation of "near". Where there are fewer heads, the last
    places are left out.
    """
    places = places.movedim(-1, 1)[:, : blocks[0].shape[1]]
    return missed([chances[:, : places.shape[1]] for chances in blocks], places, places >= 0, places.new_tensor(width))


def missed(blocks: list[Tensor], middle: Tensor, asked: Tensor, width: Tensor) -> Tensor:
    """The mean -log of the attention near `middle` [B, heads, T], over what is `asked` [B, heads, T]."""
    places = middle[..., None].round() + torch.arange(-REACH, REACH + 1, device=middle.device)
    near = torch.exp(-0.5 * ((places - middle[..., None]) / width[..., None]).square())
    masses, start = [], 0
    for chances in blocks:
        rows, keys = slice(start, start + chances.shape[2]), chances.shape[3]
        start = rows.stop
        here = places[:, :, rows].long()
        weight = torch.where((here >= 0) & (here < keys), near[:, :, rows], 0.0)
        masses.append((chances.gather(-1, here.clamp(0, keys - 1)).float() * weight).sum(-1))
    return -((torch.cat(masses, 2) + 1e-4).log() * asked).sum() / asked.sum().clamp(min=1)
