"""`unimoe-train data`: sentences, speech and music to learn from, and the user's own recordings."""

import argparse
import sys
from pathlib import Path

from unimoe_train.data import jobs, manifest, recordings, sentences, speech, texts
from unimoe_train.data.clips import is_made
from unimoe_train.interruption import leave
from unimoe_train.recipe import Recipe
from unimoe_train.state import State, replacing


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data",
        metavar="DIR",
        type=Path,
        help="import recordings, sound files with a .txt (what is said) or a .caption beside each, and, from its folder "
        "text, sentences for the voices to say",
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
        "Sets that are made already are kept. Needs the synthesizers and the text packages that "
        "training/README.md installs."
    )


def run(arguments: argparse.Namespace, recipe: Recipe, state: State) -> None:
    data = recipe.data
    speech.check(data, recipe.name)
    if arguments.data:
        if (arguments.data / "text").is_dir():
            print(f"{texts.WRITTEN}: {texts.import_lines(state, arguments.data / 'text'):,} sentences", flush=True)
        for name in recordings.import_folder(state, data, arguments.data, lambda line: print(line, file=sys.stderr)):
            print(f"{name}, {name}test: imported")
        data.recorded_speech, data.recorded_music = [], []
        data.add_recordings(state.root / "data")
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
    if jobs.run_all(todo, state, data, arguments.threads, arguments.program):
        path = manifest.write(state, data)
        print(f"{path}: {manifest.describe(state, data)['hours']} h of sound")
    else:
        leave()
