"""`unimoe-train integrate`: see `curriculum.integrate`."""

import argparse

from unimoe_train.commands.stage_options import add_stage_arguments as add_arguments
from unimoe_train.commands.stage_options import prepare
from unimoe_train.recipe import Recipe
from unimoe_train.state import State

__all__ = ["add_arguments", "run"]


def run(arguments: argparse.Namespace, recipe: Recipe, state: State) -> None:
    from unimoe_train.curriculum import integrate

    integrate.train(prepare(arguments, recipe, state, [integrate.NAME]), arguments.extend)
