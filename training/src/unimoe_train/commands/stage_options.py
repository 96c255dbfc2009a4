"""What the commands that train a stage have in common."""

import argparse
from pathlib import Path

from unimoe_train import needs
from unimoe_train.ranges import Minutes, Positions, Processes, Steps, option
from unimoe_train.recipe import Recipe
from unimoe_train.state import State


def add_stage_arguments(parser: argparse.ArgumentParser) -> None:
    budget = parser.add_argument_group("budget, instead of the recipe's")
    budget.add_argument("--minutes", type=option(Minutes), help="of this machine's time")
    budget.add_argument("--tokens", type=option(Positions), help="positions")
    budget.add_argument("--steps", type=option(Steps), help="of the optimizer")
    parser.add_argument(
        "--extend",
        action="store_true",
        help="go on with a larger budget from where the decay of a finished stage began",
    )
    parser.add_argument(
        "--workers",
        type=option(Processes),
        default=0,
        metavar="N",
        help="make batches ahead in N processes, which a fast device needs (0: none)",
    )
    parser.add_argument(
        "--sharding",
        choices=("none", "ddp", "fsdp"),
        default="none",
        help="under torchrun: ddp keeps the model whole in every process, fsdp shares it out",
    )


def prepare(
    arguments: argparse.Namespace, recipe: Recipe, state: State, stages: list[str], initial: Path | None = None
):
    """Puts the options into the recipe and reads the data, as the checkpoint `initial` wants them if there is one."""
    from unimoe_train.curriculum.surroundings import Surroundings

    needs.check("the picture of a training", packages=["matplotlib"])
    for name in stages:
        budget = getattr(recipe.curriculum, name)
        given = {k: getattr(arguments, k) for k in ("minutes", "tokens", "steps") if getattr(arguments, k) is not None}
        if given:
            budget.minutes = budget.tokens = budget.steps = 0
        for kind, value in given.items():
            setattr(budget, kind, value)
    return Surroundings.prepare(arguments, recipe, state, initial)
