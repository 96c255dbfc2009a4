"""The checkpoint directory: weights, configuration, tokenizer, codec, voices, model card."""

import filecmp
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import torch

from unimoe_train.codec import checkpoint as codec
from unimoe_train.codec import codebooks
from unimoe_train.codec.quantiser import codebook_digests
from unimoe_train.curriculum import history, origin
from unimoe_train.curriculum.integrate import as_mixture
from unimoe_train.curriculum.snapshot import load_model
from unimoe_train.errors import BadInput
from unimoe_train.export import model_card, voices
from unimoe_train.export.configuration import PREPROCESSOR, configuration, generation_configuration, over_carried
from unimoe_train.model import checkpoint
from unimoe_train.model.configuration import ModelConfiguration
from unimoe_train.recipe import Recipe
from unimoe_train.state import State, read_json, replacing_folder, write_json
from unimoe_train.tokenizer import FILES, Tokenizer

CODEC, VOICES, LEXICON = "codec", "voices", "lexicon.bin"
CODEC_FILES = ("config.json", "model.safetensors", codec.FEATURES_FILE, "preprocessor_config.json")
WRITTEN = {
    "README.md",
    "config.json",
    "generation_config.json",
    "preprocessor_config.json",
    checkpoint.INDEX,
    history.FILE,
    LEXICON,
    *FILES,
    *(f"{CODEC}/{name}" for name in CODEC_FILES),
}
SHARD = re.compile(r"model-\d{5}-of-\d{5}\.safetensors")


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
    what was not trained (vision tower, text head) is copied from it, and its configuration is kept. Its voices, lexicon,
    and the sampling defaults that the recipe does not tell are taken over without it, too (`curriculum.origin`). Codec and
    source may lie in `directory`, an export that is replaced. `lexicon`: how words sound, for a model whose plan speaks
    phonemes; without one the checkpoint's before, or the state folder's. `finished`: not of a stage that was stopped. A dense
    model is written as a mixture of one expert.
    """
    model = load_model(state.checkpoint(stage), finished=finished)
    if model.configuration.dense_width:
        model = as_mixture(model)
    c = model.configuration
    carried = source or kept(state, stage)
    recipe = replace(recipe, export=over_carried(recipe, carried))
    if codec_directory:
        check_codec(state, codec_directory, c.codebooks)
    with replacing_export(directory) as new:
        checkpoint.save(model, new, shards=recipe.export.shards, source=source)
        write_tokenizer_and_configuration(recipe, c, new, source or state.tokenizer(), source)
        write_codec(state, codec_directory, new / CODEC, c.codebooks)
        lexicon = write_lexicon(lexicon, carried, state.lexicon if c.plan else None, new)
        names = voices.export(recipe, state, stage, new / VOICES, c, carried)
        write_json(new / history.FILE, history.of(state, stage))
        parameters = sum(view.numel() for _, view in checkpoint.published_views(model))
        card = model_card.write(recipe, state, stage, c, parameters, names, lexicon is not None, carried)
        (new / "README.md").write_text(card, encoding="utf-8")


def kept(state: State, stage: str) -> Path | None:
    """What the state folder keeps of the checkpoint that a training began with. Throws `BadInput` where that is not all that
    an export needs of it."""
    folder = origin.kept(state, stage)
    if origin.of(state, stage) and (folder is None or read_json(folder / origin.PASSED)):
        raise BadInput(
            "--source", expected="the checkpoint that the training began with, of which more is copied", found="none"
        )
    return folder


def check_codec(state: State, folder: Path, count: int) -> None:
    """Throws `BadInput` for a folder that holds no codec, or none of the sound and the codes that the model learned."""
    dac = codec.load(folder)
    found = dac.configuration
    if found.sample_rate != state.sample_rate or found.n_codebooks < count:
        raise BadInput(
            folder,
            expected=f"a codec of {state.sample_rate} Hz and at least {count} codebooks",
            found=f"{found.sample_rate} Hz and {found.n_codebooks}",
        )
    known = codebooks.known(state)
    if known is not None and known[:count] != codebook_digests(dac.codebooks)[:count]:
        raise BadInput(folder, expected=f"a codec with the codes of {state.root}", found="one with others")


def write_codec(state: State, chosen: Path | None, folder: Path, codebooks: int) -> None:
    """The chosen codec's files, or the codec that the state folder has."""
    if not chosen:
        codec.write(state, folder, codebooks, torch.float16)
        return
    folder.mkdir()
    for name in CODEC_FILES:
        if (chosen / name).is_file():
            shutil.copyfile(chosen / name, folder / name)


def write_lexicon(chosen: Path | None, carried: Path | None, own: Path | None, directory: Path) -> Path | None:
    """Copies how words sound and returns where from: what was chosen, that of the checkpoint before, the state folder's."""
    if chosen is None and carried and (carried / LEXICON).exists():
        chosen = carried / LEXICON
    chosen = chosen or own
    if chosen:
        if not chosen.is_file():
            raise BadInput(chosen, expected="a lexicon (`unimoe-train lexicon`)", found="no file")
        shutil.copyfile(chosen, directory / LEXICON)
    return chosen


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
def replacing_export(directory: Path) -> Iterator[Path]:
    """Gives a new directory that takes the place of an earlier export, whole or not at all; what is there that no export
    wrote stays.

    Throws `BadInput` where `directory` holds something else, or what was added has the name of what is written.
    """
    check_place(directory)
    with replacing_folder(directory) as new:
        yield new
        for path in strangers(directory):
            place = new / path.relative_to(directory)
            if place.exists() and not filecmp.cmp(path, place, shallow=False):
                raise BadInput(path, expected="a file that an export wrote", found="one that was added: move it away")
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, place, follow_symlinks=False)


def check_place(directory: Path) -> None:
    """Throws `BadInput` where something else than an earlier export would be replaced."""
    if directory.exists() and not (directory.is_dir() and (is_export(directory) or not any(directory.iterdir()))):
        raise BadInput(
            directory, expected=f"nothing yet, or an earlier export (with {history.FILE})", found="something else"
        )


def is_export(directory: Path) -> bool:
    return (directory / "config.json").exists() and bool(history.read(directory))


def strangers(directory: Path) -> list[Path]:
    """The files below a directory that no export wrote."""
    found = []
    for folder, folders, files in os.walk(directory):
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        found += [path for name in links + files if not is_ours(directory, path := Path(folder, name))]
    return sorted(found)


def is_ours(directory: Path, path: Path) -> bool:
    """Whether an export writes a file of this name, and wrote this voice."""
    name = path.relative_to(directory).as_posix()
    if path.parent == directory / VOICES and path.suffix == ".safetensors":
        return voices.was_exported(path)
    return name in WRITTEN or SHARD.fullmatch(name) is not None
