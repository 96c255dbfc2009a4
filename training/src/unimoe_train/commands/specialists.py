"""`unimoe-train specialists`: stage 1."""

import argparse

from unimoe_train.commands.stage_options import add_stage_arguments, prepare
from unimoe_train.recipe import Recipe
from unimoe_train.state import State


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_stage_arguments(parser)
    parser.add_argument("--only", choices=("base", "speech", "music"), help="train this one; without it all in turn")


def run(arguments: argparse.Namespace, recipe: Recipe, state: State) -> None:
    from unimoe_train.curriculum import specialists

    names = [arguments.only] if arguments.only else list(specialists.STAGES)
    around = prepare(arguments, recipe, state, names)
    for name in names:
        if not arguments.only and name != specialists.BASE and not around.clips.of(name):
            print(f"{name}: the recipe has no data of this domain")
            continue
        specialists.train(around, name, arguments.extend)
