"""Generation and sampler give the codes of the reference implementation."""

import json

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from unimoe_train import sampler
from unimoe_train.generate import Generator, Request, Voice
from unimoe_train.model import checkpoint
from unimoe_train.plan.source import Nobody
from unimoe_train.recipe import MUSIC, SPEECH, SamplingDefaults
from unimoe_train.tokenizer import Tokenizer

SCENARIOS = [
    "t2m_cfg0",
    "t2m_cfg1_eos",
    "t2m_cfg1_eosmul",
    "t2m_cfg10",
    "t2m_batch2",
    "t2m_early_eos",
    "t2m_short",
    "tts",
    "t2m_sampled",
]


@pytest.fixture(scope="module")
def generator(reference):
    return Generator(checkpoint.load(reference / "tiny-model"), Tokenizer(reference / "tiny-model"))


def sampling_of(scenario):
    return SamplingDefaults(
        cfg_scale=scenario["cfg_scale"],
        do_sample=scenario["do_sample"],
        temperature=scenario["temperature"] or 1.0,
        top_p=1.0 if scenario["top_p"] is None else scenario["top_p"],
        cfg_filter_top_k=scenario["top_k"] or 0,
        eos_prob_mul_factor=scenario["eos_prob_mul_factor"],
        min_tokens=scenario["min_tokens"] or 0,
        max_tokens=scenario["max_tokens"],
    )


@pytest.mark.parametrize("name", SCENARIOS)
def test_codes(reference, generator, name):
    scenarios = json.loads((reference / "generate.json").read_text())["scenarios"]
    scenario = next(s for s in scenarios if s["name"] == name)
    fixture = load_file(reference / f"generate_{name}.safetensors")
    rows = [ids[mask.bool()].tolist() for ids, mask in zip(fixture["input_ids"], fixture["attention_mask"])]
    voice = None
    if "codec_input_ids" in fixture:
        voice = fixture["codec_input_ids"].chunk(len(rows))[0].numpy().astype(np.int64)
    domain = MUSIC if voice is None else SPEECH
    requests = [Request(rows[i], rows[i + 1], voice, Nobody([]), domain) for i in range(0, len(rows), 2)]
    uniforms = None
    if "uniforms" in fixture:
        uniforms = lambda step, running: fixture["uniforms"][step].view(len(requests), -1)
    trace = []
    results = generator.batch(requests, sampling_of(scenario), uniforms, trace)
    assert np.array_equal(np.stack(trace), fixture["pred"].numpy())
    for b, result in enumerate(results):
        assert len(result.codes) == fixture["lengths"][b]
        assert np.array_equal(result.codes, fixture[f"codebook.{b}"].numpy())
        if len(requests) == 1:
            assert np.array_equal(result.rows, fixture["delayed_tokens"][b].numpy())
            assert result.ended == scenario["eos_emitted_by_model"][b]
    if uniforms is None:  # requests that leave early change nothing
        for b, result in enumerate(generator.batch(requests, sampling_of(scenario))):
            assert np.array_equal(result.codes, fixture[f"codebook.{b}"].numpy())


def test_sampler(reference):
    cases = json.loads((reference / "sampler.json").read_text())["cases"]
    fixture = load_file(reference / "sampler.safetensors")
    for i, case in enumerate(cases):
        logits = fixture[f"{i}.logits"].clone()
        if case["temperature"] == 0:
            sampling = SamplingDefaults(temperature=0)
            assert torch.equal(sampler.choose(logits[None], sampling, None, 1024)[0], fixture[f"{i}.argmax"].long())
            continue
        sampling = SamplingDefaults(
            temperature=case["temperature"],
            cfg_filter_top_k=case["top_k"] or 0,
            top_p=1.0 if case["top_p"] is None else case["top_p"],
        )
        found = sampler.probabilities(logits, sampling, 1024 if case["eos_rule"] else None)
        indices, expected = fixture[f"{i}.top_indices"].long(), fixture[f"{i}.top_probs"]
        listed = indices >= 0
        at = found.gather(1, indices.clamp(min=0))
        torch.testing.assert_close(at[listed], expected[listed], atol=1e-5, rtol=0)
        if not listed.all():
            assert torch.allclose(torch.where(listed, at, 0.0).sum(1), torch.ones(len(at)), atol=1e-5)


def test_a_request_does_not_depend_on_its_batch(generator):
    sampling = SamplingDefaults(min_tokens=3, max_tokens=40)
    captions = ["slow piano", "a much longer caption about drums and bass", "x"]
    together = generator.compose(captions, sampling, seed=5)
    alone = [generator.compose([caption], sampling, seed=5 + i)[0] for i, caption in enumerate(captions)]
    for a, b in zip(together, alone):
        assert np.array_equal(a.codes, b.codes) and a.ended == b.ended


def test_speaks_in_a_voice_per_text(generator):
    rng = np.random.default_rng(0)
    voices = [Voice("hello there.", rng.integers(0, 1024, (n, 12))) for n in (5, 9)]
    results = generator.speak(["one.", "two three."], voices, SamplingDefaults(min_tokens=2, max_tokens=30), batch=2)
    assert all(result.codes.shape[1] == 12 and result.codes.max() < 1024 for result in results)
