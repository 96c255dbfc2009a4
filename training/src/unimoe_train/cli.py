"""The command line. A subcommand is a module under `commands` with `HELP`, `add_arguments(parser)` and
`run(arguments, recipe, state)`; it is imported only when it is asked for, so that each needs only its own packages."""

import argparse
import importlib
import os
import sys
from contextlib import nullcontext
from typing import NoReturn

from unimoe_train import __version__
from unimoe_train.errors import BadInput, one_line
from unimoe_train.interruption import leave
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
    "adapt": "teach a model your own voice or music, in one command",
    "export": "write a checkpoint directory that the engine loads",
    "evaluate": "measure a model and draw the reports",
    "bench": "measure how fast this machine trains",
    "status": "tell what is done and what is left",
}

WORK = {"data": "data", "codec": "codec", "align": "alignment", "unpack": "data"} | dict.fromkeys(
    ("specialists", "integrate", "joint", "naive", "adapt"), "training"
)
"""What a command does in the state folder that one process at a time may do; the others only read there."""

VALUED = ("--recipe", "--state", "--threads", "--seed")  # options of all commands that another argument follows


def main(argv: list[str] | None = None) -> None:
    """Runs a command. What is wrong with its input or with this machine becomes one line, and the exit status 1."""
    try:
        run(command_first(sys.argv[1:] if argv is None else argv))
    except BadInput as error:
        fail(str(error))
    except BrokenPipeError:
        os._exit(1)
    except ModuleNotFoundError as error:
        if (error.name or "unimoe_train").startswith("unimoe_train"):
            raise
        fail(f"the Python package {error.name} is not installed; training/README.md tells how")
    except OSError as error:  # a missing right, a full disk
        fail(f"{error.filename or 'a file'}: {error.strerror or error}")
    except KeyboardInterrupt:
        leave()


def fail(line: str) -> NoReturn:
    print(f"unimoe-train: {one_line(line)}", file=sys.stderr)
    sys.exit(1)


def command_first(arguments: list[str]) -> list[str]:
    """The same with the command before the options that stand before it."""
    values = {place + 1 for place, argument in enumerate(arguments) if argument in VALUED}
    words = [place for place, word in enumerate(arguments) if not word.startswith("-") and place not in values]
    place = next((place for place in words if arguments[place] in COMMANDS), words[0] if words else 0)
    return [*arguments[place : place + 1], *arguments[:place], *arguments[place + 1 :]]


def run(arguments: list[str]) -> None:
    name = arguments[0] if arguments else None
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
    recipe, state = getattr(module, "opened", opened)(parsed)
    if getattr(parsed, "check", None):  # of a folder of recordings, which leaves the state folder alone
        return module.run(parsed, recipe, state)
    try:
        state.take_rate(recipe.data.sample_rate)
        recipe.data.add_recordings(state.root / "data")
        recipe.data.check_only(recipe.name)
        if parsed.made:
            recipe.data.only = state.made() if name in ("data", "codec") else state.encoded()
        work = WORK.get(name) if os.environ.get("RANK", "0") == "0" else None  # of many processes the first
        with state.locked(work) if work else nullcontext():
            module.run(parsed, recipe, state)
    except OSError as error:
        if error.filename is None:  # as of a full disk
            error.filename = str(state.root)
        raise


def opened(arguments: argparse.Namespace) -> tuple[Recipe, State]:
    """What a command works with; `commands.adapt` has a function of its own."""
    return Recipe.load(arguments.recipe), State(arguments.state)


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
