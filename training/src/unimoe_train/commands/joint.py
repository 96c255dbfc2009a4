"""`unimoe-train joint`: stage 3, or with `--naive-joint` what it is compared with."""

import argparse
from pathlib import Path

from unimoe_train.commands.stage_options import add_stage_arguments, prepare
from unimoe_train.recipe import Recipe
from unimoe_train.state import State


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_stage_arguments(parser)
    parser.add_argument("--initial", type=Path, help="fine-tune the checkpoint in this directory, instead of stage 2's")
    parser.add_argument("--naive-joint", action="store_true", help="the same as `unimoe-train naive`")


def run(arguments: argparse.Namespace, recipe: Recipe, state: State) -> None:
    from unimoe_train.curriculum import joint, naive

    if arguments.naive_joint:
        naive.train(prepare(arguments, recipe, state, [naive.NAME]), arguments.extend)
    else:
        around = prepare(arguments, recipe, state, [joint.NAME], arguments.initial)
        joint.train(around, arguments.extend, arguments.initial)
