"""What a model was trained with, stage after stage, over all checkpoints that it went on from: training.json."""

import json
from pathlib import Path

from unimoe_train.curriculum.snapshot import facts
from unimoe_train.errors import BadInput
from unimoe_train.state import State

FILE = "training.json"
STAGES = ("base", "speech", "music", "integrate", "joint")
SPECIALISTS = ("speech", "music")


def read(directory: Path) -> list[dict]:
    """The stages of an exported checkpoint; none of one that does not tell."""
    path = directory / FILE
    if not path.exists():
        return []
    try:
        return [
            {
                "stage": str(s["stage"]),
                "steps": int(s["steps"]),
                "positions": float(s["positions"]),
                "seconds": float(s["seconds"]),
            }
            for s in json.loads(path.read_text(encoding="utf-8"))
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(path, f"is not what an export writes: {error}") from None


def lineage(state: State, stage: str) -> list[dict]:
    """The facts of the stages of a state folder up to `stage`, from the one that began with a checkpoint on."""
    found: list[dict] = []
    for name in (stage,) if stage not in STAGES else STAGES[: STAGES.index(stage) + 1]:
        if name in SPECIALISTS and stage in SPECIALISTS and name != stage:  # one does not go on from the other
            continue
        if fact := facts(state, name):
            if fact.get("origin"):  # the folder's own stages before are not this one's
                found = []
            found.append(fact)
    return found


def of(state: State, stage: str) -> list[dict]:
    """The stages of a state folder up to `stage`, after those of the checkpoint that it began with."""
    stages = []
    for fact in lineage(state, stage):
        counters = fact["counters"]
        stages += fact.get("history", [])
        stages.append(
            {
                "stage": fact["stage"],
                "steps": counters["step"],
                "positions": counters["tokens"],
                "seconds": round(counters["seconds"]),
            }
        )
    return stages
