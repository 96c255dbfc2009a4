"""What a stage leaves on disk: lm/STAGE.pt, or lm/STAGE.shards/ while many processes share the parameters.

    stage, done, configuration, origin, sets            what it is, and what it learned
    counters, epochs                                    how far it is
    objective, average {name: tensor}                   parameters and their running mean ("model." before the model's)
    optimizer {name: {what: tensor}}                    absent once the stage is done

lm/STAGE.json tells the first two lines to whoever only asks. lm/STAGE.stable.pt (or .shards) is the same from before
the decay of the rate, where `--extend` goes on.
"""

import json
import os
import shutil
from dataclasses import asdict
from pathlib import Path

import torch
import torch.distributed.checkpoint as sharded
from torch import Tensor
from torch.distributed.tensor import DTensor

from unimoe_train import torch_file
from unimoe_train.curriculum.distributed import Processes
from unimoe_train.curriculum.training import Training
from unimoe_train.errors import BadInput
from unimoe_train.model.configuration import ModelConfiguration
from unimoe_train.model.decoder import LanguageModel
from unimoe_train.state import State, read_json, write_json

COMMANDS = ("integrate", "joint", "naive")  # that train the stage of their name; `specialists` trains the others
STABLE = ".stable"
PREFIX = "model."
OLD = ".old."  # before the name of a folder of shards that is being replaced or removed


class Snapshot:
    """Saves and restores one stage."""

    def __init__(self, state: State, stage: str, processes: Processes):
        self.state, self.stage, self.processes = state, stage, processes

    @property
    def has_before_decay(self) -> bool:
        return any(path.exists() for path in self.paths(STABLE))

    def paths(self, suffix: str = "") -> tuple[Path, Path]:
        """Of the whole file and of the folder of shards."""
        name = f"{self.stage}{suffix}"
        return self.state.path("lm", f"{name}.pt"), self.state.path("lm", f"{name}.shards")

    def save(self, training: Training, *, done: bool = False, before_decay: bool = False) -> None:
        """Writes everything; all processes must call."""
        whole, shards = self.paths(STABLE if before_decay else "")
        facts = {
            "stage": self.stage,
            "done": done,
            "configuration": asdict(training.objective.model.configuration),
            "counters": asdict(training.counters),
            "origin": training.stage.origin,
            "history": training.stage.history,
            "sets": training.sets,
            "epochs": [epochs.state() for epochs in training.epochs],
        }
        tensors = training.tensors()
        if done:
            tensors.pop("optimizer")
        if self.processes.sharding == "fsdp" and not done:
            self.save_shards(shards, facts, tensors)
        else:
            tensors = gathered(tensors)
            if self.processes.is_first:
                torch_file.write(whole, {**facts, **tensors})
                remove(shards)
        if self.processes.is_first and not before_decay:
            write_json(self.state.path("lm", f"{self.stage}.json"), facts)
        self.processes.wait()

    def save_shards(self, folder: Path, facts: dict, tensors: dict) -> None:
        new = folder.with_name(f".{folder.name}")
        if self.processes.is_first:
            shutil.rmtree(new, ignore_errors=True)
        self.processes.wait()
        sharded.save(tensors, checkpoint_id=str(new))
        if self.processes.is_first:
            write_json(new / "facts.json", facts)
            old = folder.with_name(f"{OLD}{folder.name}")
            shutil.rmtree(old, ignore_errors=True)
            if folder.exists():
                os.rename(folder, old)
            os.rename(new, folder)
            shutil.rmtree(old, ignore_errors=True)

    def restore(self, training: Training, before_decay: bool = False) -> bool:
        """Goes on where the stage was left; False if it has not begun."""
        whole, shards = self.paths(STABLE if before_decay and self.has_before_decay else "")
        if self.processes.is_first:
            recover(shards)
        self.processes.wait()
        if not whole.exists() and not shards.exists():
            return False
        tensors = training.tensors(allocating=True)
        if shards.exists():
            facts = read_json(shards / "facts.json")
            check_origin(facts, training, shards)
            sharded.load(tensors, checkpoint_id=str(shards))
        else:
            facts = torch_file.read(whole, "done", "counters", mmap=True)
            if "optimizer" not in facts:
                raise BadInput(whole, "this stage is done; only one with a decay can be extended")
            check_origin(facts, training, whole)
            copy_into(tensors, facts, str(whole))
        for field, value in facts["counters"].items():
            setattr(training.counters, field, value)
        training.sets = {**facts.get("sets", {}), **training.sets}
        for epochs, place in zip(training.epochs, facts["epochs"]):
            epochs.restore(place)
        return True


