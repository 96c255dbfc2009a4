"""What tests of adaptations share: a model in miniature with what it learned, and a recipe that changes it in no time."""

import shutil
from pathlib import Path

import torch
from miniature import make_state
from unimoe_train import packed
from unimoe_train.cli import main
from unimoe_train.codec.dac import Decoder
from unimoe_train.codec.features import Layout
from unimoe_train.codec.quantiser import fit
from unimoe_train.commands.pack import language_model_sets
from unimoe_train.recipe import FOLDER, Recipe

REPOSITORY = Path(__file__).resolve().parents[2]


def make_model(folder: Path) -> Path:
    """folder/model, the miniature with a lexicon, a codec that was fitted to features, a voice, and sampling defaults of its
    own; and folder/packed, what it learned."""
    recipe = Recipe.load("miniature")
    state = make_state(folder / "state", recipe)
    torch.manual_seed(0)
    size = Layout.of(16000).size
    fit(torch.randn(3000, size), 4, 16000).save(state.path("quantiser.pt"))
    torch.save({"ema": Decoder(size, 32, (8, 5, 4, 2)).state_dict(), "width": 32}, state.path("decoder.pt"))
    shutil.copyfile(REPOSITORY / "models/default/lexicon.bin", state.path("lexicon.bin"))
    options = ["--recipe", "miniature", "--state", str(state.root), "--threads", "1"]
    main(["naive", *options, "--steps", "2"])
    main(["export", *options, "--stage", "naive", "--output", str(folder / "model")])
    list(packed.pack(state, language_model_sets(recipe), folder / "packed", 3))
    return folder / "model"


def small_recipe(path: Path) -> Path:
    """Writes the recipe of adaptations, small."""
    text = (FOLDER / "adapt.toml").read_text()
    for found, small in (
        ("[curriculum]\n", "[curriculum]\ncompile = false\nbf16 = false\n"),
        ("positions = 4000", "positions = 600"),
        ("sentences = 24", "sentences = 2"),
        ("rate = 0.005, adam_rate = 1e-3", "rate = 0.02, adam_rate = 1e-2"),
        ("warmup = 20", "warmup = 1"),
    ):
        text = text.replace(found, small)
    path.write_text(text)
    return path
