"""Generation with a plan: the committed miniature's results, and that they follow docs/plan-channels.md."""

import json

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from unimoe_train.delay import FrameLayout
from unimoe_train.generate import KEPT, WINDOW, Generator, Voice
from unimoe_train.model import checkpoint
from unimoe_train.plan.sentence import Sentence, SpokenWord
from unimoe_train.plan.walk import WalkSettings
from unimoe_train.random_numbers import PLAN, blocks, uniforms
from unimoe_train.recipe import SPEECH, SamplingDefaults
from unimoe_train.tokenizer import Tokenizer

NAMES = ["speech", "speech_guided", "speech_slow", "speech_limit", "speech_sampled", "music", "music_waltz",
         "music_partly", "music_drawn", "music_drawn_sampled", "music_unknown", "music_end", "music_window"]  # fmt: skip


@pytest.fixture(scope="module")
def folder(reference):
    return reference.parent / "Fixtures" / "plan-model"


@pytest.fixture(scope="module")
def generator(folder):
    return Generator(checkpoint.load(folder), Tokenizer(folder))


@pytest.fixture(scope="module")
def scenarios(folder):
    return {scenario["name"]: scenario for scenario in json.loads((folder / "generate.json").read_text())["scenarios"]}


@pytest.fixture(scope="module")
def arrays(folder):
    return load_file(folder / "generate.safetensors")


def sentence_of(scenario: dict) -> Sentence:
    return Sentence.of([SpokenWord.read(word) for word in scenario["words"]])


def request_of(generator, scenario, arrays):
    name, sampling = scenario["name"], SamplingDefaults(**scenario["sampling"])
    if scenario["domain"] == SPEECH:
        plan = arrays.get(f"{name}.voice.plan")
        voice = Voice(scenario["voice_transcript"], arrays[f"{name}.voice.codes"], plan)
        walk = WalkSettings(**scenario["walk"])
        return generator.speech_request(
            scenario["text"], voice, sampling, sentence_of(scenario), walk, scenario["seed"]
        )
    given = {channel: arrays[f"{name}.given.{channel}"] for channel in scenario["given"]}
    return generator.music_request(scenario["caption"], sampling, given, set(scenario["drawn"]), scenario["seed"])


@pytest.mark.parametrize("name", NAMES)
def test_the_miniature_generates_what_the_engine_is_compared_with(generator, scenarios, arrays, name):
    scenario = scenarios[name]
    request = request_of(generator, scenario, arrays)
    (result,) = generator.batch([request], SamplingDefaults(**scenario["sampling"]))
    assert request.conditional == arrays[f"{name}.conditional"].tolist()
    for found, what in ((result.codes, "codes"), (result.plan, "plan"), (result.rows, "rows")):
        assert np.array_equal(found, arrays[f"{name}.{what}"])
    assert result.ended == scenario["ended"] and len(result.codes) == scenario["length"]
    assert result.codes.max() < 1024
    if name.startswith("speech"):
        assert request.source.walk.path == arrays[f"{name}.path"].tolist()


@pytest.mark.parametrize("name", NAMES)
def test_rows_are_codes_and_plan_behind_their_delays(generator, scenarios, arrays, name):
    domain = scenarios[name]["domain"]
    layout, rows = FrameLayout(generator.model.configuration, domain), arrays[f"{name}.rows"]
    plan, codes = arrays[f"{name}.plan"].astype(np.int64), arrays[f"{name}.codes"].astype(np.int64)
    expected = layout.rows(plan, codes, len(rows))
    if name == "music_end":  # the plan could not know; no code follows the end in the codebooks
        assert (expected[:, layout.planned :] == rows[:, layout.planned :]).all()
    assert (expected == rows).all()


@pytest.mark.parametrize("name", ["speech", "speech_guided", "speech_slow", "speech_sampled"])
def test_a_walk_says_every_phoneme_in_order(scenarios, arrays, name):
    sentence, path = sentence_of(scenarios[name]), arrays[f"{name}.path"]
    assert (sentence.codes(path) == arrays[f"{name}.plan"]).all()
    visited = path[np.flatnonzero(np.diff(path, prepend=-1))]
    assert [s for s in visited if not sentence.optional[s]] == np.flatnonzero(~sentence.optional).tolist()
    assert (np.diff(visited) > 0).all() and scenarios[name]["ended"]


