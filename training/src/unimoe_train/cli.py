"""The command line. A subcommand is a module under `commands` with `HELP`, `add_arguments(parser)` and
`run(arguments, recipe, state)`; it is imported only when it is asked for, so that each needs only its own packages."""

import argparse
import importlib
import os
import sys
from contextlib import nullcontext

from unimoe_train import __version__
from unimoe_train.errors import BadInput
from unimoe_train.ranges import Seed, Threads, option
from unimoe_train.recipe import Recipe
from unimoe_train.state import DEFAULT, ENVIRONMENT, State

COMMANDS = {
    "data": "make sentences, speech and music to learn from",
    "codec": "fit quantiser, encoder and decoder; turn the sound into codes",
    "align": "find out which phoneme is spoken in each code frame",
    "pack": "put codes, texts and plans into small files, for a training without the sound",
    "unpack": "take codes, texts and plans from such files",
    "specialists": "stage 1: a common ancestor, then dense models for speech and for music",
    "integrate": "stage 2: assemble the mixture of experts and warm its router up",
    "joint": "stage 3: train everything on the balanced mix",
    "naive": "the baseline: the same model from scratch on the raw mix, as many tokens",
    "lexicon": "make the lexicon of words and phonemes, and its letter-to-sound model",
    "export": "write a checkpoint directory that the engine loads",
    "evaluate": "measure a model and draw the reports",
    "bench": "measure how fast this machine trains",
    "status": "tell what is done and what is left",
}

WORK = {"data": "data", "codec": "codec", "align": "alignment", "unpack": "data"} | dict.fromkeys(
    ("specialists", "integrate", "joint", "naive"), "training"
)
"""What a command does in the state folder that one process at a time may do; the others only read there."""


def main(argv: list[str] | None = None) -> None:
    arguments = sys.argv[1:] if argv is None else argv
    name = next((a for a in arguments if not a.startswith("-")), None)
    parser = argparse.ArgumentParser(
        prog="unimoe-train",
        description="Trains UniMoE-Audio models by the three-stage curriculum.",
        epilog="unimoe-train COMMAND --help tells a command's options.",
    )
    parser.add_argument("--version", action="version", version=f"unimoe-train {__version__}")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    module = None
    for command, help_text in COMMANDS.items():
        sub = subparsers.add_parser(command, help=help_text, description=help_text[0].upper() + help_text[1:] + ".")
        if command == name:
            add_common_arguments(sub)
            module = importlib.import_module(f"unimoe_train.commands.{command}")
            module.add_arguments(sub)
    parsed = parser.parse_args(arguments)
    try:
        recipe, state = Recipe.load(parsed.recipe), State(parsed.state)
        state.take_rate(recipe.data.sample_rate)
        recipe.data.add_recordings(state.root / "data")
        if parsed.made:
            recipe.data.only = state.made() if name in ("data", "codec") else state.encoded()
        work = WORK.get(name) if os.environ.get("RANK", "0") == "0" else None  # of many processes the first
        with state.locked(work) if work else nullcontext():
            module.run(parsed, recipe, state)
    except BadInput as error:
        print(f"unimoe-train: {error}", file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:
        os._exit(1)
    except OSError as error:  # a full disk, a missing right
        print(f"unimoe-train: {error.filename or parsed.state or DEFAULT}: {error.strerror or error}", file=sys.stderr)
        sys.exit(1)


def add_common_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--recipe", default="default", help="a recipe file, or the name of one of recipes/ (default)")
    parser.add_argument("--state", help=f"folder of all that is made; without it ${ENVIRONMENT} or {DEFAULT}")
    parser.add_argument(
        "--made", action="store_true", help="use the data sets that are made so far, not all of the recipe"
    )
    parser.add_argument(
        "--threads", type=option(Threads), default=len(os.sched_getaffinity(0)), help="compute threads (all cores)"
    )
    parser.add_argument("--seed", type=option(Seed), default=0, help="of every random choice (0)")
