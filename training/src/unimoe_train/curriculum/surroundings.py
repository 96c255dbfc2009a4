"""What all stages of a run have in common: data, tokenizer, processes."""

import argparse
import shutil
from dataclasses import dataclass
from pathlib import Path

import torch

from unimoe_train import machine
from unimoe_train import tokenizer as tokenizers
from unimoe_train.clips import Clips, load_clips
from unimoe_train.curriculum.compiling import can_compile, compile_functions
from unimoe_train.curriculum.distributed import Processes
from unimoe_train.errors import BadInput
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
    configuration: ModelConfiguration  # of the mixture of experts
    seed: int = 0
    workers: int = 0  # processes that make batches ahead

    def present(self, *domains: str) -> list[str]:
        """Those of some domains that have clips. Throws `BadInput` where none has any."""
        present = [domain for domain in domains if self.clips.of(domain)]
        if not present:
            raise BadInput(self.state.root / "codes", expected=f"clips of {' or '.join(domains)}", found="none")
        return present

    @property
    def precision(self) -> torch.dtype | None:
        """In which matrices are multiplied; `None`: in float32."""
        return machine.precision(self.processes.device) if self.recipe.curriculum.bf16 else None

    @staticmethod
    def prepare(
        arguments: argparse.Namespace, recipe: Recipe, state: State, initial: Path | None = None
    ) -> "Surroundings":
        """Reads the data sets' codes and settles the process. Tokenizer and sizes are those of the checkpoint `initial`
        if there is one."""
        processes = Processes.join(arguments.sharding)
        machine.settle(arguments.threads, arguments.seed)
        tokenizer = prepared_tokenizer(recipe, state, processes, initial)
        if initial:
            c = ModelConfiguration.from_published(initial)
        else:
            c = ModelConfiguration.from_recipe(recipe.model, tokenizer.size, tokenizer.placeholder)
        training = recipe.data.speech_sets() + recipe.data.music_sets() + recipe.data.prompt_sets()
        surroundings = Surroundings(
            recipe,
            state,
            load_clips(state, training, tokenizer, c, recipe.data.recorded_speech + recipe.data.recorded_music),
            load_clips(state, recipe.data.test_sets(), tokenizer, c, recipe.data.recorded_test_sets()),
            Prompts(tokenizer),
            processes,
            c,
            arguments.seed,
            arguments.workers,
        )
        if recipe.curriculum.compile and can_compile():
            compile_functions(processes.device)
        return surroundings


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
