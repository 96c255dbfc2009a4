"""The checkpoint directory: weights, configuration, tokenizer, codec, voices, model card."""

import shutil
from pathlib import Path

import torch

from unimoe_train.codec import checkpoint as codec
from unimoe_train.curriculum import history
from unimoe_train.curriculum.snapshot import load_model
from unimoe_train.errors import BadInput
from unimoe_train.export import model_card, voices
from unimoe_train.export.configuration import PREPROCESSOR, configuration, generation_configuration
from unimoe_train.model import checkpoint
from unimoe_train.recipe import Recipe
from unimoe_train.state import State, write_json
from unimoe_train.tokenizer import FILES, Tokenizer



def export(
    recipe: Recipe, state: State, stage: str, directory: Path, *, codec_directory: Path | None = None,
    source: Path | None = None,
) -> None:
    """Writes the stage's averaged weights and all that belongs to them.

    The codec is the state folder's, or another checkpoint's. `source` is the checkpoint that a fine-tuning began with:
    what was not trained (vision tower, text head) is copied from it, and its configuration is kept.
    """
    model = load_model(state.checkpoint(stage))
    c = model.configuration
    if c.dense_width:
        raise BadInput(state.checkpoint(stage), expected="a mixture of experts", found="a dense specialist")
    directory.mkdir(parents=True, exist_ok=True)
    for old in directory.glob("model*.safetensors"):
        old.unlink()
    checkpoint.save(model, directory, shards=recipe.export.shards, source=source)
    folder = source or state.tokenizer()
    tokenizer = Tokenizer(folder)
    for name in FILES:
        shutil.copyfile(folder / name, directory / name)
    if source:
        shutil.copyfile(source / "config.json", directory / "config.json")
    else:
        write_json(directory / "config.json", configuration(c, tokenizer))
    write_json(directory / "generation_config.json", generation_configuration(recipe.export, tokenizer))
    write_json(directory / "preprocessor_config.json", PREPROCESSOR)
    if codec_directory:
        shutil.copytree(codec_directory, directory / "codec", dirs_exist_ok=True)
    else:
        codec.write(state, directory / "codec", c.codebooks, torch.float16)
    names = voices.export(recipe, state, directory / "voices", c.codebooks)
    write_json(directory / history.FILE, history.of(state, stage))
    parameters = sum(view.numel() for _, view in checkpoint.published_views(model))
    (directory / "README.md").write_text(
        model_card.write(recipe, state, stage, c, parameters, names), encoding="utf-8")
