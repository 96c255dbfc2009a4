"""`unimoe-train joint`: stage 3, or with `--naive-joint` what it is compared with."""

import argparse

from unimoe_train.commands.stage_options import add_stage_arguments, prepare
from unimoe_train.recipe import Recipe
from unimoe_train.state import State


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_stage_arguments(parser)
    parser.add_argument("--naive-joint", action="store_true", help="the same as `unimoe-train naive`")


def run(arguments: argparse.Namespace, recipe: Recipe, state: State) -> None:
    from unimoe_train.curriculum import joint, naive

    stage = naive if arguments.naive_joint else joint
    stage.train(prepare(arguments, recipe, state, [stage.NAME]), arguments.extend)
