"""A stage that was killed goes on with the same bits, alone and in two processes, replicated and sharded."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from miniature import make_state
from unimoe_train.curriculum.snapshot import facts, is_done, load_model, recover, remove
from unimoe_train.errors import BadInput
from unimoe_train.interruption import STOPPED
from unimoe_train.recipe import FOLDER, Recipe
from unimoe_train.state import State

STEPS = 20
MODES = {"alone": (1, "none"), "two replicas": (2, "ddp"), "two shards": (2, "fsdp")}


@pytest.fixture(scope="module")
def recipe(tmp_path_factory):
    """The miniature with a checkpoint after every step."""
    path = tmp_path_factory.mktemp("recipe") / "miniature.toml"
    text = (FOLDER / "miniature.toml").read_text()
    path.write_text(text.replace("[curriculum]\n", "[curriculum]\nsave_seconds = 0\ndropout = 0.1\n"))
    return path


def start(mode: str, recipe: Path, state: Path) -> subprocess.Popen:
    """Naive joint training: a mixture of experts, both domains, in one command."""
    processes, sharding = MODES[mode]
    launcher = [sys.executable, "-m"]
    if processes > 1:
        launcher += ["torch.distributed.run", "--standalone", f"--nproc-per-node={processes}", "-m"]
    command = [
        *launcher,
        "unimoe_train",
        "naive",
        "--recipe",
        str(recipe),
        "--state",
        str(state),
        "--threads",
        "1",
        "--steps",
        str(STEPS),
        "--sharding",
        sharding,
    ]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)


def kill(process: subprocess.Popen) -> None:
    """Kills a process and all that it started, without a chance to save."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    family = {process.pid}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    for pid in family:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    process.communicate()


def finish(process: subprocess.Popen) -> None:
    _, errors = process.communicate(timeout=240)
    assert process.returncode == 0, errors[-3000:]


def saved_steps(state: Path) -> int:
    try:
        return json.loads((state / "lm" / "naive.json").read_text())["counters"]["step"]
    except (OSError, ValueError):
        return 0


def result(state: Path) -> dict:
    return torch.load(state / "lm" / "naive.pt", weights_only=True)


def figures(state: Path) -> dict:
    """The last row of the log."""
    with open(state / "log" / "naive.csv", newline="") as file:
        return list(csv.DictReader(file))[-1]


def differing(first: dict, second: dict) -> list[str]:
    return [
        name
        for part in ("objective", "average")
        for name in first[part]
        if not torch.equal(first[part][name], second[part][name])
    ]


@pytest.fixture(scope="module")
def undisturbed(recipe, tmp_path_factory):
    """The result of a training that nothing disturbed, made once per mode."""
    results = {}

    def whole(mode: str) -> dict:
        if mode not in results:
            state = tmp_path_factory.mktemp("whole")
            make_state(state, Recipe.load(str(recipe)))
            finish(start(mode, recipe, state))
            results[mode] = result(state) | {"figures": figures(state)}
        return results[mode]

    return whole


@pytest.mark.parametrize("mode", MODES)
def test_killed_and_resumed_is_bit_equal(mode, recipe, undisturbed, tmp_path):
    make_state(tmp_path, Recipe.load(str(recipe)))
    process = start(mode, recipe, tmp_path)
    deadline = time.monotonic() + 200
    while saved_steps(tmp_path) < 7 and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.01)
    assert process.poll() is None, process.stderr.read()[-3000:]
    kill(process)
    assert 7 <= saved_steps(tmp_path) < STEPS
    finish(start(mode, recipe, tmp_path))

    whole, killed = undisturbed(mode), result(tmp_path)
    assert whole["counters"]["step"] == killed["counters"]["step"] == STEPS
    assert whole["counters"]["tokens"] == killed["counters"]["tokens"]
    assert differing(whole, killed) == []


def test_replicas_and_shards_see_the_same_losses_and_gradients(undisturbed):
    """Not the same weights to the bit: Muon makes a step of full size of what is rounding in a gradient."""
    replicas, shards = (undisturbed(mode)["figures"] for mode in ("two replicas", "two shards"))
    for name in ("loss_speech", "loss_music", "gradient_norm", "balance"):
        assert abs(float(replicas[name]) / float(shards[name]) - 1) < 0.03, name


