"""`unimoe-train align`: which phoneme and which character every code frame of the speech speaks."""

import argparse

import torch

from unimoe_train.alignment.clips import align_sets
from unimoe_train.recipe import Recipe
from unimoe_train.state import State


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "Needs espeak-ng. The language model learns faster with it, and learns without it."


def run(arguments: argparse.Namespace, recipe: Recipe, state: State) -> None:
    torch.set_num_threads(arguments.threads)
    align_sets(state, recipe.data.speech_sets(), log=lambda line: print(line, flush=True))
