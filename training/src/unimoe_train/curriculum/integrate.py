"""Stage 2: the mixture of experts is assembled of the specialists; its router and shared experts warm up.

- Routed experts: each specialist's feed-forward network is cut into slices, one expert each: speech's first, then
  music's. A token that chooses all slices of one specialist gets the specialist's output back: a slice's down
  projection is scaled up, since the weights of the chosen and the shared experts sum to one.
- Attention, norms, embeddings, heads: what the base had, plus a share of what each specialist learned since.
- Router and shared experts: new. They learn, all else stands still, on a small balanced set.
"""

from dataclasses import replace

import torch
from torch import Tensor

from unimoe_train.curriculum.learned import is_finished
from unimoe_train.curriculum.snapshot import load_model
from unimoe_train.curriculum.specialists import BASE, mix
from unimoe_train.curriculum.stage import Stage
from unimoe_train.curriculum.surroundings import Surroundings
from unimoe_train.curriculum.trainer import Trainer
from unimoe_train.errors import BadInput
from unimoe_train.model.configuration import ModelConfiguration
from unimoe_train.model.decoder import LanguageModel
from unimoe_train.recipe import DOMAINS, MUSIC, SPEECH

NAME = "integrate"
NEW = ("experts.gate", "experts.shared.gate_up", "experts.shared.down")  # endings of what is new
EMPTY_WIDTH = 32  # of a shared expert that adds nothing


def train(around: Surroundings, extend: bool = False) -> None:
    if is_finished(around, NAME, [], extend):
        return
    check_domains(around)
    recipe = around.recipe.curriculum
    torch.manual_seed(around.seed)
    base, speech, music = (load_model(around.state.checkpoint(name)) for name in (BASE, SPEECH, MUSIC))
    model = assemble(around.configuration, base, speech, music, recipe.merge_speech, recipe.merge_music)
    stage = Stage(
        NAME,
        recipe.integrate,
        mix(around, *DOMAINS),
        learns=lambda name: name.endswith(NEW),
        limit=recipe.integrate_clips,
    )
    Trainer(stage, model, around).run(extend)


def check_domains(around: Surroundings) -> None:
    """Throws `BadInput` where one domain has no data, so that no specialist of it can be assembled."""
    for domain, other in ((SPEECH, MUSIC), (MUSIC, SPEECH)):
        if not around.clips.of(domain):
            raise BadInput(
                around.state.root / "codes",
                expected=f"{SPEECH} and {MUSIC}, whose specialists stage 2 joins",
                found=f"no {domain}: `unimoe-train naive` and `joint --initial MODEL` learn {other} alone",
            )


@torch.no_grad()
def assemble(
    configuration: ModelConfiguration,
    base: LanguageModel,
    speech: LanguageModel,
    music: LanguageModel,
    merge_speech: float,
    merge_music: float,
) -> LanguageModel:
    """The mixture of experts before its warm-up."""
    model = LanguageModel(configuration)
    ours = dict(model.named_parameters())
    for (name, a), b, c in zip(base.named_parameters(), speech.parameters(), music.parameters()):
        if name in ours:
            ours[name].copy_(a + merge_speech * (b - a) + merge_music * (c - a))
    half = configuration.experts // 2
    for layer, of_speech, of_music in zip(model.layers, speech.layers, music.layers):
        routed = layer.experts.routed
        for source, experts in ((of_speech, range(half)), (of_music, range(half, 2 * half))):
            gate_up, down = slices(source.experts.gate_up, source.experts.down, half)
            scale = half + configuration.shared_experts
            routed.gate_up[experts.start : experts.stop].copy_(gate_up)
            routed.down[experts.start : experts.stop].copy_(down * scale)
        for expert in range(2 * half, configuration.experts):  # an odd one out is everyone's
            routed.gate_up[expert].copy_((routed.gate_up[0] + routed.gate_up[half]) / 2)
            routed.down[expert].copy_((routed.down[0] + routed.down[half]) / 2)
    return model


def slices(gate_up: Tensor, down: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """A network gate_up [2 W, H], down [H, W] as `count` narrower ones [count, 2 w, H], [count, H, w]."""
    gate, up = (half.chunk(count) for half in gate_up.chunk(2))
    return torch.stack([torch.cat(pair) for pair in zip(gate, up)]), torch.stack(down.chunk(count, 1))


@torch.no_grad()
def as_mixture(dense: LanguageModel) -> LanguageModel:
    """A specialist as a mixture of one expert, which engines know. Its router is indifferent between that and a shared
    expert that adds nothing, so that the one weighs a half, and its down projection is doubled."""
    c = dense.configuration
    one = {"experts": 1, "null_experts": 0, "shared_experts": 1, "dense_width": 0}
    model = LanguageModel(replace(c, **one, routed_width=c.dense_width, shared_width=EMPTY_WIDTH))
    ours = dict(model.named_parameters())
    for name, weight in dense.named_parameters():
        if name in ours:
            ours[name].copy_(weight)
    for layer, source in zip(model.layers, dense.layers):
        for weight in layer.experts.parameters():
            weight.zero_()
        layer.experts.routed.gate_up[0].copy_(source.experts.gate_up)
        layer.experts.routed.down[0].copy_(2 * source.experts.down)
    return model.eval()