@pytest.mark.parametrize("name", ["speech_guided", "music", "music_drawn"])
@torch.no_grad()
def test_greedy_codes_are_the_likeliest_of_one_pass_over_all_rows(generator, scenarios, arrays, name):
    """Nothing of the generator's caches, padding and steps is used here."""
    model, scenario = generator.model, scenarios[name]
    layout, rows = FrameLayout(model.configuration, scenario["domain"]), arrays[f"{name}.rows"].astype(np.int64)
    logits = []
    for prompt, hidden in ((arrays[f"{name}.unconditional"], True), (arrays[f"{name}.conditional"], False)):
        frames = rows[:-1]
        if scenario["domain"] == SPEECH:
            voice_plan = arrays[f"{name}.voice.plan"].astype(np.int64)
            frames = np.concatenate([layout.voice(voice_plan, arrays[f"{name}.voice.codes"]), frames])
        if hidden:
            frames = frames.copy()
            frames[:, : layout.planned] = layout.unknown
        ids = torch.tensor([[*prompt.tolist(), *[model.configuration.placeholder] * (len(rows) - 1)]])
        states = model.run(model.embed(ids, torch.from_numpy(frames), scenario["domain"]))[0, len(prompt) :]
        logits.append(model.logits(states))
    guided = logits[1] + scenario["sampling"]["cfg_scale"] * (logits[1] - logits[0])
    guided[..., 1024:] = -torch.inf
    chosen, length = guided.argmax(-1).numpy(), scenario["length"]
    for codebook, delay in enumerate(model.configuration.delay):
        assert (chosen[delay : delay + length, codebook] == arrays[f"{name}.codes"][:, codebook]).all()


def test_what_nobody_says_is_unknown_in_every_row(generator, arrays):
    layout = FrameLayout(generator.model.configuration, "music")
    assert (arrays["music_unknown.rows"][:, :7] == layout.unknown).all()
    partly = arrays["music_partly.rows"]
    assert (partly[:, 3:6] == layout.unknown[3:6]).all() and (partly[0, :3] == layout.bos[:3]).all()


def test_a_drawn_beat_follows_the_drawn_tempo_and_notes_move_with_it(arrays):
    plan = arrays["music_drawn.plan"]
    beat, moves = plan[:, 0], np.flatnonzero(np.diff(plan[:, 0]) != 0) + 1
    twelfths = (np.arange(len(plan)) + 0.5) / 50 - 0.02
    meter = 3 if plan[0, 1] % 2 else 4
    expected = np.floor(np.maximum(0, twelfths) * 50 * 1.05 ** (plan[0, 1] // 2) / 60 * 12 + 1e-6)
    assert (beat % 48 == expected % (12 * meter)).all()
    assert (plan[:, 1:3] == plan[0, 1:3]).all()
    assert set(np.flatnonzero(np.diff(plan[:, 4]) != 0) + 1) <= set(moves)
    held = np.setdiff1d(np.arange(1, len(plan)), moves)
    assert (plan[held, 6] == 0).all()


def test_a_window_goes_on_as_if_its_rows_were_the_first(generator, scenarios, arrays):
    """Greedy codes after the window from a request that never had the rows before it."""
    scenario, rows = scenarios["music_window"], arrays["music_window.rows"].astype(np.int64)
    layout = FrameLayout(generator.model.configuration, "music")
    kept = rows[WINDOW - KEPT : WINDOW].copy()
    kept[np.arange(KEPT)[:, None] <= layout.delay] = np.tile(layout.bos, (KEPT, 1))[
        np.arange(KEPT)[:, None] <= layout.delay
    ]
    later = np.concatenate([kept, rows[WINDOW:-1]])
    model, logits = generator.model, []
    for prompt, hidden in (("unconditional", True), ("conditional", False)):
        frames = later.copy()
        if hidden:
            frames[:, : layout.planned] = layout.unknown
        ids = [*arrays[f"music_window.{prompt}"].tolist(), *[model.configuration.placeholder] * len(later)]
        with torch.no_grad():
            states = model.run(model.embed(torch.tensor([ids]), torch.from_numpy(frames), "music"))[0, -len(later) :]
            logits.append(model.logits(states[KEPT:]))
    guided = logits[1] + scenario["sampling"]["cfg_scale"] * (logits[1] - logits[0])
    guided[..., 1024:] = -torch.inf
    chosen = guided.argmax(-1).numpy()
    for codebook, delay in enumerate(model.configuration.delay):
        codes = arrays["music_window.codes"][WINDOW - delay :, codebook]
        assert (chosen[: len(codes), codebook] == codes).all() and len(codes) >= 30


def test_random_numbers_are_philox(reference):
    """Known answers of the authors' Random123."""
    cases = (
        ((0, 0, 0, 0), 0, "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ((0xFFFFFFFF,) * 4, 0xFFFFFFFF_FFFFFFFF, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        ((0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344), 0x299F31D0_A4093822, "d16cfe09 94fdcceb 5001e420 24126ea1"),
    )
    for counter, seed, words in cases:
        found = blocks(seed, np.array([counter], np.int64))[0]
        assert [f"{word:08x}" for word in found] == words.split()
    first, second = uniforms(0, np.array([0]), np.array([0]), PLAN)[0]
    words = blocks(0, np.array([[0, 0, 1, 0]]))[0]
    assert first == ((int(words[0]) << 32 | int(words[1])) >> 11) / 2**53
    assert second == ((int(words[2]) << 32 | int(words[3])) >> 11) / 2**53
