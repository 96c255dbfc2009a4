"""What all stages of a run have in common: data, tokenizer, processes."""

import argparse
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from unimoe_train import tokenizer as tokenizers
from unimoe_train.alignment.pronunciation import Pronunciation
from unimoe_train.clips import Clips, load_clips
from unimoe_train.curriculum.compiling import can_compile, compile_functions
from unimoe_train.curriculum.distributed import Processes
from unimoe_train.errors import BadInput
from unimoe_train.machine import settle
from unimoe_train.model.configuration import ModelConfiguration
from unimoe_train.prompts import Prompts
from unimoe_train.recipe import Recipe
from unimoe_train.state import State, replacing
from unimoe_train.tokenizer import Tokenizer


@dataclass
class Surroundings:
    """What all stages of a run have in common."""

    recipe: Recipe
    state: State
    clips: Clips
    test: Clips
    prompts: Prompts
    processes: Processes
    seed: int = 0
    workers: int = 0  # processes that make batches ahead
    sentences: list[str] = field(default_factory=list)  # to read without sound; none of them is held out
    pronunciation: Pronunciation | None = None

    @property
    def configuration(self) -> ModelConfiguration:
        """Of the mixture of experts that the recipe describes."""
        tokenizer = self.prompts.tokenizer
        return ModelConfiguration.from_recipe(self.recipe.model, tokenizer.size, tokenizer.placeholder)

    @staticmethod
    def prepare(
        arguments: argparse.Namespace, recipe: Recipe, state: State, initial: Path | None = None
    ) -> "Surroundings":
        """Reads the data sets' codes and settles the process. Tokenizer and sizes are those of the checkpoint `initial`
        if there is one."""
        processes = Processes.join(arguments.sharding)
        settle(arguments.threads, arguments.seed)
        if initial:
            take_sizes(recipe, ModelConfiguration.from_published(initial))
        tokenizer = prepared_tokenizer(recipe, state, processes, initial)
        codebooks = recipe.model.codebooks
        training = recipe.data.speech_sets() + recipe.data.music_sets()
        pronunciation = Pronunciation.load(state.words()) if state.words().exists() else None
        surroundings = Surroundings(
            recipe,
            state,
            load_clips(state, training, tokenizer, codebooks, pronunciation),
            load_clips(state, recipe.data.test_sets(), tokenizer, codebooks, pronunciation),
            Prompts(tokenizer),
            processes,
            arguments.seed,
            arguments.workers,
            sentences_to_read(recipe, state),
            pronunciation,
        )
        if recipe.curriculum.compile and can_compile():
            compile_functions(processes.device)
        return surroundings


def sentences_to_read(recipe: Recipe, state: State) -> list[str]:
    """The sentences that may be learned from."""
    lines = state.path("sentences.txt")
    return lines.read_text(encoding="utf-8").splitlines()[recipe.data.held_out :] if lines.exists() else []


def take_sizes(recipe: Recipe, c: ModelConfiguration) -> None:
    """Puts a checkpoint's sizes in the place of the recipe's."""
    ours = recipe.model
    for name in (
        "hidden",
        "layers",
        "heads",
        "kv_heads",
        "experts",
        "null_experts",
        "shared_experts",
        "routed_width",
        "shared_width",
        "top_p",
        "codebooks",
        "delay",
    ):
        setattr(ours, name, getattr(c, name))


def prepared_tokenizer(recipe: Recipe, state: State, processes: Processes, initial: Path | None = None) -> Tokenizer:
    """The checkpoint's tokenizer, or else the state folder's. The first process makes or copies the latter where it is
    missing: an export takes it from there."""
    own = state.tokenizer() / "tokenizer.json"
    missing = not own.exists()
    theirs = initial / own.name if initial else None
    if theirs and not missing and theirs.exists() and own.read_bytes() != theirs.read_bytes():
        raise BadInput(own, expected=f"the tokenizer of {initial}, or none yet", found="another: name another --state")
    if processes.is_first and missing and initial:
        for name in tokenizers.FILES:
            if (initial / name).exists():
                with replacing(state.tokenizer() / name) as path:
                    shutil.copyfile(initial / name, path)
    elif processes.is_first and missing:
        texts = []
        if recipe.model.merges:
            lines = state.path("sentences.txt")
            texts = lines.read_text(encoding="utf-8").splitlines() if lines.exists() else []
        tokenizers.make(state.tokenizer(), texts, recipe.model.merges)
    processes.wait()
    return Tokenizer(initial or state.tokenizer())
