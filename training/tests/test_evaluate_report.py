"""Generation through the engine's program, routing, the curriculum's comparison, the report."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest
from unimoe_train import cli
from unimoe_train.data.clips import ClipWriter
from unimoe_train.errors import BadInput
from unimoe_train.evaluate import curriculum, parts, pictures, report, requests, routing
from unimoe_train.evaluate.evaluation import Evaluation
from unimoe_train.evaluate.generation import Engine, Request, Take
from unimoe_train.program import find_program
from unimoe_train.recipe import Recipe, Recordings
from unimoe_train.state import State, write_json

PROGRAM = """#!{python}
import json, sys
import numpy as np, soundfile
a = sys.argv[1:]
open({log!r}, "a").write(" ".join(a) + "\\n")
if a[-1] == "bad":
    sys.exit("unimoe-audio: no")
if a[0] == "routes":
    expert = 3 if "--music" in a else 0
    step = [dict(experts=[expert, 5], weights=[0.5, 0.5]), dict(experts=[expert, 4, 5], weights=[0.3, 0.3, 0.3])]
    print(json.dumps(dict(layers=2, routed_experts=4, null_experts=1, shared_experts=1, steps=2, routes=[step, step])))
else:
    soundfile.write(a[a.index("-o") + 1], np.zeros(16000), 16000)
    stop = "length" if a[-1] == "endless" else "end"
    print(json.dumps(dict(seconds=1.0, pieces=[dict(stop_reason=stop)])))
