"""What an adaptation changed: the model before and after it, measured in the same way.

Cross entropy is that of clips that nothing was trained on. Words are what Whisper understands of SENTENCES, spoken in the
new voices and in those that the model had; a voice is right where the voice judge, which knows the recordings and how the
model's own voices sounded before, names it.
"""

import os
import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from unimoe_train.batches.row_maker import RowMaker
from unimoe_train.curriculum.held_out import cross_entropy
from unimoe_train.curriculum.step import Objective
from unimoe_train.curriculum.surroundings import Surroundings
from unimoe_train.data.clips import ClipSet
from unimoe_train.evaluate import figures, hearing, words
from unimoe_train.evaluate.discriminant import Discriminant
from unimoe_train.evaluate.generation import Engine, Request, Take
from unimoe_train.evaluate.parts import SHORTEST_VOICE
from unimoe_train.evaluate.voice import statistics
from unimoe_train.model.decoder import LanguageModel
from unimoe_train.progress import progress
from unimoe_train.recipe import DOMAINS
from unimoe_train.state import State, replacing_folder

SENTENCES = (
    "The old bridge was closed because of the storm.",
    "She put three green apples on the kitchen table.",
    "We should leave early tomorrow if the weather is good.",
    "His father taught history at a small school.",
    "Why did nobody tell me about the new schedule?",
    "A thin layer of ice covered the garden chairs.",
    "Please turn the music down before you answer.",
    "The judge asked both sides to speak more slowly.",
    "Fresh bread smells best when the oven is just opened.",
    "They found a brown leather bag under the bench.",
    "It takes about an hour to walk around the lake.",
    "Most of the young birds flew south this week.",
)
SHIPPED = 6  # of the model's own voices speak
FIRST_SHIPPED = 1000  # number of their first request
CLIPS = 150  # of each voice's recordings, for the judge
BEFORE, AFTER = "before", "after"


def held_out_losses(around: Surroundings, model: LanguageModel) -> dict[str, float]:
    """Nats per code by domain: of the user's own held-out clips, and of those of the packed sets."""
    recipe, device = around.recipe.curriculum, around.processes.device
    objective = Objective(model, shares_prefix=device.type == "cpu", autocast=around.precision).to(device).eval()
    maker, found = RowMaker(around.prompts, model.configuration, recipe), {}
    for name, own in (("own", True), ("packed", False)):
        test = around.test.only(own)
        for domain in DOMAINS:
            if test.of(domain):
                loss = cross_entropy(objective, maker, test, around.clips, domain, device)
                found[f"{name} {domain}"] = round(loss, 4)
    return found


def requests(voices: list[str], count: int, first: int = 0) -> list[Request]:
    """So many sentences, the voices in turn."""
    if not voices:
        return []
    return [
        Request(first + number, SENTENCES[number // len(voices) % len(SENTENCES)], voices[number % len(voices)])
        for number in range(count)
    ]


def with_voices(model: Path, new: Path, names: list[str], folder: Path) -> Path:
    """A folder that is `model` with some voices of `new`, so that both can speak in the same ones."""
    with replacing_folder(folder) as made:
        for path in model.iterdir():
            if path.name != "voices":
                os.symlink(path.resolve(), made / path.name)
        shutil.copytree(model / "voices", made / "voices") if (model / "voices").is_dir() else (made / "voices").mkdir()
        for name in names:
            shutil.copyfile(new / "voices" / f"{name}.safetensors", made / "voices" / f"{name}.safetensors")
    return folder


@dataclass
class Speech:
    """Sentences spoken by the model before and after."""

    state: State
    engines: dict[str, Engine]  # BEFORE and AFTER
    own: list[str]  # the new voices
    shipped: list[str]  # the model's
    count: int  # sentences of either

    @cached_property
    def takes(self) -> dict[str, dict[str, list[Take]]]:
        """By group of voices and by model; empty for a group without voices."""
        asked = {
            "own": requests(self.own, self.count),
            "shipped": requests(self.shipped[:SHIPPED], self.count, FIRST_SHIPPED),
        }
        return {
            group: {when: engine.takes(wanted) for when, engine in self.engines.items()}
            for group, wanted in asked.items()
            if wanted
        }

    def word_errors(self, threads: int) -> dict[str, dict[str, dict]]:
        listener = words.Listener(threads)
        heard = lambda takes: [
            listener.hear(take.samples) for take in progress(takes, title="listened", unit="sentence")
        ]
        return {
            group: {when: words.word_error([take.text for take in takes], heard(takes)) for when, takes in of.items()}
            for group, of in self.takes.items()
        }

    def voices(self) -> dict[str, dict[str, dict]]:
        """The share of the sentences whose voice is the right one of all; nothing where there is only one."""
        points, labels = [], []
        for name in self.own:
            clips = ClipSet(self.state, name)
            for index in range(min(CLIPS, len(clips))):
                points.append(statistics(hearing.clip(clips, index)))
                labels.append(name)
        for take in self.takes.get("shipped", {}).get(BEFORE, []):
            if take.seconds >= SHORTEST_VOICE:
                points.append(statistics(take.samples))
                labels.append(take.voice)
        if len(set(labels)) < 2:
            return {}
        judge = Discriminant(np.stack(points), labels)
        found = {"own": {when: right(judge, takes) for when, takes in self.takes["own"].items()}}
        if "shipped" in self.takes:  # of those before the judge has learned
            found["shipped"] = {AFTER: right(judge, self.takes["shipped"][AFTER])}
        return found


def right(judge: Discriminant, takes: list[Take]) -> dict:
    """The share of takes in whose voice the judge hears the voice that was asked for."""
    named = [
        judge.classify(statistics(take.samples)[None])[0] == take.voice if take.seconds >= SHORTEST_VOICE else False
        for take in takes
    ]
    return figures.share(named)
