"""Stage 1: dense models, one per domain, and before them a common ancestor.

The paper starts from a pretrained language model. Here the base takes its place: a dense model of both domains, without
which averaging two specialists' attention would be meaningless. A specialist goes on from it on its own full data set.
"""

import torch

from unimoe_train.curriculum.learned import is_finished
from unimoe_train.curriculum.snapshot import load_model
from unimoe_train.curriculum.stage import Stage
from unimoe_train.curriculum.surroundings import Surroundings
from unimoe_train.curriculum.trainer import Trainer
from unimoe_train.model.decoder import LanguageModel
from unimoe_train.recipe import DOMAINS, MUSIC, SPEECH

BASE = "base"
STAGES = (BASE, SPEECH, MUSIC)


def mix(around: Surroundings, *domains: str) -> list[dict[str, int]]:
    """One batch a step of every domain that has clips: a balanced mix, however much there is of each."""
    recipe = around.recipe.curriculum
    positions = {SPEECH: recipe.positions, MUSIC: recipe.music_positions}
    return [{domain: positions[domain]} for domain in around.present(*domains)]


def stage(around: Surroundings, name: str) -> Stage:
    recipe = around.recipe.curriculum
    return Stage(name, getattr(recipe, name), mix(around, *(DOMAINS if name == BASE else (name,))))


def train(around: Surroundings, name: str, extend: bool = False) -> None:
    """Trains the base, or a specialist, which goes on from it; skips one that is done."""
    if is_finished(around, name, list(DOMAINS) if name == BASE else [name], extend):
        return
    model = fresh(around) if name == BASE else load_model(around.state.checkpoint(BASE))
    Trainer(stage(around, name), model, around).run(extend)


def fresh(around: Surroundings) -> LanguageModel:
    torch.manual_seed(around.seed)
    return LanguageModel(around.configuration.specialist())
