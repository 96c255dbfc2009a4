"""From hidden states to codes: the loss of the codebooks without their logits, and the plan's."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

MULTIPLE = 32  # to which columns are filled up: products with 1,027 run at half the speed of those with 1,056
IGNORE = -100  # a label that carries no loss

MINIMUM_CHANCE = 0.05  # of a codebook to be learned: its loss would count for too much otherwise

ROWS, MANY_ROWS = 2048, 65536  # of logits that are in memory at a time


def block(device: torch.device, codebooks: int) -> tuple[int, int]:
    """Rows and codebooks of the logits that are in memory at a time: on a CPU they stay in its cache; other devices
    want few large products."""
    return (ROWS, 1) if device.type == "cpu" else (MANY_ROWS, codebooks)


def softmax_gradient(logits: Tensor, classes: int, target: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
    """logits [n, W], the first `classes` columns of which count, target [n], weight [n] -> weighted cross entropies [n],
    gradients [n, W] in the logits' type."""
    place = torch.arange(logits.shape[-1], device=logits.device)
    logits32 = torch.where(place < classes, logits.float(), float("-inf"))
    largest = logits32.amax(-1, keepdim=True)
    exponentials = (logits32 - largest).exp()
    total = exponentials.sum(-1, keepdim=True)
    at = place == target[:, None]
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

        Returns the loss, and the weighted sums of cross entropies per codebook [C] and per row [n].
        """
        C, V = target.shape[1], head.shape[0] // target.shape[1]
        columns = -(-V // MULTIPLE) * MULTIPLE
        h, w = hidden.detach().to(dtype), F.pad(head.detach().to(dtype).view(C, V, -1), (0, 0, 0, columns - V))
        needs = ctx.needs_input_grad[0] or ctx.needs_input_grad[1]
        losses, each = torch.zeros(C, device=hidden.device), torch.zeros(len(h), device=hidden.device)
        hidden_gradient = torch.zeros(hidden.shape, device=hidden.device) if needs else None
        head_gradient = torch.zeros(C, columns, h.shape[1], device=hidden.device) if needs else None
        size, group = block(hidden.device, C)
        for start in range(0, len(h), size):
            rows = slice(start, start + size)
            for first in range(0, C, group):
                books = slice(first, first + group)
                weights = weight[rows, books].flatten()
                if group == 1 and not weights.any():
                    continue  # not learned this time
                part = w[books].flatten(0, 1)
                logits = (h[rows] @ part.T).view(-1, columns)
                targets = target[rows, books].flatten()
                loss, gradient = softmax_gradient(logits, V, targets, weights)
                losses[books] += loss.view(-1, group).sum(0)
                each[rows] += loss.view(-1, group).sum(1)
                if needs:
                    gradient = gradient.view(-1, group * columns)
                    hidden_gradient[rows] += gradient @ part
                    head_gradient[books] += (gradient.T @ h[rows]).view(group, columns, -1)
        ctx.save_for_backward(
            hidden_gradient, None if head_gradient is None else head_gradient[:, :V].reshape(head.shape)
        )
        ctx.dtypes = hidden.dtype, head.dtype
        ctx.mark_non_differentiable(losses, each)
        return losses.sum(), losses, each

    @staticmethod
    def backward(ctx, gradient: Tensor, _losses: Tensor, _each: Tensor):
        hidden_gradient, head_gradient = ctx.saved_tensors
        of_hidden, of_head = (gradient * saved for saved in (hidden_gradient, head_gradient))
        return of_hidden.to(ctx.dtypes[0]), of_head.to(ctx.dtypes[1]), None, None, None


def codec_loss(
    hidden: Tensor,
    head: Tensor,
    labels: Tensor,
    weight: Tensor,
    scale: Tensor,
    dtype: torch.dtype,
    chances: Tensor | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """The loss that trains a model: the sum over codebooks of scale * mean cross entropy.

    hidden [N, H]; head [C V, H]; labels [N, C] with `IGNORE` where none is learned; weight [N]; scale [C]. Only
    positions with a label are computed. With `chances` [C], each block of rows learns each codebook with its chance and
    counts it for as much more, so that the mean of the gradients is the same. Returns the loss, the mean cross entropy per codebook [C], in nats, and per
    position [N], weighted as in the loss; -1 where none is learned.
    """
    known = labels != IGNORE
    rows = known.any(1).nonzero()[:, 0]
    known, labels = known.index_select(0, rows), labels.index_select(0, rows)
    weights = known * weight.index_select(0, rows)[:, None]
    weights = weights / weights.sum(0).clamp(min=1e-9) * scale
    size, group = block(hidden.device, labels.shape[1])
    if chances is not None and group == 1:  # elsewhere nothing would be saved
        learned = torch.rand(-(-len(rows) // size), len(chances), device=chances.device) < chances
        weights = weights * (learned / chances).repeat_interleave(size, 0)[: len(rows)]
    loss, losses, each = HeadLoss.apply(hidden.index_select(0, rows), head, labels.clamp(min=0), weights, dtype)
    difficulty = torch.full((len(weight),), -1.0, device=weight.device)
    difficulty[rows] = each / weights.sum(1).clamp(min=1e-12)
    return loss, losses / scale, difficulty


def chances_of(scale: Tensor, share: float) -> Tensor:
    """How often each codebook is learned, so that a share of all is: the likelier the more its loss counts. scale [C]"""
    chances, free = torch.ones_like(scale), scale > 0
    while free.any():
        left = share * len(scale) - float((~free & (scale > 0)).sum())
        wanted = scale * left / scale[free].sum()
        if not (over := free & (wanted >= 1)).any():
            return torch.where(free, wanted.clamp(min=MINIMUM_CHANCE), chances)
        free = free & ~over
    return chances


def plan_losses(model: nn.Module, hidden: Tensor, domain: str, labels: Tensor, weight: Tensor) -> dict[str, Tensor]:
    """The mean cross entropy of each written plan channel of a domain, in nats.

    hidden [N, H]; labels [N, W] with `IGNORE` where none is learned; weight [N]. Only positions with a label are
    computed; a channel without any takes part all the same, so that every process reduces the same gradients.
    """
    if not labels.shape[1]:
        return {}
    c, losses = model.configuration, {}
    for column, channel in enumerate(c.written(domain)):
        rows = (labels[:, column] != IGNORE).nonzero()[:, 0]
        start, weights = c.plan.head_start(channel), weight.index_select(0, rows)
        logits = F.linear(hidden.index_select(0, rows), model.plan_head[start : start + channel.head_rows]).float()
        each = F.cross_entropy(logits, labels[:, column].index_select(0, rows), reduction="none")
        losses[channel.name] = (each * weights).sum() / weights.sum().clamp(min=1e-9)
    return losses
