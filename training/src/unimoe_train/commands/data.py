"""`unimoe-train data`: sentences, speech and music to learn from, and the user's own recordings."""

import argparse
import json
from pathlib import Path

from unimoe_train.data import (
    check,
    check_report,
    jobs,
    layouts,
    manifest,
    recordings,
    sentences,
    speech,
    teachers,
    texts,
)
from unimoe_train.data.clip_check import Limits
from unimoe_train.data.clips import is_made
from unimoe_train.errors import BadInput
from unimoe_train.interruption import leave
from unimoe_train.recipe import Recipe
from unimoe_train.state import State, replacing


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data",
        metavar="DIR",
        type=Path,
        help="import the recordings in a folder, each with a .txt (what is said) or a .caption beside it or in a table, "
        "and, from its folder text, sentences for the voices to say; makes no other sets but those of --only",
    )
    parser.add_argument("--check", metavar="DIR", type=Path, help="tell what an import would find, and change nothing")
    parser.add_argument("--json", action="store_true", help="with --check: as JSON")
    parser.add_argument(
        "--replace", action="store_true", help="with --data: instead of what was imported under the same names before"
    )
    parser.add_argument(
        "--only",
        metavar="SET",
        nargs="+",
        help="make these sets only, and their sound where they were unpacked without it",
    )
    parser.add_argument(
        "--program",
        metavar="FILE",
        help="the engine's program, which composes the music (build/unimoe-audio, or the installed one)",
    )
    parser.epilog = (
        "Sets that are made already are kept. All but recordings needs the synthesizers and the text packages that "
        "training/README.md installs."
    )


def run(arguments: argparse.Namespace, recipe: Recipe, state: State) -> None:
    if arguments.check:
        look(arguments.check, recipe, arguments.json)
        return
    speech.check(recipe.data, recipe.name)
    jobs.check_names(recipe.data, arguments.only)
    if arguments.data:
        take(arguments, recipe, state)
    if not arguments.data or arguments.only:
        make(arguments, recipe, state)
    path = manifest.write(state, recipe.data)
    print(f"{path}: {manifest.describe(state, recipe.data)['hours']} h of sound")


def look(folder: Path, recipe: Recipe, as_json: bool = False) -> None:
    """Checks a folder."""
    found = layouts.find(folder)
    limits = Limits(recipe.data.sample_rate, recipe.data.longest, recipe.model.plan)
    with recordings.bar(found, "check") as step:
        made = check.check(found, limits, step)
    if as_json:
        print(json.dumps(check_report.as_json(made), indent=1))
    else:
        print("\n".join(check_report.lines(made)))
    made.refuse(folder)


def take(arguments: argparse.Namespace, recipe: Recipe, state: State) -> None:
    """Imports a folder."""
    data = recipe.data
    if not arguments.data.is_dir():
        raise BadInput(arguments.data, expected="a folder of recordings", found="none")
    if (arguments.data / layouts.TEXTS).is_dir():
        count = texts.import_lines(state, arguments.data / layouts.TEXTS)
        print(f"{texts.WRITTEN}: {count:,} sentences", flush=True)
    say = lambda line: print(line, flush=True)
    recordings.import_folder(state, data, arguments.data, say, arguments.replace, recipe.model.plan)
    data.add_recordings(state.root / "data")


def make(arguments: argparse.Namespace, recipe: Recipe, state: State) -> None:
    """Makes the recipe's own sets."""
    data = recipe.data
    if not state.has("sentences.txt") and data.voices:
        lines = sentences.from_debian()
        with replacing(state.path("sentences.txt")) as path:
            path.write_text("\n".join(lines), encoding="utf-8")
        print(f"sentences.txt: {len(lines):,} sentences", flush=True)
    every = [job for job in jobs.jobs(data) if not arguments.only or job.set in arguments.only]
    unpacked = set() if arguments.only else set(state.encoded()) - set(state.made())
    todo = [job for job in every if not is_made(state, job.set) and job.set not in unpacked]
    if len(todo) < len(every):
        print(f"{len(every) - len(todo)} of {len(every)} sets are made already", flush=True)
    for job in [job for job in todo if job.is_unheard]:
        if reason := teachers.missing(data.unheard[job.source]):
            print(f"{job.set}: left out, nothing is learned from it: {reason}", flush=True)
            todo.remove(job)
    if not jobs.run_all(todo, state, data, arguments.threads, arguments.program):
        leave()
