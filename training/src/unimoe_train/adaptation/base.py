"""The model that an adaptation begins with: rate, strides, codes and plan are its own, whatever a recipe says."""

from pathlib import Path

from unimoe_train.codec import checkpoint
from unimoe_train.curriculum import origin
from unimoe_train.errors import BadInput
from unimoe_train.export.voices import DEFAULT
from unimoe_train.model.configuration import ModelConfiguration
from unimoe_train.recipe import FRAME_RATE, Recipe


def fit(recipe: Recipe, model: Path) -> None:
    """Makes a recipe that of a checkpoint directory. Throws `BadInput` where that is none, or has no codec of 50 code frames
    a second."""
    c = ModelConfiguration.from_published(model)
    codec = checkpoint.load(model / "codec").configuration
    if codec.hop_length * FRAME_RATE != codec.sample_rate or codec.n_codebooks < c.codebooks:
        raise BadInput(
            model / "codec",
            expected=f"{FRAME_RATE} code frames a second of at least {c.codebooks} codebooks",
            found=f"{codec.sample_rate / codec.hop_length:g} of {codec.n_codebooks}",
        )
    recipe.data.sample_rate = codec.sample_rate
    recipe.codec.strides, recipe.codec.codebooks = list(codec.decoder_rates), codec.n_codebooks
    recipe.model.codebooks, recipe.model.plan = c.codebooks, c.plan is not None
    weights = recipe.curriculum.codebook_weights
    recipe.curriculum.codebook_weights = (weights + weights[-1:] * c.codebooks)[: c.codebooks]


def voices(model: Path) -> list[str]:
    """The names of a checkpoint's voices."""
    return [path.stem for path in origin.voices(model) if path.stem != DEFAULT]