"""


@pytest.fixture
def engine(tmp_path):
    program = tmp_path / "program"
    program.write_text(PROGRAM.format(python=sys.executable, log=str(tmp_path / "log")))
    program.chmod(0o755)
    return Engine(find_program(str(program)), tmp_path / "model", tmp_path / "takes", workers=2)


def test_takes_are_kept(engine, tmp_path):
    asked = [Request(0, "Good morning.", "anna"), Request(1, "endless", "anna"), Request(0, "slow piano")]
    takes = engine.takes(asked)
    assert [take.stop for take in takes] == ["end", "length", "end"] and len(takes[0].samples) == 16000
    calls = (tmp_path / "log").read_text().splitlines()
    assert any(c.startswith("speak --voice anna --seed 0") and c.endswith(" -- Good morning.") for c in calls)
    assert any(c.startswith("compose --seed 0") and c.endswith(" -- slow piano") for c in calls)
    engine.takes(asked)
    assert (tmp_path / "log").read_text().splitlines() == calls
    engine.take(Request(0, "Another text.", "anna"))
    assert len((tmp_path / "log").read_text().splitlines()) == len(calls) + 1


def test_what_another_model_of_the_same_name_made_is_forgotten(tmp_path):
    model = tmp_path / "model"
    model.mkdir()
    (model / "model.safetensors").write_bytes(b"one")
    evaluation = Evaluation(State(tmp_path / "state"), Recipe.load("miniature"), model)
    evaluation.forget_other_model()
    take = evaluation.folder / "takes" / "speech-0000.wav"
    take.parent.mkdir()
    take.touch()
    evaluation.forget_other_model()
    assert take.exists()
    (model / "model.safetensors").write_bytes(b"two")
    evaluation.forget_other_model()
    assert not take.exists()


def test_a_failing_program_is_quoted(engine):
    with pytest.raises(BadInput, match="speak bad: unimoe-audio: no"):
        engine.take(Request(0, "bad", "anna"))
    assert not list(engine.folder.glob("*.wav"))


def test_routing_is_summed_up_and_drawn(engine, tmp_path):
    routes = {"speech": [engine.routes(Request(0, "A.", "anna"))] * 2, "music": [engine.routes(Request(0, "piano"))]}
    result = routing.summary(routes)
    speech = result["domains"]["speech"]
    assert speech["routed_per_token"] == 1 and speech["null_share"] == 0.5
    assert speech["use"] == [[1, 0, 0, 0, 0], [1, 0, 0, 0, 1]]
    assert result["divergence_bits"]["mean"] > 0.99
    routing.draw(result, tmp_path / "routing.png")
    assert (tmp_path / "routing.png").stat().st_size > 1000


def test_divergence_is_zero_for_equal_uses():
    assert routing.divergence(np.array([0.2, 0.8]), np.array([1.0, 4.0])) == pytest.approx(0)


def run(folder, joint, naive):
    state = State(folder)
    for log, values, tokens in (("base", (9.0, 9.0), 100), ("joint", joint, 200), ("naive", naive, 300)):
        rows = "\n".join(f"{tokens // 2 * i},{values[0] + 2 - i},{values[1] + 2 - i}" for i in (1, 2))
        state.log(log).write_text(f"tokens,held_out_speech,held_out_music\n{rows}\n")
    return folder


def test_the_curriculum_is_compared_over_seeds(tmp_path):
    runs = [run(tmp_path / "0", (2.0, 3.0), (2.0, 4.0)), run(tmp_path / "1", (1.9, 3.1), (2.0, 4.0))]
    for index, folder in enumerate(runs):
        for way, value in (("joint", 0.2), ("naive", 0.4)):
            write_json(
                State(folder).path("evaluate", way, "parts", "words.json"),
                {"generated": {"all": {"value": value + index / 10}}},
            )
    result = curriculum.summary(runs)
    assert result["judges"]["words"]["naive"]["value"] == pytest.approx(0.45)
    assert result["tokens"] == {"curriculum": 300, "naive": 300}
    assert result["domains"]["music"]["curriculum_ahead"]["value"] == pytest.approx(0.2375, abs=1e-3)
    assert result["reached"] == {"music": True, "speech": True}
    curriculum.draw(runs, tmp_path / "curriculum.png")
    assert (tmp_path / "curriculum.png").stat().st_size > 1000


def test_a_curve_counts_the_positions_of_all_stages_before(tmp_path):
    state = State(tmp_path)
    state.log("base").write_text("tokens,loss_speech,loss_music\n50,9,9.5\n100,8,8.5\n")
    state.log("speech").write_text("tokens,loss_speech\n30,7\n")
    state.log("music").write_text("tokens,loss_music\n20,6\n40,5\n")
    x, y = curriculum.curve(state, "curriculum", "music")
    assert x[np.isfinite(x)].tolist() == [50, 100, 150, 170]
    assert y[np.isfinite(y)].tolist() == [9.5, 8.5, 6, 5]


def test_a_missing_log_is_named(tmp_path):
    with pytest.raises(BadInput, match="csv: expected the log of a training, found none"):
        curriculum.summary([tmp_path])


def test_held_out_captions_that_were_trained_on_are_passed_over(tmp_path):
    state, recipe = State(tmp_path), Recipe.load("miniature")
    for name, captions in (("minimus", [["a", "b"]]), ("minimustest", [["a", "c"], ["b"]])):
        writer = ClipWriter()
        for caps in captions:
            writer.append(np.ones(1000) * 0.1, kind="m", caps=caps, inst="piano", mode="major", bpm=100, tempo="slow")
        writer.save(state, name)
    pieces = requests.held_out_pieces(state, recipe)
    assert [(piece.caption, piece.index) for piece in pieces] == [("c", 0)] and len(pieces[0].samples(state)) == 1280
    assert [request.text for request in requests.music_requests(state, recipe, 2)] == ["c", "c"]


def test_the_codec_is_judged_by_people_whom_it_did_not_learn_from(tmp_path, monkeypatch):
    state, recipe, writer = State(tmp_path), Recipe.load("miniature"), ClipWriter()
    recipe.data.recordings["anna"] = Recordings("a-package", str(tmp_path), held_out=True)
    recipe.data.recordings["bert"] = Recordings("a-package", str(tmp_path))
    for text in ("one two", "three four"):
        writer.append(np.full(3200, 0.1), kind="s", voice="anna", text=text)
    for name in ("anna", "bert", "minitest"):
        writer.save(state, name)
    heard = iter(["one two", "three four", "one two", "three for"] * 2)
    e = SimpleNamespace(state=state, recipe=recipe, listener=SimpleNamespace(hear=lambda samples: next(heard)))
    monkeypatch.setattr(parts, "reconstruct", lambda e, samples: samples)
    assert [parts.is_held_out(e, name) for name in ("anna", "bert")] == [True, False]
    people = parts._people(e, "anna", parts.reconstruct)
    assert people["words_original"]["value"] == 0 and people["words"]["value"] == 0.25


def test_every_figure_of_the_report_gets_a_line():
    figure = {"value": 0.5, "low": 0.4, "high": 0.6, "count": 9}
    kinds = {"all": figure}
    parts = {
        "teachers": {"words": {"joe": figure}, "voice": {"joe": figure}},
        "words": {"teacher": kinds, "generated": kinds},
        "voice": {"teacher": kinds},
        "music": {"rendered": {"tempo": figure, "family": figure, "mode": figure}, "reached": {}},
        "stops": {"speech": {"plausible": figure}},
        "codec": {
            "encoder": {
                "speech": {"words": figure, "words_original": figure, "mel": figure},
                "music": {},
                "people": {"anna": {"words": figure, "words_original": figure}},
            }
        },
        "routing": {"domains": {"speech": {"routed_per_token": 1.2, "null_share": 0.1}}},
        "curriculum": {"domains": {"music": {"curriculum": figure, "naive": figure, "curriculum_ahead": figure}}},
    }
    assert len(report.lines(parts)) == 10


def test_pictures_are_drawn(tmp_path):
    figure = {"value": 0.5, "low": 0.4, "high": 0.6, "count": 9}
    pictures.bars(
        {"teacher": {"all": figure, "joe": figure}, "generated": {"all": figure}}, "t", "y", tmp_path / "a.png", 0.3
    )
    pictures.confusion({"a": {"a": 3, "b": 1}, "b": {"a": 0, "b": 4}}, "t", tmp_path / "b.png")
    pictures.spectrograms(
        [[("x", np.random.randn(8000) * 0.1)], [("y", np.zeros(8000)), ("z", np.ones(8000))]], tmp_path / "c.png"
    )
    assert all((tmp_path / f"{name}.png").stat().st_size > 1000 for name in "abc")


@pytest.mark.parametrize(
    "arguments, says",
    [
        (["nonsense"], "PART: expected one of"),
        (["words", "--model", "/nowhere"], "expected a checkpoint directory"),
        (["curriculum"], "--runs: expected state folders"),
    ],
)
def test_wrong_arguments_are_one_line(tmp_path, capsys, arguments, says):
    with pytest.raises(SystemExit) as stop:
        cli.main(["evaluate", *arguments, "--recipe", "miniature", "--state", str(tmp_path), "--threads", "1"])
    assert stop.value.code == 1
    message = capsys.readouterr().err
    assert says in message and message.count("\n") == 1


def test_a_report_tells_no_path_of_the_machine_that_made_it():
    take = Take("A text.", "anna", 3, 1.5, "length", "/somewhere/speech-0003.wav")
    assert parts.without_path(take) == {"text": "A text.", "voice": "anna", "seed": 3, "seconds": 1.5, "stop": "length"}