def remove(folder: Path) -> None:
    """Removes a folder of shards; a kill leaves none that is broken under its name."""
    if folder.exists():
        old = folder.with_name(f"{OLD}{folder.name}")
        shutil.rmtree(old, ignore_errors=True)
        os.rename(folder, old)
        shutil.rmtree(old, ignore_errors=True)


def recover(folder: Path) -> None:
    """Takes back the folder of shards that a kill left aside before its successor had its name."""
    old, new = folder.with_name(f"{OLD}{folder.name}"), folder.with_name(f".{folder.name}")
    if old.exists() and new.exists() and not folder.exists():
        os.rename(old, folder)


def check_origin(facts: dict, training: Training, path: Path) -> None:
    """Throws `BadInput` where another model, or one that began with other weights, was trained here before."""
    if facts.get("origin", training.stage.origin) != training.stage.origin:
        raise BadInput(
            path,
            expected="a training that began with the same weights",
            found="one that began with others: name another --state",
        )
    ours = json.loads(json.dumps(asdict(training.objective.model.configuration)))
    theirs = json.loads(json.dumps(facts["configuration"]))
    for name, value in ours.items():
        if theirs.get(name, value) != value:
            raise BadInput(f"{path}: configuration.{name}", expected=value, found=theirs[name])


def gathered(tensors: dict) -> dict:
    """The same with whole tensors where processes have parts."""
    return {
        name: gathered(value)
        if isinstance(value, dict)
        else value.full_tensor()
        if isinstance(value, DTensor)
        else value
        for name, value in tensors.items()
    }


@torch.no_grad()
def copy_into(targets: dict, sources: dict, where: str) -> None:
    for name, target in targets.items():
        if name not in sources:
            raise BadInput(f"{where}: {name}", "is missing; the recipe's model or losses have changed")
        if isinstance(target, dict):
            copy_into(target, sources[name], where)
        elif target.shape != sources[name].shape:
            raise BadInput(f"{where}: {name}", expected=list(target.shape), found=list(sources[name].shape))
        else:
            target.copy_(sources[name])


def load_model(path: Path, averaged: bool = True, finished: bool = True) -> LanguageModel:
    """The model of a stage, by default with the running mean of its weights. `finished`: not of one that was stopped."""
    if not path.exists():
        command = path.stem if path.stem in COMMANDS else "specialists"
        raise BadInput(path, f"is not there yet: run `unimoe-train {command}` first")
    facts = torch_file.read(path, "done", "configuration", "average", mmap=True)
    if finished and not facts["done"]:
        raise BadInput(
            path,
            expected="a finished stage",
            found=f"one that was stopped after {facts['counters']['step']} steps: the same command goes on",
        )
    model = LanguageModel(ModelConfiguration(**facts["configuration"]))
    weights: dict[str, Tensor] = {
        name.removeprefix(PREFIX): value
        for name, value in facts["average" if averaged else "objective"].items()
        if name.startswith(PREFIX)
    }
    model.load_state_dict(weights)
    return model.eval()


def facts(state: State, stage: str) -> dict | None:
    """What lm/STAGE.json tells; `None` if the stage has not begun. A checkpoint that is done knows better: a kill may have
    come before its facts were written beside it."""
    if not state.has("lm"):  # who asks leaves no folder
        return None
    path, whole = state.path("lm", f"{stage}.json"), state.checkpoint(stage)
    known = read_json(path) if path.exists() else None
    if not (known and known["done"]) and whole.exists():
        saved = torch_file.read(whole, "done", "counters", mmap=True)
        if saved["done"]:
            return {name: value for name, value in saved.items() if name not in ("objective", "average", "optimizer")}
    return known


def is_done(state: State, stage: str) -> bool:
    return bool((facts(state, stage) or {}).get("done"))
