"""From the logits of a conditional and an unconditional stream to codes: guidance, masks, truncation, the draw.

Everything is float32 and as in the reference; B requests, C codebooks, V codes.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from unimoe_train.model.configuration import ModelConfiguration
from unimoe_train.recipe import SamplingDefaults

OUT = float("-inf")


def guided(logits: Tensor, scale: float) -> Tensor:
    """[2 B, C, V], unconditional and conditional by turns -> [B, C, V]. Scale 1 already means 2 c - u."""
    unconditional, conditional = logits[0::2], logits[1::2]
    return conditional + scale * (conditional - unconditional) if scale else conditional


def allowed(
    logits: Tensor, frame: int, sampling: SamplingDefaults, c: ModelConfiguration, planned: Tensor | None = None
) -> Tensor:
    """Forbids special codes; the end may come in the first codebook, from code frame `min_tokens` on, its logit times a
    factor, but not in requests whose plan ends [B]. `frame`: the one that the first codebook is asked for."""
    logits = logits.clone()
    logits[..., c.eos + 1 :] = OUT
    logits[:, 1:, c.eos] = OUT
    if frame < max(0, sampling.min_tokens):
        logits[:, 0, c.eos] = OUT
    else:
        logits[:, 0, c.eos] *= sampling.eos_prob_mul_factor
    if planned is not None:
        logits[planned, 0, c.eos] = OUT
    return logits


def probabilities(logits: Tensor, sampling: SamplingDefaults, eos: int | None) -> Tensor:
    """Rows of logits [n, V] -> what is drawn from [n, V]; temperature above 0.

    `eos`, if given, can be drawn only where it is the likeliest code.
    """
    logits = logits / sampling.temperature
    if eos is not None:
        logits[logits.argmax(-1) != eos, eos] = OUT
    if 0 < sampling.cfg_filter_top_k < logits.shape[-1]:
        values, indices = logits.topk(sampling.cfg_filter_top_k, -1)
        logits = torch.full_like(logits, OUT).scatter(-1, indices, values)
    if sampling.top_p < 1:
        ordered, indices = F.softmax(logits, -1).sort(-1, descending=True)
        dropped = ordered.cumsum(-1) - ordered > sampling.top_p
        logits = logits.masked_fill(torch.zeros_like(dropped).scatter(-1, indices, dropped), OUT)
    return F.softmax(logits, -1)


def choose(logits: Tensor, sampling: SamplingDefaults, uniforms: Tensor | None, eos: int) -> Tensor:
    """Codes [B, C] of allowed logits [B, C, V]; uniforms [B, C] in 0 ... 1 where codes are drawn.

    A code is the number of entries of the running sum of the probabilities that are at most uniform * total.
    """
    if not sampling.do_sample or sampling.temperature == 0 or uniforms is None:
        return logits.argmax(-1)
    sums = probabilities(logits.flatten(0, 1), sampling, eos).double().cumsum(-1)
    limits = uniforms.double().flatten()[:, None] * sums[:, -1:]
    return (sums <= limits).sum(-1).clamp(max=logits.shape[-1] - 1).view(logits.shape[:2])
