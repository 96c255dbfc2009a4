"""The model computes what the reference implementation computes (tolerances: Tests/Reference/README.md)."""

import json

import pytest
import torch
from safetensors.torch import load_file
from unimoe_train.model import checkpoint
from unimoe_train.model.attention import MASKED
from unimoe_train.model.router import route


@pytest.fixture(scope="module")
def model(reference):
    return checkpoint.load(reference / "tiny-model")


@pytest.mark.parametrize("variant", ["nomask", "masked", "topk2"])
def test_routing(reference, model, variant):
    fixture = load_file(reference / "routing.safetensors")
    mixture = model.layers[json.loads((reference / "routing.json").read_text())["layer"]].experts
    c = model.configuration
    padding = ~fixture["attention_mask"].bool() if variant == "masked" else None
    top_p, top_k = (0, 2) if variant == "topk2" else (c.top_p, 0)
    routing = route(
        fixture["input"], mixture.gate, c.dynamic_experts, top_p=top_p, top_k=top_k, jitter=c.jitter, padding=padding
    )
    close(routing.logits, fixture[f"{variant}.router_logits"], 1e-4)
    assert torch.equal(routing.count, fixture[f"{variant}.dynamic_top_k"].long())
    assert torch.equal(routing.selected, fixture[f"{variant}.expert_mask"].bool())
    close(routing.weights, fixture[f"{variant}.global_weight"], 1e-5)


@pytest.mark.parametrize("gathers", [False, True])
@pytest.mark.parametrize("variant", ["nomask", "masked"])
def test_mixture_of_experts(reference, model, variant, gathers):
    fixture = load_file(reference / "routing.safetensors")
    mixture = model.layers[json.loads((reference / "routing.json").read_text())["layer"]].experts
    padding = ~fixture["attention_mask"].bool()[None] if variant == "masked" else None
    mixture.gathers = gathers
    with torch.no_grad():
        output = mixture(fixture["input"][None], padding)[0]
    mixture.gathers = None
    close(output, fixture[f"{variant}.output"], 2e-4)


@pytest.mark.parametrize("gathers", [False, True])
@pytest.mark.parametrize("name", ["lm_t2m", "lm_tts"])
@torch.no_grad()
def test_prefill(reference, model, name, gathers):
    fixture = load_file(reference / f"{name}.safetensors")
    ids, valid = fixture["input_ids"].long(), fixture["attention_mask"].bool()
    codes = fixture["codec_input_ids"].long() if "codec_input_ids" in fixture else None
    layers = model.configuration.layers
    T = ids.shape[1]
    allowed = torch.ones(T, T, dtype=torch.bool).tril() & valid[:, None, :]
    mask = torch.zeros(allowed.shape).masked_fill(~allowed, MASKED)
    for mixture in model.mixtures():
        mixture.gathers = gathers
    inputs: list[torch.Tensor] = []
    hooks = [layer.register_forward_pre_hook(lambda _, given: inputs.append(given[0])) for layer in model.layers]
    hidden = model.run(model.embed(ids, codes), positions=fixture["position_ids"], mask=mask)
    for hook in hooks:
        hook.remove()
    for mixture in model.mixtures():
        mixture.gathers = None
    if codes is not None:
        close(model.embed_codes(codes), fixture["codec_embeds"], 1e-4)
    for layer in range(layers):
        close(inputs[layer][valid], fixture[f"hidden_states.{layer}"][valid], 1e-4)
    close(hidden[valid], fixture["last_hidden_state"][valid], 1e-4)
    close(model.logits(hidden[:, -1]), fixture["codec_logits_last"], 2e-3)
    for layer, mixture in enumerate(model.mixtures()):
        routing = mixture.routing
        shaped = lambda x: x.view(*ids.shape, -1)
        assert torch.equal(shaped(routing.count)[valid][:, 0], fixture[f"router.{layer}.top_k"][valid].long())
        assert torch.equal(shaped(routing.selected)[valid], fixture[f"router.{layer}.expert_mask"][valid].bool())
        close(shaped(routing.logits)[valid], fixture[f"router.{layer}.logits"][valid], 1e-4)
        close(shaped(routing.weights)[valid], fixture[f"router.{layer}.global_weight"][valid], 1e-5)


@torch.no_grad()
def test_a_row_alone_needs_no_padding_and_no_mask(reference, model):
    fixture = load_file(reference / "lm_t2m.safetensors")
    for ids, valid, expected in zip(
        fixture["input_ids"].long(), fixture["attention_mask"].bool(), fixture["last_hidden_state"]
    ):
        close(model.run(model.embed(ids[valid][None], None))[0], expected[valid], 1e-4)


def close(found, expected, tolerance):
    assert found.shape == expected.shape
    torch.testing.assert_close(found.float(), expected.float(), atol=tolerance, rtol=0)
