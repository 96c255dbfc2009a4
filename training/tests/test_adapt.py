"""One command from recordings to a model that knows them."""

import json
import os
import shutil
import signal
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
from adapted import make_model, small_recipe
from recorded import record, speaker
from safetensors import safe_open
from test_export import PROGRAM, REPOSITORY, needs_engine
from test_lock import HOLDER
from unimoe_train.adaptation import shares, steps
from unimoe_train.batches.row_maker import RowMaker
from unimoe_train.cli import main
from unimoe_train.clips import Clip, Clips
from unimoe_train.curriculum.distributed import Processes
from unimoe_train.curriculum.snapshot import facts
from unimoe_train.curriculum.trainer import Trainer, epochs_of
from unimoe_train.evaluate import words
from unimoe_train.interruption import STOPPED
from unimoe_train.model.configuration import ModelConfiguration
from unimoe_train.prompts import Prompts
from unimoe_train.recipe import ModelRecipe, Recipe
from unimoe_train.state import State, write_json
from unimoe_train.tokenizer import Tokenizer


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return make_model(tmp_path_factory.mktemp("model"))


@pytest.fixture
def recipe(tmp_path):
    return small_recipe(tmp_path / "adapt.toml")


@pytest.fixture(autouse=True)
def nobody_listens(monkeypatch):
    monkeypatch.setattr(words, "missing", lambda: "word errors need ears")


def adapt(folder, model, recipe, *options, output="new"):
    command = ["adapt", "--data", folder / "mine", "--model", model, "--output", folder / output, "--recipe", recipe]
    command += ["--threads", "1", *([] if "--steps" in options else ["--steps", "3"]), "--program", PROGRAM, *options]
    main([str(word) for word in command])
    return folder / output


def voices_of(folder):
    return {path.name: path.read_bytes() for path in (folder / "voices").iterdir()}


def sampling_of(folder):
    return json.loads((folder / "generation_config.json").read_text())["unimoe_audio"]


def report_of(new):
    return json.loads((new.parent / f"{new.name}.training" / "report.json").read_text())


