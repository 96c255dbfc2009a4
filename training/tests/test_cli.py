"""What is wrong with input or machine is one line that names it, as early as it can be known."""

import importlib
import importlib.util
import json
import os
import pwd
import subprocess
import sys

import pytest
import torch
from commands import options, refused
from miniature import make_state
from unimoe_train.cli import main
from unimoe_train.codec import checkpoint
from unimoe_train.codec.dac import Decoder
from unimoe_train.codec.features import Layout
from unimoe_train.codec.quantiser import fit
from unimoe_train.errors import BadInput
from unimoe_train.evaluate.evaluation import Evaluation
from unimoe_train.evaluate.report import collect
from unimoe_train.recipe import FOLDER, Recipe
from unimoe_train.state import State, replacing, write_json

LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write beyond the limit fails, as on a full disk
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
from unimoe_train.cli import main
main(sys.argv[1:])
"""


@pytest.fixture
def trained(tmp_path):
    state = make_state(tmp_path / "state", Recipe.load("miniature"))
    main(["naive", *options(state.root), "--steps", "2"])
    return state


def made_codec(state: State) -> State:
    """Beside a state folder another one with a codec that learns on."""
    size, made = Layout.of(16000).size, State(state.root.parent / "made")
    fit(torch.randn(2000, size), 4, 16000).save(made.path("quantiser.pt"))
    torch.save({"ema": Decoder(size, 32, (8, 5, 4, 2)).state_dict(), "width": 32}, made.path("decoder.pt"))
    checkpoint.write(made, made.root / "codec", 4)
    return made


@pytest.mark.parametrize("name", ["here", "data"])
def test_options_may_stand_before_the_command(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    main(["--recipe", "miniature", "--state", name, "status"])
    assert f"state folder  {name}\n" in capsys.readouterr().out
    main(["--made", "--state", name, "status", "--recipe", "miniature"])
    assert f"state folder  {name}\n" in capsys.readouterr().out


def test_what_is_no_command_is_told(capsys):
    with pytest.raises(SystemExit):
        main(["--recipe", "miniature", "trian"])
    assert "invalid choice: 'trian'" in capsys.readouterr().err


def test_a_set_that_no_recipe_has_is_told(tmp_path, capsys):
    recipe = tmp_path / "typo.toml"
    recipe.write_text(
        (FOLDER / "miniature.toml").read_text().replace("[data]\n", '[data]\nonly = ["mini0", "mimi0"]\n')
    )
    line = refused(capsys, "status", *options(tmp_path, recipe))
    assert "typo: data.only: expected some of mini0, minimus, minimustest, minitest, found mimi0" in line


def test_a_stage_that_there_is_not_is_told(tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(["export", *options(tmp_path), "--stage", "jiont"])
    assert "invalid choice: 'jiont'" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["status", "naive", "codec"])
def test_a_state_folder_that_cannot_be_one_is_told(command, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    recipe = tmp_path / "wide.toml"
    text = (FOLDER / "miniature.toml").read_text().replace("[data]\n", "[data]\nsample_rate = 24000\n")
    recipe.write_text(text.replace("[codec]\n", "[codec]\nstrides = [10, 6, 4, 2]\n"))
    assert str(tmp_path / "file") in refused(capsys, command, *options(tmp_path / "file", recipe))


def test_without_a_home_a_state_folder_must_be_named(monkeypatch, capsys):
    def nobody(number):
        raise KeyError(number)

    for name in ("HOME", "UNIMOE_TRAIN_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", nobody)
    assert "--state: expected a folder" in refused(capsys, "status", "--recipe", "miniature")


@pytest.mark.parametrize("command", ["naive", "codec"])
def test_a_full_disk_is_told_with_the_file(command, trained):
    for path in trained.root.glob("lm/*"):
        path.unlink()
    part = (
        ["--steps", "2"] if command == "naive" else ["quantiser", "--initial", str(made_codec(trained).root / "codec")]
    )
    run = subprocess.run(
        [sys.executable, "-c", LIMITED, command, *options(trained.root), *part],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    lines = [line for line in run.stderr.splitlines() if "unimoe-train" in line or "Traceback" in line]
    assert run.returncode == 1 and len(lines) == 1, run.stderr
    name = "lm/naive.stable.pt" if command == "naive" else "quantiser.pt"
    assert lines[0].startswith(f"unimoe-train: {trained.root / name}: cannot be written: "), run.stderr
    assert not list(trained.root.glob("**/.*")) and not (trained.root / name).exists()


def test_what_fails_while_it_is_written_leaves_nothing(tmp_path):
    with pytest.raises(ZeroDivisionError), replacing(tmp_path / "a.json") as path:
        path.write_text("half")
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


CUT = {
    "lm/naive.pt": (["export", "--stage", "naive"], "is cut or no checkpoint"),
    "lm/naive.json": (["status"], "is cut or no JSON"),
    "quantiser.pt": (["codec", "codes"], "is cut or no checkpoint"),
    "encoder.pt": (["codec", "encoder"], "is cut or no checkpoint"),
    "decoder.pt": (["codec", "checkpoint"], "is cut or no checkpoint"),
    "codes/mini0_codes.npy": (["naive"], "cannot be read"),
    "codes/mini0_coff.json": (["naive"], "is cut or no JSON"),
    "data/mini0.json": (["naive"], "is cut or no JSON"),
    "plan/mini0.npz": (["naive"], "is cut or no plan"),
}


@pytest.mark.parametrize("name", CUT)
@pytest.mark.parametrize("share", [0.0, 0.6], ids=["empty", "cut"])
def test_a_file_that_is_cut_is_told(name, share, trained, capsys):
    (command, *rest), says = CUT[name]
    path = trained.root / name
    if name in ("encoder.pt", "decoder.pt", "quantiser.pt"):
        torch.save({"ema": torch.zeros(10000), "width": 32, "seconds": 1.0, "step": 1}, path)
    if name == "decoder.pt":
        made_codec(trained).path("quantiser.pt").rename(trained.path("quantiser.pt"))
    contents = path.read_bytes()
    path.write_bytes(contents[: int(share * len(contents))])
    line = refused(capsys, command, *rest, *options(trained.root))
    assert line.startswith(f"unimoe-train: {trained.root / name}: ") and says in line


def test_a_figure_of_an_evaluation_that_is_cut_is_told(tmp_path):
    evaluation = Evaluation(State(tmp_path), Recipe.load("miniature"))
    path = evaluation.folder / "parts" / "words.json"
    path.parent.mkdir(parents=True)
    write_json(path, {"all": 1})
    assert collect(evaluation) == {"words": {"all": 1}}
    path.write_text(json.dumps({"all": 1})[:-3])
    with pytest.raises(BadInput, match="words.json: is cut or no JSON"):
        collect(evaluation)


def without(monkeypatch, *packages: str) -> None:
    """As if some packages were not installed."""
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name in packages else find(name, *rest)
    )


@pytest.mark.parametrize("command", ["naive", "joint", "specialists", "integrate", "evaluate"])
def test_a_picture_that_nothing_can_draw_is_told_before_a_training(command, tmp_path, monkeypatch, capsys):
    make_state(tmp_path, Recipe.load("miniature"))
    without(monkeypatch, "matplotlib")
    assert "needs the Python package matplotlib" in refused(capsys, command, *options(tmp_path))
    assert not list(tmp_path.glob("lm/*")) and not list(tmp_path.glob("tok/*"))


def test_a_judge_that_cannot_listen_is_told_first(tmp_path, monkeypatch, capsys):
    without(monkeypatch, "faster_whisper")
    assert "word errors need faster_whisper" in refused(capsys, "evaluate", "voice", "words", *options(tmp_path))


def test_a_program_that_the_lexicon_s_report_needs_is_told_first(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: True)
    monkeypatch.setenv("PATH", str(tmp_path))
    output = ["--output", str(tmp_path / "out"), "--report", str(tmp_path / "report.json")]
    assert "needs the program espeak-ng" in refused(capsys, "lexicon", *output, *options(tmp_path))
    assert not (tmp_path / "out").exists()


def test_a_package_that_a_command_is_made_of_is_told(tmp_path, monkeypatch, capsys):
    def absent(name, *rest):
        raise ModuleNotFoundError("No module named 'librosa'", name="librosa")

    monkeypatch.setattr(importlib, "import_module", absent)
    assert "the Python package librosa is not installed" in refused(capsys, "codec", *options(tmp_path))
