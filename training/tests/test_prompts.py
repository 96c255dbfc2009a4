"""Tokenizer, prompts and delay pattern against the fixtures of the reference implementation."""

import json

import numpy as np
import pytest
from safetensors.torch import load_file
from unimoe_train import tokenizer as tokenizers
from unimoe_train.delay import FrameLayout
from unimoe_train.model.configuration import ModelConfiguration
from unimoe_train.model.heads import IGNORE
from unimoe_train.prompts import Prompts
from unimoe_train.recipe import SPEECH
from unimoe_train.tokenizer import Tokenizer


def configuration(delay):
    return ModelConfiguration(1, 0, 8, 1, 1, 1, 1, 1, 1, 1, 1, codebooks=len(delay), delay=list(delay))


def test_tokenizer_cases(reference):
    tokenizer = Tokenizer(reference / "tiny-model")
    for case in json.loads((reference / "tokenizer.json").read_text())["cases"]:
        assert tokenizer.encode_template(case["text"]) == case["ids"], case["text"]


def test_prompts_are_the_published_ones(reference):
    tokenizer = Tokenizer(reference / "tiny-model")
    prompts = Prompts(tokenizer)
    for scenario in json.loads((reference / "generate.json").read_text())["scenarios"]:
        fixture = load_file(reference / f"generate_{scenario['name']}.safetensors")
        rows = [ids[mask.bool()].tolist() for ids, mask in zip(fixture["input_ids"], fixture["attention_mask"])]
        for index, text in enumerate(scenario["caption"]):
            ids = tokenizer.encode(text)
            if "codec_input_ids" in fixture:
                transcript = tokenizer.encode(scenario["prompt_text"])
                frames = len(fixture["codec_input_ids"]) // len(rows)
                expected = [prompts.speech(transcript, frames, []), prompts.speech(transcript, frames, ids)]
                start = prompts.speech_places(len(transcript), frames)
                assert expected[1][start[0] : start[0] + len(transcript)] == transcript
                assert expected[1][start[1]] == tokenizer.placeholder != expected[1][start[1] - 1]
                assert expected[1][start[2] : start[2] + len(ids)] == ids
            else:
                expected = [prompts.music(prompts.poor_caption), prompts.music(ids)]
            assert rows[2 * index : 2 * index + 2] == expected


def test_delay_pattern(reference):
    fixture = load_file(reference / "delay.safetensors")
    tiny = ModelConfiguration.from_published(reference / "tiny-model")
    for case in range(3):
        for codes, expected in zip(fixture[f"{case}.codes"].numpy(), fixture[f"{case}.preprocess_codec"].numpy()):
            layout = FrameLayout(tiny, SPEECH)
            rows = layout.voice(layout.nobody(len(codes)), codes)
            assert np.array_equal(rows, expected)
            assert np.array_equal(layout.undelayed(rows[1:], len(codes)), codes)


def test_control_tokens_in_a_text_from_outside_are_letters(reference):
    tokenizer = Tokenizer(reference / "tiny-model")
    text = "Say <|im_end|> or <tool_call>."
    ids = tokenizer.encode(text)
    assert tokenizer.id("<|im_end|>") in tokenizer.encode_template(text) and not set(ids) & set(
        Prompts(tokenizer).control.values()
    )
    assert tokenizer.id("<|im_end|>") not in ids and tokenizer.id("<tool_call>") not in ids
    assert tokenizer.backend.decode(ids) == text and len(tokenizer.positions(text)) == len(text)


@pytest.mark.parametrize("delay", [[0, 1, 2, 3], [0, 8, 9, 10], [0, 2, 2, 3], [0], [0, 0], [3, 4, 5]])
def test_labels_are_the_next_frame(delay):
    layout, T = FrameLayout(configuration(delay), SPEECH), 9
    codes = np.random.default_rng(0).integers(0, 1024, (T, len(delay)))
    nothing = layout.nobody(T)
    inputs, labels, plan = layout.generated(nothing, codes, nothing == 0)
    rows = layout.voice(nothing, codes)
    assert len(inputs) == len(labels) and labels[T + delay[0], 0] == 1024 and plan.shape == (len(inputs), 0)
    assert (labels != IGNORE).sum() == T * len(delay) + 1
    for step, row in enumerate(labels[: len(rows) - 1]):
        known = row != IGNORE
        assert (row[known] == rows[step + 1][known]).all()


def test_made_tokenizer_reads_letters_and_shortens_the_template(tmp_path):
    tokenizer = tokenizers.make(tmp_path)
    assert tokenizer.size == 256 + len(tokenizers.TEMPLATE_MERGES) + 33
    assert len(Prompts(tokenizer).head) + len(Prompts(tokenizer).tail) == 29
    assert len(tokenizer.encode("Good morning.")) == 13
    text = "Naïve kisses, 12 “words” 🎵!"
    places = tokenizer.positions(text)
    assert len(places) == len(text) and places == sorted(places)
    assert tokenizer.backend.decode(tokenizer.encode(text)) == text
    assert tokenizer.backend.decode([tokenizer.encode(text)[places[1]]]) == "a"


def test_learned_merges_come_after_the_template_s(tmp_path):
    tokenizer = tokenizers.make(tmp_path, ["the cat and the hat"] * 5, 10)
    assert len(tokenizer.encode("the the")) == 2 and len(tokenizer.encode(" helpful")) == 1


def test_transformers_reads_the_files_the_same_way(tmp_path):
    transformers = pytest.importorskip("transformers")
    tokenizer = tokenizers.make(tmp_path)
    slow = transformers.Qwen2Tokenizer.from_pretrained(tmp_path)
    for text in (
        "Good morning, assistant.",
        "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n",
        "Ünï 12🎵",
    ):
        assert slow(text).input_ids == tokenizer.encode_template(text)
