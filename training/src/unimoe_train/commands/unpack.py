"""`unimoe-train unpack`: see `packed`."""

import argparse
from pathlib import Path

from unimoe_train import packed
from unimoe_train.recipe import Recipe
from unimoe_train.state import State


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", type=Path, help="the folder of packed sets")
    parser.epilog = "Sets that the state folder has already are kept as they are."


def run(arguments: argparse.Namespace, recipe: Recipe, state: State) -> None:
    print(f"{arguments.folder}: {len(list(packed.unpack(arguments.folder, state)))} sets unpacked")