def refused(capsys, *arguments):
    """The line that an adaptation ends with."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as end:
        adapt(*arguments)
    errors = capsys.readouterr().err
    assert end.value.code == 1 and errors.startswith("unimoe-train: ") and errors.count("\n") == 1, errors
    return errors


def music(folder):
    for name in "ab":
        record(folder / "guitar", name, caption="slow guitar", seconds=3)


@needs_engine
def test_speech_and_music_are_learned_beside_what_the_model_knew(model, recipe, tmp_path, monkeypatch, capsys):
    speaker(tmp_path / "mine" / "anna", 6)
    music(tmp_path / "mine")
    new = adapt(tmp_path, model, recipe, "--packed", model.parent / "packed")
    said, report, before = capsys.readouterr().out, report_of(new), voices_of(model)
    assert said.startswith("takes 3 steps of training and about ")
    assert [line.split(", ")[0] for line in said.splitlines() if " of 7, " in line] == [
        f"{i} of 7" for i in range(1, 8)
    ]
    assert "not measured, word errors need ears" in said and "warning" not in said

    assert voices_of(new).keys() == before.keys() | {"anna.safetensors"}
    assert all(voices_of(new)[name] == sound for name, sound in before.items())
    with safe_open(new / "voices" / "anna.safetensors", "pt") as voice:
        assert voice.metadata()["transcript"].startswith("This is number") and "plan" in voice.keys()
    assert sampling_of(new) == sampling_of(model)
    assert (new / "config.json").read_bytes() == (model / "config.json").read_bytes()
    assert [stage["steps"] for stage in json.loads((new / "training.json").read_text())] == [2, 3]

    state = new.parent / "new.training"
    assert set(report["cross_entropy"]) == {"own speech", "own music", "packed speech", "packed music"}
    own = [of for name, of in report["cross_entropy"].items() if name.startswith("own")]
    assert len(own) == 2 and all(of["after"] < of["before"] for of in own)  # what the model knew before is noise
    assert abs(report["own_share"] - 0.5) < 0.1
    assert report["recordings"] == ["anna", "guitar"] and report["packed_sets"] == 4
    assert (state / "report.png").read_bytes().startswith(b"\x89PNG")
    for name in ("new-voice", "shipped-voice", "piece"):
        assert soundfile.info(state / report["sounds"][name]).samplerate == 16000

    first = {path: path.stat().st_mtime_ns for path in new.rglob("*")}
    adapt(tmp_path, model, recipe, "--packed", model.parent / "packed")
    assert capsys.readouterr().out.count("before") >= 5
    assert first == {path: path.stat().st_mtime_ns for path in new.rglob("*")}

    monkeypatch.setattr(words, "missing", lambda: None)
    monkeypatch.setattr(words, "Listener", lambda threads: SimpleNamespace(hear=lambda samples: ""))
    adapt(tmp_path, model, recipe)
    assert {group: of["after"]["value"] for group, of in report_of(new)["word_error"].items()} == {
        "own": 1,
        "shipped": 1,
    }


@needs_engine
def test_music_alone_is_learned_and_the_voices_stay(model, recipe, tmp_path, capsys):
    music(tmp_path / "mine")
    new = adapt(tmp_path, model, recipe)
    assert "warning: without packed sets (--packed) the model may forget" in capsys.readouterr().out
    assert voices_of(new) == voices_of(model) and sampling_of(new) == sampling_of(model)
    report = report_of(new)
    assert set(report["cross_entropy"]) == {"own music"} and set(report["sounds"]) == {"shipped-voice", "piece"}


@needs_engine
@pytest.mark.parametrize("place", ["codes", "training"])
def test_a_stopped_adaptation_goes_on(place, model, recipe, tmp_path, monkeypatch, capsys):
    speaker(tmp_path / "mine" / "anna", 4)
    where, name = {"codes": (steps, "encode_set"), "training": (Trainer, "step")}[place]
    whole, calls = getattr(where, name), []

    def stopped(*arguments):
        calls.append(0)
        if len(calls) == 2:
            signal.raise_signal(signal.SIGTERM)
        return whole(*arguments)

    with monkeypatch.context() as patch, pytest.raises(SystemExit) as end:
        patch.setattr(where, name, stopped)
        adapt(tmp_path, model, recipe)
    state = State(tmp_path / "new.training")
    assert end.value.code == STOPPED and "the same command goes on" in capsys.readouterr().err
    assert (facts(state, "joint") or {"counters": {"step": 0}})["counters"]["step"] == (2 if place == "training" else 0)
    assert not list(state.root.rglob(".*")) and not (tmp_path / "new").exists()
    new = adapt(tmp_path, model, recipe)
    assert facts(state, "joint")["counters"]["step"] == 3 and "anna.safetensors" in voices_of(new)


@needs_engine
def test_recordings_that_came_later_are_told_and_learned_with_a_larger_budget(model, recipe, tmp_path, capsys):
    speaker(tmp_path / "mine" / "anna", 4)
    new = adapt(tmp_path, model, recipe, "--steps", "1")
    speaker(tmp_path / "mine" / "anna", 2, first=4)
    adapt(tmp_path, model, recipe, "--steps", "1")
    assert "done before, but not anna: more --minutes learn what is new" in capsys.readouterr().out
    adapt(tmp_path, model, recipe, "--steps", "6")
    assert [stage["steps"] for stage in json.loads((new / "training.json").read_text())] == [2, 6]
    assert report_of(new)["training"]["step"] == 6


@needs_engine
def test_two_adaptations_in_one_folder_are_refused(model, recipe, tmp_path, capsys):
    speaker(tmp_path / "mine" / "anna", 4)
    command = [sys.executable, "-c", HOLDER, str(tmp_path / "new.training"), "training"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as other:
        assert other.stdout.readline() == "there\n"
        line = refused(capsys, tmp_path, model, recipe)
        os.killpg(other.pid, signal.SIGKILL)
    assert f"found process {other.pid}" in line


@needs_engine
@pytest.mark.parametrize(
    "wrong, says",
    [
        ("nothing", "expected sound files"),
        ("silence", "collection anna: 4 of 4 recordings are of no use"),
        ("a voice of the model", "expected a name that no voice of the model has"),
        ("a packed set", "expected a name that no packed set has"),
        ("packed", "expected packed sets (`unimoe-train pack`), found none"),
        ("output", "expected nothing yet, or an earlier export"),
        ("another's output", "expected nothing yet, found a model: name another --output"),
        ("a file", "expected nothing yet, or an earlier export"),
        ("among the recordings", "--output: expected a folder outside of that of --data"),
        ("the state among the recordings", "--state: expected a folder outside of that of --data"),
        ("the model itself", "expected another folder than that of --model"),
        ("no model", "config.json: cannot be read"),
        ("no program", "expected the engine's program"),
    ],
)
def test_what_cannot_become_a_model_is_refused_before_the_training(wrong, says, model, recipe, tmp_path, capsys):
    options, output = [], "new"
    names = {"a voice of the model": "mini", "a packed set": "minimus"}
    if wrong == "silence":
        for number in range(4):
            record(tmp_path / "mine" / "anna", f"{number}", text="Nothing.", samples=np.zeros(22050, np.float32))
    elif wrong == "nothing":
        (tmp_path / "mine").mkdir()
    else:
        speaker(tmp_path / "mine" / names.get(wrong, "anna"), 4)
    if wrong == "a packed set":
        options = ["--packed", model.parent / "packed"]
    elif wrong == "packed":
        options = ["--packed", tmp_path / "mine"]
    elif wrong == "no program":
        options = ["--program", tmp_path / "none"]
    elif wrong == "output":
        record(tmp_path / "new", "letter")
    elif wrong == "another's output":
        shutil.copytree(model, tmp_path / "new")
    elif wrong == "a file":
        (tmp_path / "new").write_text("a letter")
    elif wrong == "among the recordings":
        output = "mine/anna/new"
    elif wrong == "the state among the recordings":
        options = ["--state", tmp_path / "mine" / "state"]
    elif wrong == "the model itself":
        output = model
    elif wrong == "no model":
        model = tmp_path / "mine"
    capsys.readouterr()
    with pytest.raises(SystemExit) as end:
        adapt(tmp_path, model, recipe, "--state", tmp_path / "state", *options, output=output)
    errors = capsys.readouterr().err
    assert end.value.code == 1 and says in errors and errors.count("\n") == 1, errors
    assert facts(State(tmp_path / "state"), "joint") is None


def test_another_model_is_refused_in_the_same_state(model, recipe, tmp_path, capsys):
    state = State(tmp_path / "new.training")
    speaker(tmp_path / "mine" / "anna", 4)
    facts_of_another = {"stage": "joint", "done": True, "origin": "another", "counters": {"seconds": 1.0}}
    write_json(state.path("lm", "joint.json"), facts_of_another)
    line = refused(capsys, tmp_path, model, recipe, "--program", REPOSITORY / "README.md")
    assert "expected an adaptation of" in line and "found one of another" in line


def clip(frames, own):
    return Clip(
        np.zeros((frames, 3), np.int64),
        np.zeros((frames, 0), np.int64),
        "anna" if own else "mini",
        [1] * 5,
        [[2]],
        own=own,
    )


@pytest.mark.parametrize("own", [("speech",), ("music",), ("speech", "music")])
@pytest.mark.parametrize("few, many", [(5, 400), (400, 5), (60, 60)])
def test_half_of_what_is_learned_is_ones_own_however_little_that_is(own, few, many):
    """Of few clips and many packed ones of both domains, in whatever domains the own ones are."""
    recipe = Recipe.load("adapt").curriculum
    shares.share_out(recipe, set(own), {"speech", "music"})
    rng, clips = np.random.default_rng(0), Clips()
    for domain in ("speech", "music"):
        counts = [(many, False), *([(few, True)] if domain in own else [])]
        clips.of(domain).extend(clip(int(rng.integers(50, 300)), mine) for count, mine in counts for _ in range(count))
    configuration = ModelConfiguration.from_recipe(ModelRecipe(codebooks=3), 300, 299)
    maker = RowMaker(Prompts(Tokenizer(REPOSITORY / "models/default")), configuration, recipe)
    positions = {"speech": recipe.positions, "music": recipe.music_positions}
    around = SimpleNamespace(clips=clips, seed=0, recipe=SimpleNamespace(curriculum=recipe), processes=Processes())
    epochs = epochs_of(around, maker, [{domain: count} for domain, count in positions.items()])
    assert abs(shares.learned(epochs) - 0.5) < 0.1  # speech has fewer code frames in as many positions
    every = {id(clip) for entry in epochs for batch in entry.arranged(0) for clip in [item.clip for item in batch]}
    assert len(every) == len(clips.speech) + len(clips.music)  # nothing is left out


def test_without_packed_sets_every_clip_comes_once():
    clips = Clips([clip(100, True) for _ in range(5)])
    assert clips.shared(0.5).speech == clips.speech
