"""Whether numbers are neither NaN nor infinite: a training whose are not ends at once, and its last good state stays."""

from collections.abc import Iterable

import torch
from torch import Tensor
from torch.distributed.tensor import DTensor

from unimoe_train.errors import BadInput


def are_finite(tensors: Iterable[Tensor]) -> bool:
    """Of tensors, or of this process's parts of them."""
    parts = (tensor.to_local() if isinstance(tensor, DTensor) else tensor for tensor in tensors)
    return all(bool(torch.isfinite(part).all()) for part in parts)


def not_finite(rate: str, what: str, step: int, saved: object) -> BadInput:
    """What ends a training: `rate` is the recipe's field that is to blame, `saved` the file that has the last good state."""
    return BadInput(
        rate,
        expected=f"one at which {what} stays finite",
        found=f"NaN or infinity at step {step}; {saved} stays as it was saved last",
    )
