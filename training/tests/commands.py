"""How tests run a command of the program."""

import pytest
from unimoe_train.cli import main


def options(folder, recipe: object = "miniature") -> list[str]:
    """What every command is told: a recipe, a state folder, one thread."""
    return ["--recipe", str(recipe), "--state", str(folder), "--threads", "1"]


def refused(capsys, *arguments: str) -> str:
    """The line that a command ends with."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as end:
        main(list(arguments))
    errors = capsys.readouterr().err
    assert end.value.code == 1 and errors.startswith("unimoe-train: ") and errors.count("\n") == 1, errors
    return errors
