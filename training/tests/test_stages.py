"""Which stage may begin: with what data, after which other, on which codes."""

import time
from pathlib import Path

import pytest
import torch
from commands import options, refused
from miniature import make_state
from unimoe_train.cli import main
from unimoe_train.codec import codebooks, initial
from unimoe_train.codec.dac import Decoder
from unimoe_train.codec.features import Layout
from unimoe_train.codec.quantiser import Quantiser, fit
from unimoe_train.curriculum import surroundings
from unimoe_train.curriculum.snapshot import facts
from unimoe_train.curriculum.trainer import Trainer
from unimoe_train.recipe import FOLDER, Recipe
from unimoe_train.state import State

DOMAINS = {"speech": "[data.music.minimus]", "music": "[data.voices.mini]"}
"""A domain, and what the miniature must not have so that it is alone."""


def one_domain(folder: Path, domain: str) -> Path:
    """The miniature with data of one domain only."""
    path = folder / f"{domain}.toml"
    sections = (FOLDER / "miniature.toml").read_text().split("\n\n")
    path.write_text("\n\n".join(part for part in sections if not part.startswith(DOMAINS[domain])))
    return path


def quantiser() -> Quantiser:
    torch.manual_seed(0)
    return fit(torch.randn(3000, Layout.of(16000).size), 3, 16000)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """The miniature after a few steps of both domains, with a codec that was fitted to features."""
    folder = tmp_path_factory.mktemp("model")
    state = make_state(folder / "state", Recipe.load("miniature"))
    quantiser().save(state.path("quantiser.pt"))
    torch.manual_seed(0)
    decoder = Decoder(Layout.of(16000).size, 32, (8, 5, 4, 2)).state_dict()
    torch.save({"ema": decoder, "width": 32}, state.path("decoder.pt"))
    main(["naive", *options(folder / "state"), "--steps", "2"])
    main(["export", *options(folder / "state"), "--stage", "naive", "--output", str(folder / "model")])
    return folder / "model"


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_model_goes_on_with_data_of_one_domain(domain, model, tmp_path):
    recipe = one_domain(tmp_path, domain)
    state = make_state(tmp_path / "state", Recipe.load(str(recipe)))
    main(["joint", *options(state.root, recipe), "--initial", str(model), "--steps", "3"])
    assert facts(state, "joint")["done"] and facts(state, "joint")["counters"]["step"] == 3


@pytest.mark.parametrize("domain", DOMAINS)
def test_one_domain_alone_can_be_learned_from_scratch(domain, tmp_path):
    recipe = one_domain(tmp_path, domain)
    state = make_state(tmp_path / "state", Recipe.load(str(recipe)))
    main(["naive", *options(state.root, recipe), "--steps", "3"])
    assert facts(state, "naive")["counters"]["step"] == 3
    main(["specialists", *options(state.root, recipe), "--steps", "2"])
    assert facts(state, domain)["done"] and facts(state, "speech" if domain == "music" else "music") is None


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("stage", ["integrate", "joint"])
def test_a_stage_that_joins_domains_says_that_it_needs_both(domain, stage, tmp_path, capsys):
    recipe = one_domain(tmp_path, domain)
    make_state(tmp_path / "state", Recipe.load(str(recipe)))
    other = "speech" if domain == "music" else "music"
    line = refused(capsys, stage, *options(tmp_path / "state", recipe))
    assert "expected speech and music" in line and f"found no {other}: `unimoe-train naive`" in line


@pytest.mark.parametrize("stage", ["naive", "specialists"])
def test_without_any_data_a_stage_is_refused(stage, tmp_path, capsys):
    recipe = tmp_path / "nothing.toml"
    sections = (FOLDER / "miniature.toml").read_text().split("\n\n")
    recipe.write_text("\n\n".join(part for part in sections if not part.startswith(tuple(DOMAINS.values()))))
    assert "expected clips of speech or music, found none" in refused(
        capsys, stage, *options(tmp_path, recipe), "--steps", "2"
    )


