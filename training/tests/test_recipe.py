"""A recipe is read strictly, and every one that ships can be read."""

import dataclasses
import math
import typing
from collections.abc import Iterator

import pytest
from unimoe_train.cli import main
from unimoe_train.errors import BadInput
from unimoe_train.model.configuration import ModelConfiguration
from unimoe_train.ranges import Range
from unimoe_train.recipe import FOLDER, Recipe, build


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
        ("[data]\npart = 0", "data: part: expected 1 to 1,000,000, found 0"),
        ("[curriculum]\njoint = { steps = -4 }", "curriculum: joint: steps: expected 0 to 1,000,000,000,000, found -4"),
        ("[curriculum]\njoint = { rate = nan }", "curriculum: joint: rate: expected 0 to 1, found nan"),
        ("[curriculum]\nclip = inf", "curriculum: clip: expected"),
        ("[curriculum]\ncodebook_weights = [1, -1]", "curriculum: codebook_weights[1]: expected 0 to 1,000, found -1"),
        ("[curriculum]\ncodebook_weights = [0, 0]", "curriculum: codebook_weights: expected a weight above 0"),
        ("[curriculum.plan_weights]\nchord = nan", "curriculum: plan_weights.chord: expected"),
        ("[codec]\nstrides = [-8, -5, 4, 2]", "codec: strides[0]: expected 1 to 1,000, found -8"),
        ("[codec]\ndecoder_codebooks = []", "codec: decoder_codebooks: expected at least one number"),
        ("[codec]\ndecoder_look_ahead = 4", "codec: decoder_look_ahead: expected 0 to 3, found 4"),
        ("[model]\nlayers = 0", "model: layers: expected 1 to 1,024, found 0"),
        ("[model]\nhidden = 30", "model: heads: expected an even share of hidden = 30"),
        ("[model]\ndelay = [0, 1]", "model: delay: expected 4 numbers"),
        ("[export]\nwalk = { speed = 0 }", "export: walk: speed: expected 0.7 to 1.5, found 0"),
        ("[export.music]\nmin_tokens = 2000", "export: music: min_tokens: expected at most max_tokens = 1000"),
        ("[data.voices.joe1]\nteacher = 'flite'", "data: voices.joe1: expected a name whose sets"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, text, says):
    path = tmp_path / "wrong.toml"
    path.write_text(text)
    with pytest.raises(BadInput) as error:
        Recipe.load(str(path))
    assert str(path) in str(error.value) and says in str(error.value)


def numbers(kind) -> Iterator[object]:
    """The types of all numbers in a dataclass and what it is made of, with the ranges that they carry."""
    for hint in typing.get_type_hints(kind, include_extras=True).values():
        waiting = [hint]
        while waiting:
            part = waiting.pop()
            if Range.of(part) or part in (int, float):
                yield part
            elif dataclasses.is_dataclass(part):
                yield from numbers(part)
            else:
                waiting += typing.get_args(part)


def test_every_number_of_a_recipe_has_a_finite_range():
    found = list(numbers(Recipe))
    assert len(found) > 100
    assert [kind for kind in found if not Range.of(kind)] == []
    assert all(math.isfinite(end) for kind in found for end in (Range.of(kind).low, Range.of(kind).high))


def test_the_defaults_of_a_recipe_lie_in_its_ranges():
    recipe = dataclasses.asdict(Recipe("default"))
    del recipe["codec"]["decoder_look_ahead"], recipe["told_export"]  # None, which TOML has not, and no key
    assert dataclasses.asdict(build(Recipe, recipe, "defaults"))["curriculum"] == recipe["curriculum"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["joint", "--steps", "-1"],
        ["joint", "--minutes", "nan"],
        ["joint", "--tokens", "inf"],
        ["joint", "--workers", "-1"],
        ["codec", "--minutes", "-1"],
        ["bench", "--steps", "0"],
        ["bench", "--processes", "0"],
        ["status", "--threads", "0"],
        ["status", "--seed", "-1"],
    ],
    ids=" ".join,
)
def test_options_have_ranges_too(arguments, tmp_path, capsys):
    with pytest.raises(SystemExit):
        main([*arguments, "--state", str(tmp_path)])
    assert f"argument {arguments[1]}: expected" in capsys.readouterr().err


def test_whole_numbers_are_taken_for_fractions(tmp_path):
    path = tmp_path / "whole.toml"
    path.write_text("[curriculum]\nclip = 1\njoint = { minutes = 3 }")
    assert Recipe.load(str(path)).curriculum.joint.minutes == 3.0


def test_the_wideband_codec_can_sound_after_twelve_steps():
    recipe = Recipe.load("wideband")
    delays = ModelConfiguration.from_recipe(dataclasses.replace(recipe.model, plan=True), 1000, 999).delay
    assert len(delays) == recipe.model.codebooks <= recipe.codec.codebooks
    assert max(delays) + recipe.codec.decoder_look_ahead + 1 <= 12
