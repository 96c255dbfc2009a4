"""From hidden states to codes: the head's loss without its logits, and training-only heads."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

IGNORE = -100  # a label that carries no loss

ROWS, MANY_ROWS = 2048, 65536  # of logits that are in memory at a time


def block(device: torch.device, codebooks: int) -> tuple[int, int]:
    """Rows and codebooks of the logits that are in memory at a time: on a CPU they stay in its cache; other devices
    want few large products."""
    return (ROWS, 1) if device.type == "cpu" else (MANY_ROWS, codebooks)


def softmax_gradient(logits: Tensor, target: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
    """logits [n, V], target [n], weight [n] -> weighted cross entropies [n], gradients [n, V] in the logits' type."""
    logits32 = logits.float()
    largest = logits32.amax(-1, keepdim=True)
    exponentials = (logits32 - largest).exp()
    total = exponentials.sum(-1, keepdim=True)
    at = torch.arange(logits.shape[-1], device=logits.device) == target[:, None]
    own = torch.where(at, logits32, 0.0).sum(-1)
    loss = (total.log() + largest)[:, 0] - own
    gradient = (exponentials / total - at.float()) * weight[:, None]
    return loss * weight, gradient.to(logits.dtype)


class HeadLoss(torch.autograd.Function):
    """Sum over codebooks and rows of weight * cross entropy, whose gradients are formed in the forward pass, a block of
    logits at a time: no logits are kept, and none are widened in memory."""

    @staticmethod
    def forward(ctx, hidden: Tensor, head: Tensor, target: Tensor, weight: Tensor, dtype: torch.dtype):
        """hidden [n, H], head [C V, H], target [n, C] (any code where weight is 0), weight [n, C] float32.

        Returns the loss and the weighted sum of cross entropies per codebook [C].
        """
        C, V = target.shape[1], head.shape[0] // target.shape[1]
        h, w = hidden.detach().to(dtype), head.detach().to(dtype).view(C, V, -1)
        needs = ctx.needs_input_grad[0] or ctx.needs_input_grad[1]
        losses = torch.zeros(C, device=hidden.device)
        hidden_gradient = torch.zeros(hidden.shape, device=hidden.device) if needs else None
        head_gradient = torch.zeros(C, V, h.shape[1], device=hidden.device) if needs else None
        size, group = block(hidden.device, C)
        for start in range(0, len(h), size):
            rows = slice(start, start + size)
            for first in range(0, C, group):
                books = slice(first, first + group)
                part = w[books].flatten(0, 1)
                loss, gradient = softmax_gradient(
                    (h[rows] @ part.T).view(-1, V), target[rows, books].flatten(), weight[rows, books].flatten()
                )
                losses[books] += loss.view(-1, group).sum(0)
                if needs:
                    gradient = gradient.view(-1, group * V)
                    hidden_gradient[rows] += gradient @ part
                    head_gradient[books] += (gradient.T @ h[rows]).view(group, V, -1)
        ctx.save_for_backward(hidden_gradient, None if head_gradient is None else head_gradient.view(head.shape))
        ctx.dtypes = hidden.dtype, head.dtype
        ctx.mark_non_differentiable(losses)
        return losses.sum(), losses

    @staticmethod
    def backward(ctx, gradient: Tensor, _losses: Tensor):
        hidden_gradient, head_gradient = ctx.saved_tensors
        of_hidden, of_head = (gradient * saved for saved in (hidden_gradient, head_gradient))
        return of_hidden.to(ctx.dtypes[0]), of_head.to(ctx.dtypes[1]), None, None, None


def codec_loss(
    hidden: Tensor, head: Tensor, labels: Tensor, weight: Tensor, scale: Tensor, dtype: torch.dtype
) -> tuple[Tensor, Tensor]:
    """The loss that trains a model: the sum over codebooks of scale * mean cross entropy.

    hidden [N, H]; head [C V, H]; labels [N, C] with `IGNORE` where none is learned; weight [N]; scale [C]. Only
    positions with a label are computed. Returns the loss and the mean cross entropy per codebook [C], in nats.
    """
    known = labels != IGNORE
    rows = known.any(1).nonzero()[:, 0]
    known, labels = known.index_select(0, rows), labels.index_select(0, rows)
    weights = known * weight.index_select(0, rows)[:, None]
    weights = weights / weights.sum(0).clamp(min=1e-9) * scale
    loss, losses = HeadLoss.apply(hidden.index_select(0, rows), head, labels.clamp(min=0), weights, dtype)
    return loss, losses / scale


class FlagHead(nn.Module):
    """Training only: tells from a middle layer of several things whether each is so. Its zeros at first ask nothing of
    the layers below."""

    def __init__(self, hidden: int, things: int):
        super().__init__()
        self.head = nn.Linear(hidden, things)
        for parameter in self.parameters():
            nn.init.zeros_(parameter)

    def forward(self, hidden: Tensor, flags: Tensor) -> Tensor:
        """hidden [N, H], flags [N, things] of 0 and 1, -1 where none is known -> mean cross entropy of all things."""
        rows = (flags[:, 0] >= 0).nonzero()[:, 0]
        if not len(rows):  # takes part all the same, so that every process reduces the same gradients
            return sum(weight.sum() for weight in self.parameters()) * 0.0
        logits = self.head(F.rms_norm(hidden.index_select(0, rows).float(), hidden.shape[-1:])).float()
        return F.binary_cross_entropy_with_logits(logits, flags.index_select(0, rows).to(logits.dtype))


class ClassHead(nn.Module):
    """Training only: tells several things from a middle layer, each one of so many classes: the phonemes of the next
    code frame and of a later one, those that a token of the text begins and ends in, or what a caption asks for.

    Its zeros at first ask nothing of the layers below, so that it can join a model that is trained already.
    """

    def __init__(self, hidden: int, sizes: Sequence[int]):
        """sizes: the number of classes of each thing."""
        super().__init__()
        self.heads = nn.ModuleList(nn.Linear(hidden, size) for size in sizes)
        for parameter in self.parameters():
            nn.init.zeros_(parameter)

    def forward(self, hidden: Tensor, classes: Tensor) -> Tensor:
        """hidden [N, H], classes [N, things] with -1 where none is known -> mean cross entropy of all things."""
        # Without targets the heads still take part, so that every process reduces the same gradients.
        hidden = F.rms_norm(hidden.float(), hidden.shape[-1:])
        total = sum(weight.sum() for weight in self.parameters()) * 0.0
        for head, target in zip(self.heads, classes.unbind(-1), strict=True):
            rows = (target >= 0).nonzero()[:, 0]
            if len(rows):
                loss = F.cross_entropy(head(hidden.index_select(0, rows)).float(), target[rows].long())
                total = total + loss / len(self.heads)
        return total
