"""Checkpoint directories: the published names and both prefixes, in bf16 shards."""

import json
import re
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file
from unimoe_train.errors import BadInput
from unimoe_train.model import checkpoint


def tensors(directory):
    files = set(checkpoint.shards(directory).values())
    return {name: value for path in files for name, value in load_file(path).items()}


def test_what_was_loaded_is_written_under_the_same_names(reference, tmp_path):
    source = reference / "tiny-model"
    checkpoint.save(checkpoint.load(source), tmp_path, shards=3, source=source)
    before, after = tensors(source), tensors(tmp_path)
    assert before.keys() == after.keys() and len(list(tmp_path.glob("*.safetensors"))) == 3
    assert all(torch.equal(before[name], after[name]) and after[name].dtype == torch.bfloat16 for name in before)


def test_the_names_are_those_of_the_real_checkpoint(reference):
    model = checkpoint.load(reference / "tiny-model")
    generic = lambda name: re.sub(r"\.(\d+|\{\w\})\.", ".N.", name)
    lines = (reference / "tensor-names.txt").read_text().splitlines()
    real = {generic(line.split()[0]) for line in lines if line.startswith("  ")}
    assert {generic(name) for name, _ in checkpoint.published_views(model)} <= real


def test_the_prefix_in_memory_is_understood(reference, tmp_path):
    source = reference / "tiny-model"
    renamed = {re.sub("^model\\.", "language_model.", name): value for name, value in tensors(source).items()}
    save_file(renamed, tmp_path / "model.safetensors")
    shutil.copy(source / "config.json", tmp_path)
    expected, found = checkpoint.load(source).state_dict(), checkpoint.load(tmp_path).state_dict()
    assert all(torch.equal(expected[name], found[name]) for name in expected)


def test_what_is_wrong_is_named(reference, tmp_path):
    source = reference / "tiny-model"
    shutil.copy(source / "config.json", tmp_path)
    with pytest.raises(BadInput, match="model.safetensors: cannot be read"):
        checkpoint.load(tmp_path)
    values = tensors(source)
    values["codec_head.weight"] = values["codec_head.weight"][:5].clone()
    save_file(values, tmp_path / "model.safetensors")
    with pytest.raises(BadInput, match=r"codec_head.weight: expected \[12324, 64\], found \[5, 64\]"):
        checkpoint.load(tmp_path)
    del values["model.norm.weight"]
    save_file(values, tmp_path / "model.safetensors")
    with pytest.raises(BadInput, match="model.norm.weight is missing"):
        checkpoint.load(tmp_path)
    configuration = json.loads((source / "config.json").read_text())
    del configuration["codec_channels"]
    (tmp_path / "config.json").write_text(json.dumps(configuration))
    with pytest.raises(BadInput, match="config.json: codec_channels: is missing"):
        checkpoint.load(tmp_path)
