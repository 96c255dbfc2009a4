"""Data that came after a training are noticed, learned when they are asked for, and not exported as if they had been."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from miniature import make_state
from test_export import codec
from unimoe_train.cli import main
from unimoe_train.curriculum.snapshot import facts
from unimoe_train.recipe import Recipe
from unimoe_train.state import State


@pytest.fixture
def trained(tmp_path):
    """A state folder whose training is done, and the options of its commands."""
    state = make_state(tmp_path / "state", Recipe.load("miniature"))
    codec(tmp_path / "codec", 3)
    common = ["--recipe", "miniature", "--state", str(state.root), "--threads", "1"]
    main(["naive", *common, "--steps", "5"])
    return state, common


def record(state: State, name: str = "mine") -> None:
    """A voice of the user's own, as an import and the codec leave it."""
    entries = [{**entry, "voice": name} for entry in json.loads(state.clips("mini0").read_text())]
    for ending in ("", "test"):
        state.clips(name + ending).write_text(json.dumps(entries))
        shutil.copyfile(state.codes("mini0"), state.codes(name + ending))
        shutil.copyfile(state.code_offsets("mini0"), state.code_offsets(name + ending))
    state.path("data", f"{name}.recordings.json").write_text(json.dumps({"kind": "speech"}))


def exported(state: State, common: list[str]) -> set[str]:
    """The voices of the model."""
    model = state.root.parent / "model"
    options = ["--stage", "naive", "--output", str(model), "--codec", str(model.with_name("codec"))]
    main(["export", *common, *options])
    return {path.stem for path in (model / "voices").iterdir()}


def test_new_recordings_are_told_and_are_no_voice_until_they_are_learned(trained, capsys):
    state, common = trained
    record(state)
    main(["naive", *common, "--steps", "5"])
    assert "naive: done before, without what has come since: mine; `--extend`" in capsys.readouterr().out
    main(["status", *common])
    assert ", without mine\n" in capsys.readouterr().out
    assert exported(state, common) == {"mini"}
    assert "voice mine: left out, naive did not learn" in capsys.readouterr().err
    main(["naive", *common, "--steps", "5", "--extend"])
    assert "with as large a budget, without what has come since: mine" in capsys.readouterr().out
    main(["naive", *common, "--steps", "10", "--extend"])
    assert facts(state, "naive")["counters"]["step"] == 10
    main(["naive", *common, "--steps", "10"])
    assert capsys.readouterr().out.endswith("naive: done before\n")
    assert exported(state, common) == {"mini", "mine"}


def test_a_set_that_changed_was_not_learned(trained, capsys):
    state, common = trained
    codes = np.load(state.codes("mini0"))
    np.save(state.codes("mini0"), (codes + 1) % 1024)
    main(["naive", *common, "--steps", "5"])
    assert "without what has come since: mini0" in capsys.readouterr().out
    assert exported(state, common) == set()


def test_sets_that_were_learned_and_have_gone_stay_learned(trained):
    state, common = trained
    record(state)
    main(["naive", *common, "--steps", "10", "--extend"])
    Path(state.root / "data" / "mine.recordings.json").unlink()
    main(["naive", *common, "--steps", "15", "--extend"])
    assert set(facts(state, "naive")["sets"]) == {"mini0", "minimus", "mine"}


def test_a_training_that_does_not_know_its_sets_exports_all_voices(trained, capsys):
    state, common = trained
    saved = torch.load(state.checkpoint("naive"), weights_only=True)
    del saved["sets"]
    torch.save(saved, state.checkpoint("naive"))
    state.path("lm", "naive.json").unlink()
    record(state)
    main(["naive", *common, "--steps", "5"])
    assert capsys.readouterr().out.endswith("naive: done before\n")
    assert exported(state, common) == {"mini", "mine"}


def test_a_voice_that_one_stage_learned_is_known_to_those_after_it(tmp_path):
    state = make_state(tmp_path / "state", Recipe.load("miniature"))
    codec(tmp_path / "codec", 3)
    common = ["--recipe", "miniature", "--state", str(state.root), "--threads", "1"]
    main(["specialists", *common, "--steps", "2"])
    options = ["--output", str(tmp_path / "model"), "--codec", str(tmp_path / "codec")]
    main(["export", *common, "--stage", "music", *options])
    assert set(facts(state, "music")["sets"]) == {"minimus"}
    assert [path.stem for path in (tmp_path / "model" / "voices").iterdir()] == ["mini"]
