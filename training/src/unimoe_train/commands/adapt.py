"""`unimoe-train adapt`: see `adaptation`."""

import argparse
from pathlib import Path

from unimoe_train.errors import BadInput
from unimoe_train.interruption import ending
from unimoe_train.ranges import Minutes, Processes, Steps, option
from unimoe_train.recipe import Recipe
from unimoe_train.state import State

BESIDE = ".training"  # after the name of the new model's folder: that of the state


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data", metavar="DIR", type=Path, required=True, help="recordings, as `unimoe-train data --data` takes them"
    )
    parser.add_argument(
        "--model", metavar="MODEL", type=Path, required=True, help="the checkpoint directory that it begins with"
    )
    parser.add_argument(
        "--output", metavar="NEW", type=Path, required=True, help="the checkpoint directory to write, a new one"
    )
    parser.add_argument(
        "--check", action="store_true", help="tell what is found in --data and what would stop it, and change nothing"
    )
    parser.add_argument("--minutes", type=option(Minutes), help="of training (30)")
    parser.add_argument("--steps", type=option(Steps), help="of training, instead of minutes")
    parser.add_argument(
        "--packed",
        metavar="DIR",
        type=Path,
        help="packed sets of what MODEL learned (`unimoe-train pack`): half of what is learned, so that it forgets "
        "nothing; without it those beside the sources that have MODEL's codes",
    )
    parser.add_argument(
        "--replace",
        action="store_true",
        help="instead of what was imported under the same names before, and of voices of MODEL of the same names",
    )
    parser.add_argument(
        "--workers", type=option(Processes), default=0, metavar="N", help="make batches ahead in N processes (0: none)"
    )
    parser.add_argument(
        "--program", metavar="FILE", help="the engine's program (build/unimoe-audio, or the installed one)"
    )
    parser.set_defaults(recipe="adapt", sharding="none", tokens=None)
    parser.epilog = f"Goes on where it was stopped; what it makes lies in --state, without it in NEW{BESIDE}."


def opened(arguments: argparse.Namespace) -> tuple[Recipe, State]:
    """The recipe with the model's sizes, and the state folder beside the output."""
    from unimoe_train.adaptation import base

    if not arguments.output.name:
        raise BadInput("--output", expected="a folder with a name", found=f"'{arguments.output}'")
    recipe = Recipe.load(arguments.recipe)
    base.fit(recipe, arguments.model)
    title = recipe.export.title or arguments.output.name
    recipe.export.title = title
    recipe.told_export = {**recipe.told_export, "title": title}
    place = Path(arguments.state or arguments.output.with_name(arguments.output.name + BESIDE))
    for option_name, folder in (("--output", arguments.output), ("--state", place)):
        if folder.resolve().is_relative_to(arguments.data.resolve()):  # or its sounds would be learned next time
            raise BadInput(option_name, expected="a folder outside of that of --data", found=folder)
    return recipe, State(place)


def run(arguments: argparse.Namespace, recipe: Recipe, state: State) -> None:
    from unimoe_train.adaptation.steps import Adaptation
    from unimoe_train.commands.data import look

    adaptation = Adaptation(arguments, recipe, state)
    with ending():
        if arguments.check:
            adaptation.checked()
            look(arguments.data, recipe)
        else:
            adaptation.run()
