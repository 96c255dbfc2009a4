"""`unimoe-train export`: see `export.checkpoint`."""

import argparse
from pathlib import Path

from unimoe_train.curriculum.history import STAGES as CURRICULUM
from unimoe_train.recipe import Recipe
from unimoe_train.state import State

STAGES = (*CURRICULUM, "naive")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--stage", default="joint", choices=STAGES, help="whose weights (joint)")
    parser.add_argument("--output", type=Path, help="the directory to write; without it export/ in the state folder")
    parser.add_argument("--codec", type=Path, help="a codec's directory, instead of the codec of the state folder")
    parser.add_argument("--unfinished", action="store_true", help="also of a stage that was stopped before its end")
    parser.add_argument(
        "--lexicon",
        type=Path,
        help="how words sound (`unimoe-train lexicon`); without it that of the source, or of the state folder",
    )
    parser.add_argument("--source", type=Path, help="the checkpoint that a fine-tuning began with")


def run(arguments: argparse.Namespace, recipe: Recipe, state: State) -> None:
    from unimoe_train.export.checkpoint import export

    directory = arguments.output or state.path("export", "README.md").parent
    export(
        recipe,
        state,
        arguments.stage,
        directory,
        codec_directory=arguments.codec,
        source=arguments.source,
        lexicon=arguments.lexicon,
        finished=not arguments.unfinished,
    )
    print(f"wrote {directory}")
