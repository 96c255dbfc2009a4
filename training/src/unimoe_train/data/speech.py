"""One set of spoken clips: the sentences of one part, in one voice."""

import random
from collections.abc import Callable

from unimoe_train.data.clips import RATE, ClipWriter
from unimoe_train.data.loudness import normalise, trim
from unimoe_train.data.teachers import TEACHERS
from unimoe_train.data.templates import Templates, rare_words
from unimoe_train.errors import BadInput
from unimoe_train.recipe import DataRecipe
from unimoe_train.state import State

STRIDE = 16  # parts of sentences set aside for each voice, so that no two voices share one


def sentences_for(recipe: DataRecipe, voice: str, part: int | None, natural: list[str]) -> list[str]:
    """The sentences of a voice's part, or without one those of its held-out set, all of which are natural ones."""
    index = list(recipe.voices).index(voice)
    if part is None:
        return natural[index * recipe.test_clips :][: recipe.test_clips]
    start = recipe.held_out + (index * STRIDE + part) * recipe.part
    count = min(recipe.part, recipe.voices[voice].clips - part * recipe.part)
    rng = random.Random(f"sentences {voice} {part}")
    templates = Templates(rng, rare_words())
    sentences = []
    for line in range(start, start + count):
        is_natural = rng.random() < recipe.natural and line < len(natural)
        sentences.append(natural[line] if is_natural else templates.sentence())
    return sentences


def check(recipe: DataRecipe, where: str) -> None:
    """Throws `BadInput` unless every voice has a teacher that can speak here."""
    limit = recipe.held_out // 2
    if len(recipe.voices) * recipe.test_clips > limit:
        raise BadInput(f"{where}: data.test_clips", expected=f"at most {limit} held-out sentences for all voices",
                       found=f"{len(recipe.voices)} x {recipe.test_clips}")
    for name, voice in recipe.voices.items():
        if voice.teacher not in TEACHERS:
            raise BadInput(f"{where}: data.voices.{name}.teacher", expected=f"one of {', '.join(TEACHERS)}",
                           found=voice.teacher)


def make(state: State, recipe: DataRecipe, voice: str, part: int | None, step: Callable[[], None] = lambda: None) -> None:
    """Makes the set VOICE`part`, or VOICEtest. `step` is called after each sentence."""
    source = recipe.voices[voice]
    teacher = TEACHERS[source.teacher]
    if reason := teacher.missing():
        raise BadInput(f"data.voices.{voice}", reason)
    natural = state.path("sentences.txt").read_text(encoding="utf-8").split("\n")
    rng = random.Random(f"{voice} {part}")
    writer = ClipWriter()
    for text in sentences_for(recipe, voice, part, natural):
        samples = trim(teacher.speak(text, source.voice, rng))
        if 0 < len(samples) <= recipe.longest * RATE:
            writer.append(normalise(samples), kind="s", voice=voice, text=text)
        step()
    writer.save(state, f"{voice}{'test' if part is None else part}")
