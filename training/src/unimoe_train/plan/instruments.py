"""The instruments of the plan, in the order of the codes of `lead`: those of the engine, of which a test of the engine's
compares instruments.json with its own."""

import json
from pathlib import Path

DRUMS = "drums"
"""The drum kit, which has no program."""

_TABLE = json.loads((Path(__file__).parent / "instruments.json").read_text(encoding="utf-8"))
INSTRUMENTS: tuple[str, ...] = tuple(entry["name"] for entry in _TABLE)
_FAMILIES: dict[str, str] = {entry["name"]: entry["family"] for entry in _TABLE}


def family(name: str) -> str:
    """The family that an instrument belongs to."""
    return _FAMILIES[name]
