"""`unimoe-train codec`: quantiser, codes, encoder, decoder, adversarial fine-tuning, and the codec's directory."""

import argparse
from functools import partial
from pathlib import Path

from unimoe_train.codec import budget, checkpoint, codebooks, decoder, encoder, initial
from unimoe_train.codec.dac import compile_snake
from unimoe_train.codec.encode import encode_set, is_encoded
from unimoe_train.codec.quantiser import Quantiser, fit_to_sets
from unimoe_train.codec.segments import CodedSegments, SoundSegments, pools_of
from unimoe_train.interruption import Interruption, leave
from unimoe_train.machine import settle
from unimoe_train.progress import progress
from unimoe_train.ranges import Minutes, option
from unimoe_train.recipe import Recipe
from unimoe_train.state import State

PARTS = ("quantiser", "codes", "encoder", "decoder", "adversarial", "checkpoint")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"some of {', '.join(PARTS)}; without any all of them")
    parser.add_argument(
        "--minutes", type=option(Minutes), help="instead of the recipe's budgets for the parts that are trained"
    )
    parser.add_argument(
        "--initial",
        metavar="CODEC",
        type=Path,
        help="begin with a checkpoint's codec/: its codes, and its networks learn on",
    )
    parser.epilog = "Parts that are finished are kept; an interrupted training goes on where it was."


def run(arguments: argparse.Namespace, recipe: Recipe, state: State) -> None:
    parts = arguments.parts or PARTS
    for part in parts:
        if part not in PARTS:
            raise SystemExit(f"unimoe-train: PART: expected {', '.join(PARTS)}, found {part}")
    settle(arguments.threads, arguments.seed)
    if arguments.initial:
        initial.take(arguments.initial, state)
    if arguments.minutes is not None:
        for part in ("encoder", "decoder", "adversarial"):
            setattr(recipe.codec, f"{part}_minutes", arguments.minutes)
            setattr(recipe.codec, f"{part}_steps", 0)
    if recipe.codec.compile:
        compile_snake()
    makers = {
        "quantiser": fit_quantiser,
        "codes": encode,
        "encoder": partial(train_encoder, seed=arguments.seed),
        "decoder": partial(train_decoder, decoder.DecoderTraining, seed=arguments.seed),
        "adversarial": partial(train_decoder, decoder.AdversarialTraining, seed=arguments.seed),
        "checkpoint": write_checkpoint,
    }
    for part in parts:
        if arguments.made and part in ("decoder", "adversarial"):
            recipe.data.only = sorted({*state.made()} & {*state.encoded()})
        if not makers[part](recipe=recipe, state=state):
            leave()


def fit_quantiser(recipe: Recipe, state: State) -> bool:
    path = state.path("quantiser.pt")
    if path.exists():
        print(f"{path}: fitted already")
        return True
    quantiser = fit_to_sets(
        state,
        [pool.names for pool in pools_of(recipe, 1.0)],
        recipe.codec.codebooks,
        recipe.codec.quantiser_minutes * 60,
        log=lambda line: print(line, flush=True),
    )
    quantiser.save(path)
    return True


def encode(recipe: Recipe, state: State) -> bool:
    data = recipe.data
    names = (
        data.speech_sets()
        + data.music_sets()
        + data.tour_sets()
        + data.recording_sets()
        + data.prompt_sets()
        + data.test_sets()
    )
    todo = [name for name in names if not is_encoded(state, name)]
    if not todo:
        print(f"codes of {len(names)} sets: made already")
    quantiser = Quantiser.load(state.path("quantiser.pt"))
    codebooks.claim(state, quantiser)
    for name in todo:
        print(f"{name}: {encode_set(state, name, quantiser):,} code frames", flush=True)
    return True


def train_encoder(recipe: Recipe, state: State, seed: int) -> bool:
    if recipe.codec.encoder == "spectra":
        print("encoder: the features themselves, nothing to train")
        return True
    if budget.is_finished(recipe.codec, "encoder", state.path("encoder.pt")):
        print(f"{state.path('encoder.pt')}: trained already")
        return True
    segments = SoundSegments(state, pools_of(recipe, recipe.codec.encoder_music), seed)
    quantiser = Quantiser.load(state.path("quantiser.pt"))
    return train(encoder.EncoderTraining(state, recipe.codec, quantiser, segments), "encoder")


def train_decoder(kind: type[decoder.DecoderTraining], recipe: Recipe, state: State, seed: int) -> bool:
    path = state.path(kind.FILE)
    if not any(budget.sizes(recipe.codec, kind.PART)):
        return True
    if budget.is_finished(recipe.codec, kind.PART, path):
        print(f"{path}: trained already")
        return True
    segments = CodedSegments(state, pools_of(recipe, recipe.codec.decoder_music), seed)
    quantiser = Quantiser.load(state.path("quantiser.pt"))
    return train(kind(state, recipe.codec, quantiser, segments), path.stem)


def train(training, title: str) -> bool:
    """Runs a training with a progress bar; false if it was asked to stop before its budget was used up."""
    with Interruption() as stop, progress(title=title, total=1.0, unit="") as bar:
        training.run(stop, lambda share: bar.update(round(min(share, 1.0), 3) - bar.n))
    print(f"{training.path}: {training.step:,} steps, {training.budget.seconds / 60:.1f} minutes", flush=True)
    return training.budget.is_used_up


def write_checkpoint(recipe: Recipe, state: State) -> bool:
    folder = state.path("codec", "config.json").parent
    configuration = checkpoint.write(state, folder, recipe.codec.codebooks)
    print(
        f"{folder}: {configuration.n_codebooks} codebooks, encoder {configuration.encoder_dim}, "
        f"decoder {configuration.decoder_dim}"
    )
    return True
