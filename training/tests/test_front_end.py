"""How texts sound comes from the engine's program; here a stand-in answers as it does."""

import argparse
import json
import sys

import pytest
from miniature import make_state
from unimoe_train.commands import align
from unimoe_train.errors import BadInput
from unimoe_train.plan import stored
from unimoe_train.plan.front_end import say, say_sets
from unimoe_train.plan.phonemes import NUMBERS
from unimoe_train.recipe import Recipe

ANSWER = {  # of the engine to "Hi, there.", with all its fields
    "text": "Hi, there.", "words": ["hi", "there"], "letters": [False, False], "starts": [0, 4], "ends": [2, 9],
    "phonemes": [["HH", "AY1"], ["DH", "EH1", "R"]], "before": ["start", "comma"], "marks": ["", ",", "."],
    "pieces": [{"text": "Hi, there.", "start": 0, "end": 10, "words": [0, 2], "paragraph": True}],
}  # fmt: skip


def program(folder, answer: dict) -> str:
    """Answers every line of its input with the same words; fails without `text --lines --json -`."""
    path = folder / "unimoe-audio"
    path.write_text(
        f"#!{sys.executable}\nimport sys\nassert sys.argv[1:4] == ['text', '--lines', '--json'] and sys.argv[-1] == '-'\n"
        f"for line in sys.stdin:\n    print({json.dumps(answer)!r})\n"
    )
    path.chmod(0o755)
    return str(path)


def test_words_have_their_places_phonemes_and_pauses(tmp_path):
    found = say(["Hi, there."] * 2, program(tmp_path, ANSWER))
    assert found[0] == found[1] == [
        {"start": 0, "end": 2, "phonemes": ["HH", "AY1"], "pause": False},
        {"start": 4, "end": 9, "phonemes": ["DH", "EH1", "R"], "pause": True},
    ]  # fmt: skip


def test_a_sets_phonemes_are_asked_for_once(tmp_path):
    recipe = Recipe.load("miniature")
    state = make_state(tmp_path / "state", recipe)
    (name,) = recipe.data.speech_sets()
    say_sets(state, [name], program(tmp_path, ANSWER), log=lambda line: None)
    words = stored.read_words(state, name, 12)
    assert words[3][1].phonemes == (NUMBERS["DH"], NUMBERS["EH1"], NUMBERS["R"]) and words[3][1].pause
    say_sets(state, [name], str(tmp_path / "nothing"))  # is not needed any more


def test_the_state_folder_s_lexicon_says_how_words_sound(tmp_path):
    recipe = Recipe.load("miniature")
    state = make_state(tmp_path / "state", recipe)
    lexicon = state.path("lexicon.bin")
    lexicon.write_bytes(b"")
    for path in state.root.glob("plan/mini*test.*"):  # whose texts cannot be said without the program
        path.unlink()
    said = tmp_path / "unimoe-audio"
    said.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/arguments\nexit 1\n')
    said.chmod(0o755)
    options = argparse.Namespace(program=str(said), lexicon=None, threads=1)
    with pytest.raises(BadInput, match="failed"):
        align.run(options, recipe, state)
    assert f"--lexicon {lexicon}" in (tmp_path / "arguments").read_text()


def test_what_the_program_lacks_is_named(tmp_path):
    with pytest.raises(BadInput, match="expected a lexicon"):
        say(["Hi"], program(tmp_path, ANSWER | {"phonemes": None}))
    with pytest.raises(BadInput, match="expected ARPAbet, found @"):
        say(["Hi"], program(tmp_path, ANSWER | {"phonemes": [["@"], ["R"]]}))
    state = make_state(tmp_path / "state", Recipe.load("miniature"))
    with pytest.raises(BadInput, match="expected the engine's program"):
        say_sets(state, ["mini0"], str(tmp_path / "nothing"))


def test_a_model_without_a_plan_needs_no_alignment(tmp_path, capsys):
    recipe = Recipe.load("miniature")
    recipe.model.plan = False
    align.run(None, recipe, None)
    assert "no plan" in capsys.readouterr().out
