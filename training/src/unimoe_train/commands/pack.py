"""`unimoe-train pack`: see `packed`."""

import argparse
from pathlib import Path

from unimoe_train import packed
from unimoe_train.errors import BadInput
from unimoe_train.recipe import Recipe
from unimoe_train.state import State


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--output", metavar="DIR", type=Path, required=True, help="the folder of packed sets")
    parser.add_argument("--only", metavar="SET", nargs="+", help="pack these sets only")
    parser.epilog = "Sets that the folder has already are kept as they are."


def run(arguments: argparse.Namespace, recipe: Recipe, state: State) -> None:
    encoded = set(state.encoded())
    names = arguments.only or [name for name in language_model_sets(recipe) if name in encoded]
    if unknown := [name for name in names if name not in encoded]:
        raise BadInput("--only", expected="sets whose codes are there", found=", ".join(unknown))
    total = 0
    for name, size in packed.pack(state, names, arguments.output, recipe.model.codebooks):
        print(f"{name}: {size:,} bytes", flush=True)
        total += size
    print(f"{arguments.output}: {total / 1e6:.1f} MB more")


def language_model_sets(recipe: Recipe) -> list[str]:
    data = recipe.data
    return data.speech_sets() + data.music_sets() + data.prompt_sets() + data.test_sets()
