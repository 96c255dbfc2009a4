"""Packed data sets: a training that has them needs no sound."""

import json

import numpy as np
import pytest
import torch
from miniature import make_state
from unimoe_train import packed
from unimoe_train.alignment.clips import align_sets
from unimoe_train.clips import load_clips
from unimoe_train.codec.dac import Decoder
from unimoe_train.codec.features import Layout
from unimoe_train.codec.quantiser import DIMENSIONS, Quantiser
from unimoe_train.commands.pack import language_model_sets
from unimoe_train.errors import BadInput
from unimoe_train.model.configuration import ModelConfiguration
from unimoe_train.recipe import DataRecipe, Music, Recipe, Voice
from unimoe_train.state import State, write_json
from unimoe_train.tokenizer import make


def small_quantiser(seed: int = 0) -> Quantiser:
    torch.manual_seed(seed)
    size = Layout.of(16000).size
    shapes = {
        "in": (DIMENSIONS, size),
        "in_bias": (DIMENSIONS,),
        "codebook": (1024, DIMENSIONS),
        "out": (size, DIMENSIONS),
        "out_bias": (size,),
    }
    stages = [{name: torch.randn(shape) for name, shape in shapes.items()} for _ in range(4)]
    return Quantiser(stages, torch.randn(size), torch.tensor(2.0), 16000)


@pytest.fixture
def recipe() -> Recipe:
    recipe = Recipe("mini")
    recipe.data.voices = {"mini": Voice(teacher="flite", clips=300)}
    recipe.data.music = {"mus": Music(clips=4)}
    recipe.model.plan = True
    return recipe


@pytest.fixture
def state(tmp_path, recipe) -> State:
    state = make_state(tmp_path / "state", recipe)
    small_quantiser().save(state.path("quantiser.pt"))
    write_json(state.phonemes("mini0"), [None] * 12)
    write_json(state.path("data", "manifest.json"), {"hours": 1})
    return state


def unpacked(tmp_path, state: State, recipe: Recipe, codebooks: int) -> tuple[State, list[str]]:
    list(packed.pack(state, language_model_sets(recipe), tmp_path / "packed", codebooks))
    other = State(tmp_path / "other")
    return other, list(packed.unpack(tmp_path / "packed", other))


def test_a_training_reads_from_unpacked_sets_what_it_read_from_the_made_ones(tmp_path, state, recipe):
    recipe.model.codebooks = 3
    other, names = unpacked(tmp_path, state, recipe, 3)
    assert sorted(names) == sorted(language_model_sets(recipe)) == other.encoded()
    tokenizer, configuration = make(tmp_path / "tok"), ModelConfiguration.from_recipe(recipe.model, 300, 299)
    before, after = (load_clips(s, names, tokenizer, configuration) for s in (state, other))
    for domain in ("speech", "music"):
        pairs = list(zip(before.of(domain), after.of(domain), strict=True))
        assert len(pairs) >= 12
        for one, two in pairs:
            assert np.array_equal(one.codes, two.codes)
            assert np.array_equal(one.plan, two.plan)
            assert (one.text, one.captions, one.voice) == (two.text, two.captions, two.voice)
    assert other.phonemes("mini0").exists()
    assert json.loads(other.path("data", "manifest.json").read_text()) == {"hours": 1}


def test_the_quantiser_of_packed_sets_encodes_as_before(tmp_path, state, recipe):
    other, _ = unpacked(tmp_path, state, recipe, 4)
    latents = torch.randn(50, small_quantiser().layout.size)
    assert torch.equal(Quantiser.load(other.path("quantiser.pt")).encode(latents), small_quantiser().encode(latents))


def test_packed_sets_are_refused_where_the_codes_are_others(tmp_path, state, recipe):
    other = State(tmp_path / "other")
    small_quantiser(1).save(other.path("quantiser.pt"))
    list(packed.pack(state, ["mini0"], tmp_path / "packed", 4))
    with pytest.raises(BadInput, match="quantiser"):
        list(packed.unpack(tmp_path / "packed", other))
    with pytest.raises(BadInput, match="quantiser"):
        list(packed.pack(make_state(other.root, recipe), ["mini0"], tmp_path / "packed", 4))
    assert not other.clips("mini0").exists() or json.loads(other.clips("mini0").read_text())