def test_a_specialist_that_is_asked_for_needs_data_of_its_domain(tmp_path, capsys):
    recipe = one_domain(tmp_path, "speech")
    make_state(tmp_path / "state", Recipe.load(str(recipe)))
    run = options(tmp_path / "state", recipe)
    main(["specialists", "--only", "base", *run])
    assert "expected clips of music, found none" in refused(capsys, "specialists", "--only", "music", *run)


@pytest.mark.parametrize("base", ["none", "stopped"])
def test_a_specialist_begins_with_a_finished_base_only(base, tmp_path, capsys):
    state = make_state(tmp_path, Recipe.load("miniature"))
    run = options(tmp_path)
    if base == "stopped":
        main(["specialists", "--only", "base", *run])
        saved = torch.load(state.checkpoint("base"), weights_only=True)
        torch.save({**saved, "done": False}, state.checkpoint("base"))
        state.path("lm", "base.json").unlink()
    line = refused(capsys, "specialists", "--only", "speech", *run)
    assert "base.pt: is not there yet: run `unimoe-train specialists`" in line if base == "none" else "stopped" in line
    assert facts(state, "speech") is None


def test_a_checkpoint_goes_on_with_its_own_codes_only(model, tmp_path, capsys):
    state = make_state(tmp_path / "state", Recipe.load("miniature"))
    run = ["joint", *options(state.root), "--initial", str(model), "--steps", "2"]
    other = quantiser()
    other.stages[2]["codebook"] = other.stages[2]["codebook"] + 0.5
    other.save(state.path("quantiser.pt"))
    line = refused(capsys, *run)
    assert f"{state.root / 'codes'}: expected the codes of {model / 'codec'}" in line
    assert facts(state, "joint") is None
    quantiser().save(state.path("quantiser.pt"))  # the codec has it in float16
    main(run)
    assert facts(state, "joint")["done"]


def test_codes_that_another_quantiser_made_are_told_from_those_of_a_model(model, tmp_path, capsys):
    state = make_state(tmp_path / "state", Recipe.load("miniature"))
    other = quantiser()
    other.stages[0]["codebook"] = other.stages[0]["codebook"] + 0.5
    codebooks.claim(state, other)
    quantiser().save(state.path("quantiser.pt"))  # that of the model took its place
    run = options(state.root)
    assert "expected the codes of" in refused(capsys, "joint", *run, "--initial", str(model), "--steps", "2")
    assert "codebooks.json: expected codes of" in refused(capsys, "codec", "codes", *run)
    codebooks.path(state).unlink()
    main(["codec", "codes", *run])
    assert codebooks.known(state) == quantiser().digests


def test_a_model_s_codec_has_the_codes_of_the_state_folder_that_it_is_from(model, tmp_path):
    state = State(tmp_path)
    quantiser().save(state.path("quantiser.pt"))  # in float32, the model's in float16
    initial.take(model / "codec", state)
    assert state.has("decoder.pt")


@pytest.mark.parametrize("compiles", [True, False])
def test_minutes_do_not_count_the_step_that_compiles(compiles, tmp_path, monkeypatch):
    recipe = tmp_path / "compiled.toml"
    text = (FOLDER / "miniature.toml").read_text()
    told = f"compile = {str(compiles).lower()}\nbf16 = false\nbase"
    recipe.write_text(text.replace("compile = false\nbf16 = false\nbase", told))
    state, step = make_state(tmp_path / "state", Recipe.load("miniature")), Trainer.step

    def slow(trainer, *arguments):
        if trainer.counters.step == 0:
            time.sleep(0.8)
        step(trainer, *arguments)

    monkeypatch.setattr(Trainer, "step", slow)
    monkeypatch.setattr(surroundings, "can_compile", lambda: False)
    main(["naive", *options(state.root, recipe), "--minutes", "0.01"])
    assert (facts(state, "naive")["counters"]["step"] > 1) == compiles
