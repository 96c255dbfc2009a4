"""`unimoe-train align`: the plan of the speech, which phoneme every code frame speaks."""

import argparse
from pathlib import Path

import torch

from unimoe_train.alignment.clips import align_sets
from unimoe_train.plan.front_end import say_sets
from unimoe_train.recipe import Recipe
from unimoe_train.state import State


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--program", metavar="FILE", help="the engine's program (build/unimoe-audio, or the installed one)"
    )
    parser.add_argument(
        "--lexicon",
        metavar="FILE",
        type=Path,
        help="how words sound; without it lexicon.bin of the state folder, or the program's own",
    )
    parser.epilog = "Needs the engine's program for texts whose phonemes are not in the state folder yet."


def run(arguments: argparse.Namespace, recipe: Recipe, state: State) -> None:
    if not recipe.model.plan:
        print(f"{recipe.name}: the model has no plan that an alignment would tell")
        return
    torch.set_num_threads(arguments.threads)
    log = lambda line: print(line, flush=True)
    sets = recipe.data.speech_sets() + recipe.data.speech_test_sets()
    say_sets(state, sets, arguments.program, arguments.lexicon or state.lexicon, log)
    align_sets(state, sets, log)