@pytest.mark.parametrize("changed", [None, 2, 3])
def test_packed_sets_fit_a_model_that_uses_the_first_of_their_codebooks(tmp_path, state, changed):
    list(packed.pack(state, ["mini0"], tmp_path / "packed", 3))
    mine, other = small_quantiser(), State(tmp_path / "other")
    if changed is not None:
        mine.stages[changed]["codebook"] = mine.stages[changed]["codebook"] + 0.5
    mine.stages = mine.stages[:3]
    mine.save(other.path("quantiser.pt"))
    if changed == 2:
        with pytest.raises(BadInput, match="quantiser"):
            list(packed.unpack(tmp_path / "packed", other))
    else:
        assert list(packed.unpack(tmp_path / "packed", other)) == ["mini0"]


def test_what_unpacked_sets_are_for_shows_in_them(tmp_path, state, recipe):
    other, names = unpacked(tmp_path, state, recipe, 4)
    assert packed.uses(state) == packed.uses(other) == {
        "speech": ["mini0"], "speechtest": ["minitest"], "music": ["mus"], "musictest": ["mustest"]
    }  # fmt: skip
    data = DataRecipe(kept=packed.uses(other))
    assert (data.speech_sets(), data.music_sets()) == (["mini0"], ["mus"])
    assert sorted(data.test_sets()) == ["minitest", "mustest"] and data.recorded_test_sets() == []
    np.save(other.sound("mini0"), np.zeros(9, np.int16))
    assert "speech" not in packed.uses(other)  # it has sound


@pytest.mark.parametrize("size", [0, 40, -9])
def test_a_packed_set_cut_short_is_named_and_leaves_nothing(tmp_path, state, recipe, size):
    list(packed.pack(state, ["mini0"], tmp_path / "packed", 4))
    path = tmp_path / "packed" / "mini0.xz"
    path.write_bytes(path.read_bytes()[:size])
    other = State(tmp_path / "other")
    with pytest.raises(BadInput, match="mini0.xz"):
        list(packed.unpack(tmp_path / "packed", other))
    assert other.encoded() == []


def test_packing_again_adds_what_is_new_and_keeps_the_rest(tmp_path, state):
    list(packed.pack(state, ["mini0"], tmp_path / "packed", 4))
    before = (tmp_path / "packed" / "mini0.xz").stat().st_mtime_ns
    assert [name for name, _ in packed.pack(state, ["mini0", "mus"], tmp_path / "packed", 4)] == ["mus"]
    assert (tmp_path / "packed" / "mini0.xz").stat().st_mtime_ns == before


def test_unpacked_sets_need_no_alignment_and_no_sound(tmp_path, state, recipe):
    other, names = unpacked(tmp_path, state, recipe, 4)
    lines = []
    align_sets(other, recipe.data.speech_sets(), lines.append)
    assert lines == [f"{len(recipe.data.speech_sets())} sets: aligned before"]
    assert other.made() == []


def test_the_packed_sets_of_a_codec_are_found_beside_the_sources(tmp_path, state, monkeypatch):
    list(packed.pack(state, ["mini0"], tmp_path / "packed" / "mini", 4))
    monkeypatch.setattr(packed, "BESIDE", tmp_path / "packed")
    assert packed.with_codes_of(small_quantiser()) == tmp_path / "packed" / "mini"
    assert packed.with_codes_of(small_quantiser(1)) is None


def test_the_packed_sets_of_the_sources_are_whole():
    """Of every voice and of all music one, since there are hundreds."""
    folders = [path.parent for path in packed.BESIDE.glob(f"*/{packed.QUANTISER}")]
    assert folders
    for folder in folders:
        assert packed.load_quantiser(folder / packed.QUANTISER).codebooks >= 10
        for path in [*folder.glob("*0.xz"), *folder.glob("*test.xz")]:
            packed_set = packed.PackedSet.read(path)
            assert len(packed_set.clips) > 0 and packed_set.codes.shape[1] == 10 and packed_set.codes.max() < 1024
            assert packed_set.plan or path.name.startswith("tour")


def test_a_decoder_goes_on_from_packed_sets_as_far_as_it_was_trained(tmp_path, state, recipe):
    weights = Decoder(Layout.of(16000).size, 32, (8, 5, 4, 2)).state_dict()
    torch.save({"ema": weights, "width": 32}, state.path("decoder.pt"))
    other, _ = unpacked(tmp_path, state, recipe, 4)
    found = torch.load(other.path("decoder.pt"))
    assert found["width"] == 32
    for name, value in weights.items():
        torch.testing.assert_close(found["ema"][name], value, atol=1e-3, rtol=2e-3)
    latents = torch.randn(50, small_quantiser().layout.size)
    assert torch.equal(Quantiser.load(other.path("quantiser.pt")).encode(latents), small_quantiser().encode(latents))
