"""How texts sound, as the engine's program says: what is trained is what is spoken."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

from unimoe_train.errors import BadInput
from unimoe_train.plan.phonemes import number
from unimoe_train.program import find_program
from unimoe_train.state import State, read_json, write_json

PAUSES = ("comma", "sentence", "paragraph")  # kinds of rests before a word at which speakers pause


def say_sets(
    state: State, names: list[str], program: str | None, lexicon: Path | None = None, log: Callable[[str], None] = print
) -> None:
    """Writes what is missing of plan/NAME.phonemes.json of speech sets. `program`: the engine's, or the built one."""
    for name in names:
        if state.phonemes(name).exists():
            continue
        clips = read_json(state.clips(name))
        words = say([clip["text"] for clip in clips], str(find_program(program)), lexicon)
        write_json(state.phonemes(name), words)
        log(f"{name}: how {len(words)} texts sound")


def say(texts: list[str], program: str, lexicon: Path | None = None) -> list[list[dict]]:
    """The words of every text: where they stand, how they sound, whether punctuation stands before them."""
    command = [program, "text", "--lines", "--json", *(["--lexicon", str(lexicon)] if lexicon else []), "-"]
    lines = "".join(f"{' '.join(text.split())}\n" for text in texts)
    answer = subprocess.run(command, check=False, input=lines, capture_output=True, text=True)
    if answer.returncode:
        raise BadInput(" ".join(command), f"failed: {answer.stderr.strip()}")
    found = [read(json.loads(line), program) for line in answer.stdout.splitlines()]
    if len(found) != len(texts):
        raise BadInput(" ".join(command), expected=f"{len(texts)} lines", found=len(found))
    return found


def read(entry: dict, program: str) -> list[dict]:
    """The words of what the program tells of a text."""
    if entry["words"] and entry["phonemes"] is None:
        raise BadInput("--lexicon", expected=f"a lexicon; {program} has no model with one", found="none")
    words = []
    for phonemes, start, end, before in zip(entry["phonemes"], entry["starts"], entry["ends"], entry["before"]):
        unknown = [name for name in phonemes if number(name) is None]
        if unknown:
            raise BadInput(program, expected="ARPAbet", found=" ".join(unknown))
        words.append({"start": start, "end": end, "phonemes": phonemes, "pause": before in PAUSES})
    return words
