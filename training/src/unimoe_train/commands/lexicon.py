"""unimoe-train lexicon: words and how they sound, for the engine."""

import argparse
from pathlib import Path

from unimoe_train.lexicon.file import NAME
from unimoe_train.recipe import Recipe
from unimoe_train.state import State, write_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help=f"where {NAME} is written")
    parser.add_argument("--judge", metavar="PROGRAM", help="have this unimoe-audio say the words that were held out")
    parser.add_argument(
        "--report", type=Path, metavar="FILE", help="where the judge's figures are written (DIR/lexicon.json)"
    )


def run(arguments: argparse.Namespace, recipe: Recipe, state: State) -> None:
    from unimoe_train.lexicon.dictionary import read
    from unimoe_train.lexicon.fit import Fitted
    from unimoe_train.lexicon.judge import report

    dictionary = read()
    fitted = Fitted(dictionary)
    arguments.output.mkdir(parents=True, exist_ok=True)
    path = arguments.output / NAME
    partial = path.with_suffix(".partial")
    partial.write_bytes(fitted.file(dictionary))
    partial.replace(path)
    print(f"{path}: {path.stat().st_size} bytes")
    if arguments.judge:
        figures = {"bytes": path.stat().st_size, **report(dictionary, fitted.file, arguments.judge)}
        write_json(arguments.report or arguments.output / "lexicon.json", figures)
        print(figures)
