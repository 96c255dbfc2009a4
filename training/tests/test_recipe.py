"""A recipe is read strictly, and every one that ships can be read."""

import dataclasses

import pytest
from unimoe_train.errors import BadInput
from unimoe_train.model.configuration import ModelConfiguration
from unimoe_train.recipe import FOLDER, Recipe


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.toml")), ids=lambda p: p.stem)
def test_every_recipe_of_the_package_is_valid(path):
    recipe = Recipe.load(str(path))
    assert recipe.name == path.stem
    assert recipe.model.hidden % recipe.model.heads == 0
    assert set(recipe.data.test_sets()).isdisjoint(recipe.data.speech_sets() + recipe.data.music_sets())


def test_a_name_stands_for_the_package_s_recipe():
    assert Recipe.load("default").data.speech_sets()[:2] == ["joe0", "joe1"]


@pytest.mark.parametrize(
    "text, says",
    [
        ("[model]\nhiden = 3", "hiden: unknown key"),
        ("[model]\nhidden = 'x'", "hidden: expected int, found 'x'"),
        ("[model]\nhidden = true", "hidden: expected int, found True"),
        ("[data.voices.joe]\nclips = 3", "voices.joe: teacher: is missing"),
        ("model = 3", "model: expected a table, found 3"),
        ("[model", "is no TOML"),
        ("[curriculum]\noptimizer = 'Muon'", "curriculum: optimizer: expected one of muon, adamw, found Muon"),
        ("[data]\npart = 0", "data: part: expected at least 1, found 0"),
        ("[data.voices.joe1]\nteacher = 'flite'", "data: voices.joe1: expected a name whose sets"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, text, says):
    path = tmp_path / "wrong.toml"
    path.write_text(text)
    with pytest.raises(BadInput) as error:
        Recipe.load(str(path))
    assert str(path) in str(error.value) and says in str(error.value)


def test_whole_numbers_are_taken_for_fractions(tmp_path):
    path = tmp_path / "whole.toml"
    path.write_text("[curriculum]\nclip = 1\njoint = { minutes = 3 }")
    assert Recipe.load(str(path)).curriculum.joint.minutes == 3.0


def test_the_wideband_codec_can_sound_after_twelve_steps():
    recipe = Recipe.load("wideband")
    delays = ModelConfiguration.from_recipe(dataclasses.replace(recipe.model, plan=True), 1000, 999).delay
    assert len(delays) == recipe.model.codebooks <= recipe.codec.codebooks
    assert max(delays) + recipe.codec.decoder_look_ahead + 1 <= 12
