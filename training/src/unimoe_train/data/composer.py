"""Music as the engine composes it: what is learned is what will be asked for."""

import json
import subprocess
from dataclasses import dataclass

import numpy as np

from unimoe_train.data.midi import Note
from unimoe_train.errors import BadInput
from unimoe_train.plan.channels import MUSIC_CHANNELS
from unimoe_train.plan.instruments import INSTRUMENTS
from unimoe_train.recipe import FRAME_RATE

FORMAT, VERSION = "unimoe-audio-score", 1


@dataclass(frozen=True)
class Piece:
    notes: list[Note]
    plan: dict[str, np.ndarray]  # of every channel its codes [code frames]
    captions: list[str]
    attributes: dict  # as they stand in a set's list

    @property
    def code_frames(self) -> int:
        return len(self.plan[MUSIC_CHANNELS[0]])

    @property
    def seconds(self) -> float:
        return self.code_frames / FRAME_RATE


def compose(program: str, seed: int, count: int, seconds: tuple[float, float], captions: int) -> list[Piece]:
    """Random pieces of the numbers `seed`, `seed` + 1, ..., from the shortest to the longest length."""
    command = [program, "score", "--random", "--plan", "--seed", str(seed), "--count", str(count)]
    command += ["--seconds", str(seconds[0]), "--longest", str(seconds[1]), "--captions", str(captions), "-o", "-"]
    answer = subprocess.run(command, check=False, capture_output=True, text=True)
    if answer.returncode:
        raise BadInput(" ".join(command), f"failed: {answer.stderr.strip()}")
    lines = answer.stdout.splitlines()
    if len(lines) != count:
        raise BadInput(" ".join(command), expected=f"{count} lines", found=len(lines))
    return [read(json.loads(line), " ".join(command)) for line in lines]


def read(score: dict, where: str) -> Piece:
    """A piece of a score as the engine writes it with its plan. Throws `BadInput` for what this package does not know."""
    found = (score.get("format"), score.get("version"))
    if found != (FORMAT, VERSION):
        raise BadInput(where, expected=f"{FORMAT}, version {VERSION}", found=found)
    try:
        plan = {name: np.array(score["plan"][name], np.int16) for name in MUSIC_CHANNELS}
        told, lead_in = score["attributes"], score["lead_in"]
        notes = [
            Note(second + lead_in, seconds, pitch, velocity, part.get("program"), part["role"])
            for part in score["parts"]
            for _, _, pitch, velocity, second, seconds in part["notes"]
        ]
        attributes = {name: told[name] for name in ("bpm", "tempo", "tonic", "mode", "meter", "genre", "drums")}
        attributes |= {"inst": told["lead"], "style": told["lead_style"], "parts": told["instruments"]}
        captions = list(dict.fromkeys(score["captions"]))
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput(where, f"is not as docs/man/unimoe-audio.1 has it: {error!r}") from None
    if unknown := {attributes["inst"], *attributes["parts"]} - set(INSTRUMENTS):
        raise BadInput(where, expected="instruments of the plan", found=", ".join(sorted(unknown)))
    return Piece(notes, plan, captions, attributes)
