"""The checkpoint directory: weights, configuration, tokenizer, codec, voices, model card."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from unimoe_train.codec import checkpoint as codec
from unimoe_train.curriculum import history
from unimoe_train.curriculum.integrate import as_mixture
from unimoe_train.curriculum.snapshot import load_model
from unimoe_train.errors import BadInput
from unimoe_train.export import model_card, voices
from unimoe_train.export.configuration import PREPROCESSOR, configuration, generation_configuration
from unimoe_train.model import checkpoint
from unimoe_train.model.configuration import ModelConfiguration
from unimoe_train.recipe import Recipe
from unimoe_train.state import State, write_json
from unimoe_train.tokenizer import FILES, Tokenizer

LEXICON = "lexicon.bin"


def export(
    recipe: Recipe,
    state: State,
    stage: str,
    directory: Path,
    *,
    codec_directory: Path | None = None,
    source: Path | None = None,
    lexicon: Path | None = None,
    finished: bool = True,
) -> None:
    """Writes the stage's averaged weights and all that belongs to them, whole or not at all.

    The codec is the state folder's, or another checkpoint's. `source` is the checkpoint that a fine-tuning began with:
    what was not trained (vision tower, text head) is copied from it, and its configuration is kept. Both may lie in
    `directory`, a checkpoint that is replaced. `lexicon`: how words sound, for a model whose plan speaks phonemes; without one the
    source's, or the state folder's. `finished`: not of a stage that was stopped. A dense model is written as a mixture of one expert.
    """
    model = load_model(state.checkpoint(stage), finished=finished)
    if model.configuration.dense_width:
        model = as_mixture(model)
    c = model.configuration
    with replacing_directory(directory) as new:
        checkpoint.save(model, new, shards=recipe.export.shards, source=source)
        write_tokenizer_and_configuration(recipe, c, new, source or state.tokenizer(), source)
        if codec_directory:
            shutil.copytree(codec_directory, new / "codec")
        else:
            codec.write(state, new / "codec", c.codebooks, torch.float16)
        if lexicon is None and source and (source / LEXICON).exists():
            lexicon = source / LEXICON
        if lexicon is None and c.plan:
            lexicon = state.lexicon
        if lexicon:
            shutil.copyfile(lexicon, new / LEXICON)
        names = voices.export(recipe, state, new / "voices", c)
        write_json(new / history.FILE, history.of(state, stage))
        parameters = sum(view.numel() for _, view in checkpoint.published_views(model))
        card = model_card.write(recipe, state, stage, c, parameters, names, has_lexicon=lexicon is not None)
        (new / "README.md").write_text(card, encoding="utf-8")


def write_tokenizer_and_configuration(
    recipe: Recipe, c: ModelConfiguration, directory: Path, tokenizer_folder: Path, source: Path | None
) -> None:
    tokenizer = Tokenizer(tokenizer_folder)
    for name in FILES:
        shutil.copyfile(tokenizer_folder / name, directory / name)
    if source:
        shutil.copyfile(source / "config.json", directory / "config.json")
    else:
        write_json(directory / "config.json", configuration(c, tokenizer))
    write_json(
        directory / "generation_config.json", generation_configuration(recipe.export, tokenizer, c.plan is not None)
    )
    write_json(directory / "preprocessor_config.json", PREPROCESSOR)


@contextmanager
def replacing_directory(directory: Path) -> Iterator[Path]:
    """Gives a new directory beside `directory` that takes its name unless an error leaves. Throws `BadInput` where that
    holds something else than a checkpoint."""
    if directory.exists() and not (
        directory.is_dir() and ((directory / "config.json").exists() or not any(directory.iterdir()))
    ):
        raise BadInput(directory, expected="nothing yet, or a checkpoint to replace", found="something else")
    path = directory.resolve()
    new, old = (path.with_name(f".{path.name}.{os.getpid()}.{kind}") for kind in ("new", "old"))
    new.mkdir(parents=True)
    try:
        yield new
        if path.exists():
            os.rename(path, old)
        os.rename(new, path)
    finally:
        shutil.rmtree(new, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
