"""The baseline that the paper compares with: the same model from random weights, on the data as they come (unbalanced),
from the start, with as many tokens as all stages of the curriculum had together."""

import torch

from unimoe_train.curriculum.snapshot import facts, is_done
from unimoe_train.curriculum.surroundings import Surroundings
from unimoe_train.curriculum.trainer import Stage, Trainer
from unimoe_train.errors import BadInput
from unimoe_train.model.decoder import LanguageModel
from unimoe_train.recipe import MUSIC, SPEECH, StageRecipe

NAME = "naive"
CURRICULUM = ("base", SPEECH, MUSIC, "integrate", "joint")


def train(around: Surroundings, extend: bool = False) -> None:
    if is_done(around.state, NAME) and not extend:
        print(f"{NAME}: done before")
        return
    recipe = around.recipe.curriculum
    torch.manual_seed(around.seed)
    # Every batch is drawn from all rows of both domains: each domain comes as often as there is of it.
    raw = {SPEECH: recipe.positions, MUSIC: recipe.positions}
    stage = Stage(NAME, budget(around), [raw], anneals_balance=True)
    Trainer(stage, LanguageModel(around.configuration), around).run(extend)


def budget(around: Surroundings) -> StageRecipe:
    """The recipe's, or where it has none the tokens that the curriculum took."""
    own = around.recipe.curriculum.naive
    if own.minutes or own.tokens or own.steps:
        return own
    known = [facts(around.state, stage) for stage in CURRICULUM]
    if not all(fact and fact["done"] for fact in known):
        raise BadInput("curriculum.naive", "has no budget, and the curriculum whose tokens it would take is not done")
    own.tokens = sum(fact["counters"]["tokens"] for fact in known)
    return own
