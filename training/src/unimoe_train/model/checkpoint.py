"""Published tensor names <-> ours, and checkpoint directories.

Ours stack what the published layout keeps apart: q, k, v in one matrix; gate above up; all experts of a layer; all
codebooks. `published_views` is the one list of correspondences, used in both directions.
"""

import json
import math
from collections.abc import Iterator
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from unimoe_train.errors import BadInput
from unimoe_train.model.configuration import ModelConfiguration
from unimoe_train.model.decoder import LanguageModel
from unimoe_train.state import replacing, write_json

PREFIXES = ("model.", "language_model.", "model.language_model.")  # of the decoder; we write the first
PASSED = ("visual.", "lm_head.")  # not ours: generation reads neither; `save` copies them from a source checkpoint
INDEX = "model.safetensors.index.json"


def published_views(model: LanguageModel) -> Iterator[tuple[str, Tensor]]:
    """Every published tensor of the decoder as (name, view of ours): writing to a view writes our parameter."""
    c = model.configuration
    yield "model.embed_tokens.weight", model.embedding.data
    yield "model.norm.weight", model.norm.weight.data
    yield "codec_head.weight", model.head.data
    channels = c.plan.channels if c.plan else []
    tables = model.code_embedding.data.split([c.code_vocabulary] * c.codebooks + [channel.rows for channel in channels])
    names = [*map(str, range(c.codebooks)), *(channel.name for channel in channels)]
    for index, (name, table) in enumerate(zip(names, tables)):
        yield f"{'codec' if index < c.codebooks else 'plan'}_embed_tokens.{name}.weight", table
    if c.plan:
        yield "plan_head.weight", model.plan_head.data
    widths = [c.heads * c.head_dimension] + 2 * [c.kv_heads * c.head_dimension]
    for index, layer in enumerate(model.layers):
        prefix = f"model.layers.{index}."
        yield prefix + "input_layernorm.weight", layer.attention_norm.weight.data
        yield prefix + "post_attention_layernorm.weight", layer.experts_norm.weight.data
        qkv = layer.attention.qkv
        for letter, weight, bias in zip("qkv", qkv.weight.data.split(widths), qkv.bias.data.split(widths)):
            yield f"{prefix}self_attn.{letter}_proj.weight", weight
            yield f"{prefix}self_attn.{letter}_proj.bias", bias
        yield prefix + "self_attn.o_proj.weight", layer.attention.out.weight.data
        yield prefix + "mlp.gate.weight", layer.experts.gate.data
        routed = prefix + "mlp.dynamic_real_moe.deepspeed_moe.experts.deepspeed_experts."
        for name, stack in ((routed, layer.experts.routed), (prefix + "mlp.fixed_real_moe.", layer.experts.shared)):
            for e, (gate_up, down) in enumerate(zip(stack.gate_up.data, stack.down.data)):
                gate, up = gate_up.chunk(2)
                yield f"{name}{e}.gate_proj.weight", gate
                yield f"{name}{e}.up_proj.weight", up
                yield f"{name}{e}.down_proj.weight", down


def plain_name(name: str) -> str:
    """A tensor's name with the decoder prefix that we write."""
    for prefix in PREFIXES[1:]:
        if name.startswith(prefix):
            return PREFIXES[0] + name[len(prefix) :]
    return name


def shards(directory: Path) -> dict[str, Path]:
    """The file of every tensor of a checkpoint directory, by its name there."""
    index = directory / INDEX
    if index.exists():
        try:
            return {name: directory / file for name, file in json.loads(index.read_text())["weight_map"].items()}
        except (json.JSONDecodeError, KeyError, AttributeError):
            raise BadInput(f"{index}: weight_map", expected="an object of tensor names and files") from None
    single = directory / "model.safetensors"
    try:
        with safe_open(single, "pt") as file:
            return dict.fromkeys(file.keys(), single)
    except (OSError, SafetensorError) as error:
        raise BadInput(single, f"cannot be read: {error}") from None


def load(directory: Path) -> LanguageModel:
    """Reads a checkpoint directory in the published layout, under either prefix, widened to float32.

    Tensors are read one at a time, so that the largest model takes no second copy of itself.
    """
    model = LanguageModel(ModelConfiguration.from_published(directory))
    where = {plain_name(name): (name, file) for name, file in shards(directory).items()}
    handles = {}
    for name, view in published_views(model):
        if name not in where:
            raise BadInput(directory, f"tensor {name} is missing")
        stored, path = where[name]
        try:
            handle = handles.setdefault(path, safe_open(path, "pt"))
            tensor = handle.get_tensor(stored)
        except (OSError, SafetensorError) as error:
            raise BadInput(path, f"cannot be read: {error}") from None
        if tensor.shape != view.shape:
            raise BadInput(f"{path}: {stored}", expected=list(view.shape), found=list(tensor.shape))
        view.copy_(tensor)
    return model.eval()


def passed_tensors(source: Path) -> dict[str, Path]:
    """The tensors of a checkpoint that we neither train nor read: vision tower, text head."""
    return {name: file for name, file in shards(source).items() if name.startswith(PASSED)}


def save(
    model: LanguageModel,
    directory: Path,
    *,
    shards: int = 1,
    dtype: torch.dtype = torch.bfloat16,
    source: Path | None = None,
) -> None:
    """Writes the weights under the published names, in so many files of about equal size, and their index.

    With a `source` checkpoint, its tensors that are passed by are copied.
    """
    tensors = {name: view for name, view in published_views(model)}
    passed = passed_tensors(source) if source else {}
    sizes = {name: view.numel() * dtype.itemsize for name, view in tensors.items()}
    for name, path in passed.items():
        with safe_open(path, "pt") as file:
            sizes[name] = math.prod(file.get_slice(name).get_shape()) * dtype.itemsize
    files = split(sizes, shards)
    for number, names in enumerate(files, 1):
        block = {}
        for name in names:
            block[name] = tensors[name] if name in tensors else read_one(passed[name], name)
            block[name] = block[name].to(dtype).clone(memory_format=torch.contiguous_format)
        with replacing(directory / file_name(number, len(files))) as temporary:
            save_file(block, temporary, metadata={"format": "pt"})
            temporary.chmod(0o644)
    weight_map = {name: file_name(number, len(files)) for number, names in enumerate(files, 1) for name in names}
    write_json(
        directory / INDEX,
        {"metadata": {"total_size": sum(sizes.values())}, "weight_map": dict(sorted(weight_map.items()))},
    )


def read_one(path: Path, name: str) -> Tensor:
    with safe_open(path, "pt") as file:
        return file.get_tensor(name)


def file_name(number: int, count: int) -> str:
    return f"model-{number:05d}-of-{count:05d}.safetensors"


def split(sizes: dict[str, int], count: int) -> list[list[str]]:
    """Distributes names over at most `count` files of about equal size, in the order of their names."""
    target = math.ceil(sum(sizes.values()) / count)
    files: list[list[str]] = [[]]
    filled = 0
    for name in sorted(sizes):
        if files[-1] and filled + sizes[name] > target and len(files) < count:
            files.append([])
            filled = 0
        files[-1].append(name)
        filled += sizes[name]
    return files
