"""`unimoe-train evaluate`: measure a model on what it was not trained on, and draw the reports."""

import argparse
from pathlib import Path

from unimoe_train import needs
from unimoe_train.errors import BadInput
from unimoe_train.machine import settle
from unimoe_train.program import find_program
from unimoe_train.recipe import Recipe
from unimoe_train.state import State, write_json

CURRICULUM = "curriculum"
HEARD = {"teachers", "words", "codec"}  # parts in which Whisper listens
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
    from unimoe_train.evaluate.parts import PARTS

    names = check(arguments)
    settle(arguments.threads, arguments.seed)
    evaluation = Evaluation(state, recipe, arguments.model, arguments.program, arguments.threads)
    evaluation.forget_other_model()
    folder = arguments.report or evaluation.folder / "report"
    for name in names:
        path = evaluation.folder / "parts" / f"{name}.json"
        if path.exists() and not arguments.again:
            print(f"{name}: measured already", flush=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        if name == CURRICULUM:
            write_json(path, curriculum.summary(arguments.runs))
            curriculum.draw(arguments.runs, folder / "curriculum.png")
        else:
            write_json(path, PARTS[name](evaluation))
        print("\n".join(report.lines({name: report.collect(evaluation)[name]})), flush=True)
    for path in report.write(evaluation, folder):
        print(path)


def check(arguments: argparse.Namespace) -> list[str]:
    """The parts to be measured. Throws `BadInput` where one of them is none, or something that they need is not there."""
    from unimoe_train.evaluate.parts import PARTS, WITHOUT_MODEL
    from unimoe_train.evaluate.words import missing

    default = list(PARTS if arguments.model else WITHOUT_MODEL) + ([CURRICULUM] if arguments.runs else [])
    names = arguments.parts or default
    for name in names:
        if name not in PART_NAMES:
            raise BadInput("PART", expected=f"one of {', '.join(PART_NAMES)}", found=name)
    if CURRICULUM in names and not arguments.runs:
        raise BadInput("--runs", expected="state folders of the seeds", found="none")
    if arguments.model and not (arguments.model / "config.json").exists():
        raise BadInput(arguments.model, expected="a checkpoint directory", found="no config.json")
    needs.check("the pictures of an evaluation", packages=["matplotlib"])
    if (reason := missing()) and not HEARD.isdisjoint(names):
        raise BadInput("unimoe-train evaluate", reason)
    if arguments.model and set(names) - {CURRICULUM}:
        find_program(arguments.program)
    return names
