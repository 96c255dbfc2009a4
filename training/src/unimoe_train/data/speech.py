"""One set of spoken clips: the sentences of one part, in one voice."""

import random
from collections.abc import Callable, Sequence

from unimoe_train.data import texts
from unimoe_train.data.clips import ClipWriter
from unimoe_train.data.loudness import normalise, trim
from unimoe_train.data.teachers import TEACHERS, missing, speak
from unimoe_train.data.templates import Templates, rare_words
from unimoe_train.data.texts import Drawer
from unimoe_train.errors import BadInput
from unimoe_train.progress import progress
from unimoe_train.recipe import DataRecipe, Voice
from unimoe_train.state import State


def sentences_for(
    recipe: DataRecipe, voice: str, part: int | None, natural: list[str], written: Sequence[str] = ()
) -> list[str]:
    """The sentences of a voice's part, or without one those of its held-out set, all of which are natural ones. `written`
    are the user's own."""
    if recipe.texts:
        return mixed_texts(recipe, voice, part, natural, written)
    index = list(recipe.voices).index(voice)
    if part is None:
        return natural[index * recipe.test_clips :][: recipe.test_clips]
    # A share for each voice, so that no two have the same.
    share = max(0, len(natural) - recipe.held_out) // len(recipe.voices)
    start = recipe.held_out + index * share + part * recipe.part
    count = min(recipe.part, recipe.voices[voice].clips - (part - recipe.voices[voice].first) * recipe.part)
    rng = random.Random(f"sentences {voice} {part}")
    templates = Templates(rng, rare_words())
    sentences = []
    for line in range(start, start + count):
        is_natural = rng.random() < recipe.natural and line < recipe.held_out + (index + 1) * share
        sentences.append(natural[line] if is_natural else templates.sentence())
    return sentences


def mixed_texts(
    recipe: DataRecipe, voice: str, part: int | None, natural: list[str], written: Sequence[str]
) -> list[str]:
    """As `sentences_for`, for a recipe with `texts`. They follow from the names of voice and part alone, so that voices can
    be added later; two voices may say the same."""
    rng = random.Random(f"texts {voice} {part}")
    if part is None:
        return rng.sample(natural[: recipe.held_out // 2], recipe.test_clips)
    # A block of lines for every part.
    start = recipe.held_out + recipe.part * rng.randrange(max(1, (len(natural) - recipe.held_out) // recipe.part))
    mine = natural[start : start + recipe.part]
    rng.shuffle(mine)
    drawer = Drawer(rng, recipe.texts, mine, written, Templates(rng, rare_words(), figures=False))
    count = min(recipe.part, recipe.voices[voice].clips - (part - recipe.voices[voice].first) * recipe.part)
    return [drawer.draw() for _ in range(count)]


def natural_sentences(state: State) -> list[str]:
    """Every line of sentences.txt."""
    path = state.path("sentences.txt")
    if not path.exists():
        raise BadInput(path, expected="sentences made by `unimoe-train data`", found="none")
    return path.read_text(encoding="utf-8").split("\n")


def evaluation_sentences(recipe: DataRecipe, natural: list[str], count: int) -> list[tuple[str, str]]:
    """(voice, sentence) pairs from the second half of the held-out lines, the voices in turn."""
    voices = list(recipe.voices)
    lines = natural[recipe.held_out // 2 : recipe.held_out]
    if count > len(lines):
        raise BadInput("evaluate.sentences", expected=f"at most {len(lines)} held-out sentences", found=count)
    return [(voices[index % len(voices)], text) for index, text in enumerate(lines[:count])]


def check(recipe: DataRecipe, where: str) -> None:
    """Throws `BadInput` unless every voice has a teacher that can speak here."""
    limit = recipe.held_out // 2
    if (1 if recipe.texts else len(recipe.voices)) * recipe.test_clips > limit:
        raise BadInput(
            f"{where}: data.test_clips",
            expected=f"at most {limit} held-out sentences for all voices",
            found=f"{len(recipe.voices)} x {recipe.test_clips}",
        )
    named = [("voices", *pair) for pair in recipe.voices.items()] + [
        ("unheard", *pair) for pair in recipe.unheard.items()
    ]
    for section, name, voice in named:
        if voice.teacher not in TEACHERS:
            raise BadInput(
                f"{where}: data.{section}.{name}.teacher", expected=f"one of {', '.join(TEACHERS)}", found=voice.teacher
            )


def make(
    state: State, recipe: DataRecipe, voice: str, part: int | None, step: Callable[[], None] = lambda: None
) -> None:
    """Makes the set VOICE`part`, or VOICEtest. `step` is called after each sentence."""
    if reason := missing(recipe.voices[voice]):
        raise BadInput(f"data.voices.{voice}", reason)
    rng = random.Random(f"{voice} {part}")
    writer = ClipWriter()
    for text in sentences_for(recipe, voice, part, natural_sentences(state), texts.written(state)):
        speak_into(writer, recipe, voice, text, rng)
        step()
    writer.save(state, f"{voice}{'test' if part is None else part}")


def make_unheard(state: State, recipe: DataRecipe, voice: str, step: Callable[[], None] = lambda: None) -> None:
    """Makes the set NAMEunheard of a voice that nothing learns from."""
    source = recipe.unheard[voice]
    if reason := missing(source):
        raise BadInput(f"data.unheard.{voice}", reason)
    rng, writer = random.Random(f"unheard {voice}"), ClipWriter()
    for text in rng.sample(natural_sentences(state)[: recipe.held_out // 2], recipe.test_clips):
        say_into(writer, recipe, voice, source, text, rng)
        step()
    writer.save(state, f"{voice}unheard")


def speak_into(writer: ClipWriter, recipe: DataRecipe, voice: str, text: str, rng: random.Random) -> None:
    """Appends a sentence in a voice, unless it came out silent or too long."""
    say_into(writer, recipe, voice, recipe.voices[voice], text, rng)


def say_into(writer: ClipWriter, recipe: DataRecipe, name: str, source: Voice, text: str, rng: random.Random) -> None:
    samples = trim(speak(source, text, rng, recipe.sample_rate), recipe.sample_rate)
    if 0 < len(samples) <= recipe.longest * recipe.sample_rate:
        writer.append(normalise(samples), kind="s", voice=name, text=text)


def make_evaluation(state: State, recipe: DataRecipe, count: int, name: str) -> None:
    """Makes a set in which the teachers take turns to speak the sentences of an evaluation."""
    for voice, source in recipe.voices.items():
        if reason := missing(source):
            raise BadInput(f"data.voices.{voice}", reason)
    writer, rng = ClipWriter(), random.Random(name)
    pairs = evaluation_sentences(recipe, natural_sentences(state), count)
    for voice, text in progress(pairs, title="teachers speak", unit="clip"):
        speak_into(writer, recipe, voice, text, rng)
    writer.save(state, name)
