"""docs/your-own-voice.md: its commands as they stand there, on recordings that lie as it says and a model in miniature.

Stand-ins are there for what takes minutes alone: `make` tells what it would do, and `unimoe-train` trains a miniature by a
recipe of seconds, and has no ears for the report.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import soundfile
from adapted import REPOSITORY, make_model, small_recipe
from recorded import record
from test_export import PROGRAM, needs_engine
from unimoe_train.cli import main

PAGE = REPOSITORY / "docs" / "your-own-voice.md"
SECONDS = 0.02  # of training for every minute that the page asks for
MAKE = """#!/bin/sh
exec {make} --dry-run --directory {repository} "$@"
"""
UNIMOE_TRAIN = """#!{python}
import sys
from unimoe_train.cli import main
from unimoe_train.evaluate import words
words.missing = lambda: "nobody listens"
command = sys.argv[1:]
if command[:1] == ["adapt"]:
    minutes = float(command[command.index("--minutes") + 1]) if "--minutes" in command else 30
    command += ["--recipe", {recipe!r}, "--threads", "1", "--minutes", str(minutes * {seconds} / 60)]
    command += ["--program", "build/unimoe-audio"]  # beside the sources, which are elsewhere
main(command)
"""


def sections() -> dict[str, list[str]]:
    """The indented lines of the page by the titles over them."""
    found, title = {}, ""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            title = line.lstrip("# ")
        elif line.startswith("    "):
            found.setdefault(title, []).append(line.strip())
    return found


def told(pattern: str) -> list[str]:
    """What stands in backticks on the page, if it is as wanted."""
    return [
        name for name in re.findall(r"`([^`\n]+)`", PAGE.read_text(encoding="utf-8")) if re.fullmatch(pattern, name)
    ]


def lay_out(folder: Path) -> None:
    """The recordings that the page names, and more of their kind."""
    for line in sections()["The recordings"]:
        sound, told_in = line.split()
        kind, suffix = Path(sound).parent, Path(sound).suffix[1:]
        is_music = told_in.endswith(".caption")
        for number in range(1 if is_music else 5):
            name = f"{Path(sound).stem}{number or ''}"
            words = {"caption": "slow guitar"} if is_music else {"text": f"This is {name}."}
            record(folder / kind, name, seconds=2.1 if is_music else 1, suffix=suffix, **words)
        assert (folder / sound).is_file() and (folder / told_in).is_file(), line


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """What a clone has after the first command."""
    folder = tmp_path_factory.mktemp("own voice")
    place = folder / "clone"
    (place / "build" / "training-venv" / "bin").mkdir(parents=True)
    (place / "models").mkdir()
    shutil.copytree(make_model(folder), place / "models" / "default")
    (place / "build" / "unimoe-audio").symlink_to(Path(PROGRAM).resolve())
    names = {"make": shutil.which("make"), "repository": REPOSITORY, "python": sys.executable, "seconds": SECONDS}
    names["recipe"] = str(small_recipe(folder / "adapt.toml"))
    for path, text in (("build/training-venv/bin/unimoe-train", UNIMOE_TRAIN), ("stand-ins/make", MAKE)):
        (place / path).parent.mkdir(exist_ok=True)
        (place / path).write_text(text.format(**names))
        (place / path).chmod(0o755)
    lay_out(place)
    return place


def run(clone: Path, command: str) -> subprocess.CompletedProcess:
    """A command of the page, by a shell."""
    source = os.pathsep.join([str(REPOSITORY / "training" / "src"), os.environ.get("PYTHONPATH", "")])
    path = f"{clone}/stand-ins{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHONPATH": source, "XDG_DATA_HOME": str(clone / "home")}
    return subprocess.run(
        ["bash", "-c", command], cwd=clone, env=environment, capture_output=True, text=True, check=False
    )


def succeeds(clone: Path, command: str) -> str:
    done = run(clone, command)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def voices(clone: Path, model: str) -> set[str]:
    return {path.stem for path in (clone / model / "voices").iterdir()}


def contents(clone: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in (clone / "recordings").rglob("*") if path.is_file()}


def training_steps(clone: Path) -> int:
    return json.loads((clone / "my-model.training" / "report.json").read_text())["training"]["step"]


@needs_engine
def test_the_page_s_commands_do_what_it_says(clone):
    commands, shipped, before = sections(), voices(clone, "models/default"), contents(clone)
    build, adapt, speak, compose = commands["Three commands"]
    builds(clone, build)
    stops_at_bad_recordings(clone, *commands["When it stops"])

    said = succeeds(clone, adapt)
    steps = re.findall(r"^\d of \d, ([\w ]+):", said, re.MULTILINE)
    assert steps == re.findall(r"\*\*(\w+)\*\*", PAGE.read_text(encoding="utf-8")), said
    assert said.startswith("takes ") and voices(clone, "my-model") == shipped | {"anna"}
    for place in told(r"my-model\S*|models/\S+"):
        assert (clone / place).exists(), place
    for sound, command in (("hello.wav", speak), ("piece.wav", compose)):
        succeeds(clone, command)
        assert soundfile.info(clone / sound).frames > 0

    first, (more,) = training_steps(clone), commands["More recordings, other recordings"]
    assert contents(clone) == before
    record(clone / "recordings" / "anna", "late", text="This came later.")
    assert "anna, annatest: 1 files added" in succeeds(clone, more) and training_steps(clone) > first

    forget, remove = commands["Without a voice again"]
    succeeds(clone, forget)
    assert voices(clone, "my-model") == shipped and run(clone, speak).returncode != 0
    succeeds(clone, speak.replace("--voice anna ", ""))  # the others speak on
    succeeds(clone, remove)
    assert not list(clone.glob("my-model*")) and voices(clone, "models/default") == shipped


def builds(clone: Path, command: str) -> None:
    """The command would make what the others begin with."""
    would_do = succeeds(clone, command)
    assert "ln -s" in would_do and " build/unimoe-audio" in would_do and "scripts/install-training" in would_do
    assert "build/training-venv" in (REPOSITORY / "scripts" / "install-training").read_text(encoding="utf-8")


def stops_at_bad_recordings(clone: Path, check: str) -> None:
    """The command names each of them, and nothing is there afterwards."""
    bad = [record(clone / "recordings" / "anna", f"bad{number}", text="Bad.") for number in range(3)]
    for path in bad:
        path.write_bytes(b"no sound")
    done = run(clone, check)
    assert done.returncode == 1 and re.search(r"anna: 3 of \d+ recordings are of no use", done.stderr), done.stderr
    assert all(f"{path}: left out: cannot be read" in done.stdout for path in bad)
    assert not list(clone.glob("my-model*"))
    for path in bad:
        path.unlink(), path.with_suffix(".txt").unlink()


def test_the_page_s_options_and_paths_are_there(capsys):
    for command in ("adapt", "pack"):
        with pytest.raises(SystemExit):
            main([command, "--help"])
    help_text = capsys.readouterr().out
    for option in told(r"--\w+.*"):
        assert option.split()[0] in help_text, option
    for path in told(r"(training|models)/\S+"):
        assert (REPOSITORY / path).exists(), path