def test_sigterm_saves_and_leaves_quietly(recipe, tmp_path):
    text = recipe.read_text().replace("save_seconds = 0", "save_seconds = 3600")
    (tmp_path / "patient.toml").write_text(text)
    make_state(tmp_path, Recipe.load(str(tmp_path / "patient.toml")))
    command = [
        sys.executable,
        "-m",
        "unimoe_train",
        "naive",
        "--recipe",
        str(tmp_path / "patient.toml"),
        "--state",
        str(tmp_path),
        "--threads",
        "1",
        "--steps",
        "100000",
    ]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    log = tmp_path / "log" / "naive.csv"
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and not (log.exists() and len(log.read_text().splitlines()) > 1):
        time.sleep(0.05)
    process.terminate()
    _, errors = process.communicate(timeout=60)
    assert process.returncode == STOPPED and "stopped; the same command goes on" in errors
    assert "Traceback" not in errors, errors
    saved = saved_steps(tmp_path)
    assert saved >= int(figures(tmp_path)["step"]) > 0
    assert "optimizer" in result(tmp_path) and not result(tmp_path)["done"]
    with pytest.raises(BadInput, match=f"expected a finished stage, found one that was stopped after {saved} steps"):
        load_model(State(tmp_path).checkpoint("naive"))
    load_model(State(tmp_path).checkpoint("naive"), finished=False)


def test_a_signal_to_a_whole_group_is_answered_by_the_trainers_not_by_who_makes_their_batches(recipe, tmp_path):
    make_state(tmp_path, Recipe.load(str(recipe)))
    command = [
        sys.executable,
        "-m",
        "torch.distributed.run",
        "--standalone",
        "--nproc-per-node=2",
        "-m",
        "unimoe_train",
        "naive",
        "--recipe",
        str(recipe),
        "--state",
        str(tmp_path),
        "--threads",
        "1",
        "--steps",
        "100000",
        "--sharding",
        "ddp",
        "--workers",
        "1",
    ]
    process = subprocess.Popen(command, env={**os.environ, "OMP_NUM_THREADS": "1"}, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 200
    while saved_steps(tmp_path) < 3 and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.05)
    before = saved_steps(tmp_path)
    process.terminate()
    _, errors = process.communicate(timeout=60)
    assert errors.count("stopped; the same command goes on") == 1 and "DataLoader" not in errors, errors[-3000:]
    assert saved_steps(tmp_path) >= before >= 3 and not result(tmp_path)["done"]


def test_a_checkpoint_that_is_done_is_so_without_the_facts_beside_it(undisturbed, recipe, tmp_path):
    state, whole = State(tmp_path), undisturbed("alone")
    stale = {"stage": "naive", "done": False, "counters": {**whole["counters"], "step": 3}}
    for known in (None, stale):
        torch.save({name: value for name, value in whole.items() if name != "figures"}, state.checkpoint("naive"))
        if known:
            state.path("lm", "naive.json").write_text(json.dumps(known))
        assert is_done(state, "naive") and facts(state, "naive")["counters"]["step"] == STEPS


def test_shards_that_a_kill_left_without_their_name_are_taken_back(tmp_path):
    folder = tmp_path / "joint.shards"
    for name in (".old.joint.shards", ".joint.shards"):
        (tmp_path / name).mkdir()
    (tmp_path / ".old.joint.shards" / "facts.json").write_text("{}")
    recover(folder)
    assert (folder / "facts.json").exists()
    remove(folder)
    recover(folder)
    assert not folder.exists()


def test_a_finished_stage_can_be_extended(recipe, tmp_path):
    make_state(tmp_path, Recipe.load(str(recipe)))
    run = lambda *more: subprocess.run(
        [
            sys.executable,
            "-m",
            "unimoe_train",
            "naive",
            "--recipe",
            str(recipe),
            "--state",
            str(tmp_path),
            "--threads",
            "1",
            *more,
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    run("--steps", "10")
    assert "done before" in run("--steps", "20").stdout
    stable = torch.load(tmp_path / "lm" / "naive.stable.pt", weights_only=True)["counters"]["step"]
    assert 6 <= stable <= 8
    run("--steps", "20", "--extend")
    assert result(tmp_path)["counters"]["step"] == 20
    assert "done before with as large a budget" in run("--steps", "20", "--extend").stdout
    later = torch.load(tmp_path / "lm" / "naive.stable.pt", weights_only=True)["counters"]["step"]
    assert later > 10  # the next extension goes on from where this one's decay began
