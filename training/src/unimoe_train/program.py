"""The engine's program, which reads texts and is evaluated."""

import shutil
from pathlib import Path

from unimoe_train.errors import BadInput

PROGRAMS = (Path(__file__).resolve().parents[3] / "build" / "unimoe-audio",)


def find_program(choice: str | None) -> Path:
    """The engine's program: the chosen one, the built one or the installed one."""
    installed = shutil.which("unimoe-audio")
    for path in [Path(choice)] if choice else [*PROGRAMS, *([Path(installed)] if installed else [])]:
        if path.is_file():
            return path
    raise BadInput(choice or PROGRAMS[0], expected="the engine's program (`make build`)", found="none")
