"""The baseline that the paper compares with: the same model from random weights, on the data as they come (unbalanced),
from the start, with as many tokens as all stages of the curriculum had together."""

import torch

from unimoe_train.curriculum.learned import is_finished
from unimoe_train.curriculum.snapshot import facts
from unimoe_train.curriculum.specialists import mix
from unimoe_train.curriculum.stage import Stage
from unimoe_train.curriculum.surroundings import Surroundings
from unimoe_train.curriculum.trainer import Trainer
from unimoe_train.errors import BadInput
from unimoe_train.model.decoder import LanguageModel
from unimoe_train.recipe import DOMAINS, MUSIC, SPEECH, StageRecipe

NAME = "naive"
CURRICULUM = ("base", SPEECH, MUSIC, "integrate", "joint")


def train(around: Surroundings, extend: bool = False) -> None:
    if is_finished(around, NAME, list(DOMAINS), extend):
        return
    torch.manual_seed(around.seed)
    stage = Stage(NAME, budget(around), raw_mix(around), anneals_balance=True)
    Trainer(stage, LanguageModel(around.configuration), around).run(extend)


def raw_mix(around: Surroundings) -> list[dict[str, int]]:
    """One batch a step, of either domain, drawn from all rows: each domain comes as often as there is of it. It has as
    many positions as all batches of a step of the joint stage."""
    balanced = {domain: positions for batch in mix(around, *DOMAINS) for domain, positions in batch.items()}
    return [dict.fromkeys(balanced, sum(balanced.values()))]


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
