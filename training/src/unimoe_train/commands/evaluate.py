"""`unimoe-train evaluate`: measure a model on what it was not trained on, and draw the reports."""

import argparse
from pathlib import Path

from unimoe_train.errors import BadInput
from unimoe_train.machine import settle
from unimoe_train.recipe import Recipe
from unimoe_train.state import State, write_json

CURRICULUM = "curriculum"
PART_NAMES = ("teachers", "words", "voice", "music", "stops", "codec", "routing", CURRICULUM)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "parts",
        nargs="*",
        metavar="PART",
        help=f"some of {', '.join(PART_NAMES)}; without any all that can be measured",
    )
    parser.add_argument(
        "--model", type=Path, metavar="DIR", help="an exported checkpoint directory; without one only data and codec"
    )
    parser.add_argument(
        "--program", metavar="FILE", help="the engine's program (build/unimoe-audio, or the installed one)"
    )
    parser.add_argument(
        "--runs",
        type=Path,
        nargs="+",
        default=[],
        metavar="DIR",
        help="for curriculum: state folders of several seeds, each with joint and naive training",
    )
    parser.add_argument(
        "--report", type=Path, metavar="DIR", help="write report.json and pictures here (the state folder)"
    )
    parser.add_argument("--again", action="store_true", help="measure parts that were measured before, too")
    parser.epilog = "What is generated and measured is kept in the state folder; the same command goes on."


def run(arguments: argparse.Namespace, recipe: Recipe, state: State) -> None:
    from unimoe_train.evaluate import curriculum, report
    from unimoe_train.evaluate.evaluation import Evaluation
    from unimoe_train.evaluate.parts import PARTS, WITHOUT_MODEL

    for name in arguments.parts:
        if name not in PART_NAMES:
            raise BadInput("PART", expected=f"one of {', '.join(PART_NAMES)}", found=name)
    settle(arguments.threads, arguments.seed)
    if arguments.model and not (arguments.model / "config.json").exists():
        raise BadInput(arguments.model, expected="a checkpoint directory", found="no config.json")
    evaluation = Evaluation(state, recipe, arguments.model, arguments.program, arguments.threads)
    evaluation.forget_other_model()
    default = list(PARTS) if arguments.model else list(WITHOUT_MODEL)
    folder = arguments.report or evaluation.folder / "report"
    for name in arguments.parts or default + ([CURRICULUM] if arguments.runs else []):
        path = evaluation.folder / "parts" / f"{name}.json"
        if path.exists() and not arguments.again:
            print(f"{name}: measured already", flush=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        if name == CURRICULUM:
            if not arguments.runs:
                raise BadInput("--runs", expected="state folders of the seeds", found="none")
            write_json(path, curriculum.summary(arguments.runs))
            curriculum.draw(arguments.runs, folder / "curriculum.png")
        else:
            write_json(path, PARTS[name](evaluation))
        print("\n".join(report.lines({name: report.collect(evaluation)[name]})), flush=True)
    for path in report.write(evaluation, folder):
        print(path)
