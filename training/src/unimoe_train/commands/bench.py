"""`unimoe-train bench`: how fast this machine trains a recipe's model."""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from unimoe_train.errors import BadInput
from unimoe_train.machine import products, settle
from unimoe_train.ranges import Count, Threads, option
from unimoe_train.recipe import DOMAINS, SPEECH, Recipe
from unimoe_train.state import State


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--domain", choices=DOMAINS, default=SPEECH, help="of the batches (speech)")
    parser.add_argument("--steps", type=option(Count), default=10, help="that are timed (10)")
    parser.add_argument("--sparse", action="store_true", help="the mixture of experts, instead of the dense base")
    parser.add_argument("--processes", type=option(Threads), default=1, help="side by side, of --threads each (1)")
    parser.epilog = "Clips are made up. Compare figures of one run only: other work on the machine changes them."


def run(arguments: argparse.Namespace, recipe: Recipe, state: State) -> None:
    if arguments.processes > 1:
        side_by_side(arguments)
        return
    from unimoe_train import tokenizer as tokenizers
    from unimoe_train.curriculum import benchmark
    from unimoe_train.curriculum.compiling import can_compile, compile_functions
    from unimoe_train.curriculum.distributed import Processes

    settle(arguments.threads, arguments.seed)
    if recipe.curriculum.compile and can_compile():
        compile_functions(Processes().device)
    rate = benchmark.product_rate(recipe.curriculum.positions, recipe.model.hidden)
    print(f"products                {products()}: {rate / 1e9:.0f} GFLOP/s of a core's time, alone", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        tokenizer = tokenizers.make(Path(folder))
    timings = benchmark.steps(recipe, tokenizer, arguments.domain, arguments.steps, arguments.sparse)
    print("\n".join(benchmark.lines(timings)), flush=True)


def side_by_side(arguments: argparse.Namespace) -> None:
    """As many processes at once; each prints what it measured."""
    command = [
        sys.executable,
        "-m",
        "unimoe_train",
        "bench",
        "--recipe",
        arguments.recipe,
        "--domain",
        arguments.domain,
    ]
    command += ["--steps", str(arguments.steps), "--threads", str(arguments.threads)]
    command += ["--sparse"] if arguments.sparse else []
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(arguments.processes)]
    for number, process in enumerate(running, 1):
        output, _ = process.communicate()
        print("".join(f"{number}: {line}\n" for line in output.splitlines()), end="", flush=True)
    if any(process.returncode for process in running):
        raise BadInput("--processes", expected="processes that finish", found="one that did not")
