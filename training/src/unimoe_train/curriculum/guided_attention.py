"""A hint where to look: one head is taught to attend to the character that is spoken next."""

import torch
from torch import Tensor


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
