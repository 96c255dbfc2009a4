"""The plan's channels in configuration, model and checkpoint, as docs/plan-channels.md has them."""

import json
from dataclasses import asdict, replace

import pytest
import torch
from safetensors import safe_open
from unimoe_train import tokenizer as tokenizers
from unimoe_train.errors import BadInput
from unimoe_train.export.configuration import configuration
from unimoe_train.model import checkpoint
from unimoe_train.model.configuration import ModelConfiguration
from unimoe_train.model.decoder import LanguageModel
from unimoe_train.plan.channels import MUSIC_CHANNELS, SPEECH_CHANNELS
from unimoe_train.recipe import MUSIC, SPEECH, Recipe


def planned(vocabulary=300, placeholder=299, **changes) -> ModelConfiguration:
    recipe = replace(Recipe.load("miniature").model, plan=True, **changes)
    return ModelConfiguration.from_recipe(recipe, vocabulary, placeholder)


def test_channels_have_the_sizes_and_delays_of_the_format():
    c = planned()
    found = {
        channel.name: (channel.domain, channel.codes, channel.written, channel.delay) for channel in c.plan.channels
    }
    assert found == {
        "phoneme": ("speech", 140, True, 0),
        "ahead1": ("speech", 211, False, 0),
        "ahead2": ("speech", 211, False, 0),
        "beat": ("music", 192, False, 0),
        "tempo": ("music", 56, True, 0),
        "lead": ("music", 65, True, 0),
        "chord": ("music", 25, True, 1),
        "melody": ("music", 257, True, 1),
        "bass": ("music", 97, True, 1),
        "drums": ("music", 8, True, 1),
    }
    assert c.delay == [3, 4, 5] and c.plan.head_rows == 672
    assert c.plan.phonemes[:3] == ["SIL", "AA0", "AA1"] and len(c.plan.phonemes) == 70
    assert c.plan.instruments[0] == "piano" and c.plan.instruments[30] == "drums"


def test_a_configuration_survives_a_training_checkpoint():
    c = planned()
    assert ModelConfiguration(**json.loads(json.dumps(asdict(c)))) == c


@torch.no_grad()
def test_an_exported_checkpoint_holds_the_plan_and_is_read_again(tmp_path):
    tokenizer = tokenizers.make(tmp_path)
    c = planned(tokenizer.size, tokenizer.placeholder)
    model = LanguageModel(c).eval()
    checkpoint.save(model, tmp_path, dtype=torch.float32)
    (tmp_path / "config.json").write_text(json.dumps(configuration(c, tokenizer)))
    with safe_open(tmp_path / "model-00001-of-00001.safetensors", "pt") as file:
        shapes = {name: file.get_slice(name).get_shape() for name in file.keys() if name.startswith("plan_")}
        filling = file.get_tensor("plan_head.weight")[655:]
    codes = {channel.name: channel.codes for channel in c.plan.channels}
    assert shapes == {
        "plan_head.weight": [672, 32],
        **{f"plan_embed_tokens.{name}.weight": [codes[name] + 4, 32] for name in SPEECH_CHANNELS + MUSIC_CHANNELS},
    }
    assert not filling.any()
    again = checkpoint.load(tmp_path)
    assert again.configuration.plan == c.plan and again.configuration.delay == c.delay
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), again.parameters(), strict=True))


@torch.no_grad()
def test_a_code_frames_embedding_is_the_sum_over_the_channels_of_its_domain():
    c = planned()
    model = LanguageModel(c)
    tables = dict(checkpoint.published_views(model))
    for domain, count in ((SPEECH, 3), (MUSIC, 7)):
        channels = c.channels(domain)
        frame = torch.tensor([channel.unknown for channel in channels] + [7, 1026, 1024])
        expected = sum(tables[f"plan_embed_tokens.{channel.name}.weight"][channel.codes + 3] for channel in channels)
        expected = expected + sum(
            tables[f"codec_embed_tokens.{i}.weight"][code] for i, code in enumerate((7, 1026, 1024))
        )
        assert len(channels) == count
        torch.testing.assert_close(model.embed_codes(frame, domain), expected)


@torch.no_grad()
def test_heads_have_a_row_per_code_and_one_for_the_end():
    c = planned()
    model = LanguageModel(c)
    hidden = torch.randn(5, 32)
    (phoneme,) = model.plan_logits(hidden, SPEECH)
    assert [logits.shape[-1] for logits in model.plan_logits(hidden, MUSIC)] == [57, 66, 26, 258, 98, 9]
    torch.testing.assert_close(phoneme, hidden @ model.plan_head[:141].T)
    torch.testing.assert_close(model.plan_logits(hidden, MUSIC)[0], hidden @ model.plan_head[141:198].T)


def test_a_plan_that_is_not_of_the_format_is_refused(reference, tmp_path):
    config = json.loads((reference / "tiny-model" / "config.json").read_text())
    good = planned().plan.published()
    lacking = {**good, "channels": [c for c in good["channels"] if c["name"] != "beat"]}
    strange = {**good, "channels": [{**good["channels"][0], "domain": "music"}, *good["channels"][1:]]}
    short = {**good, "phonemes": good["phonemes"][:-1]}
    for plan, message in (
        ({**good, "version": 2}, "plan.version"),
        (lacking, "beat among them"),
        (strange, "plan.channels.phoneme"),
        (short, "phoneme.codes: expected 138, found 140"),
        ({"version": 1}, "plan-channels.md"),
    ):
        (tmp_path / "config.json").write_text(json.dumps({**config, "plan": plan}))
        with pytest.raises(BadInput, match=message):
            ModelConfiguration.from_published(tmp_path)


def test_codebooks_may_not_come_before_the_plan():
    with pytest.raises(BadInput, match="model.plan_delay"):
        planned(plan_delay=0)
