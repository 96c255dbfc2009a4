"""The report of an adaptation, in its state folder: report.json, report.png and up to three sounds."""

import shutil
from pathlib import Path

from unimoe_train.adaptation import base, shares
from unimoe_train.adaptation.comparison import (
    AFTER,
    BEFORE,
    FIRST_SHIPPED,
    SENTENCES,
    Speech,
    held_out_losses,
    with_voices,
)
from unimoe_train.batches.epochs import Epochs
from unimoe_train.batches.row_maker import RowMaker
from unimoe_train.curriculum import origin
from unimoe_train.curriculum.joint import NAME
from unimoe_train.curriculum.snapshot import facts, load_model
from unimoe_train.curriculum.specialists import mix
from unimoe_train.curriculum.surroundings import Surroundings
from unimoe_train.curriculum.trainer import epochs_of
from unimoe_train.data.clips import ClipSet
from unimoe_train.evaluate import pictures, words
from unimoe_train.evaluate.generation import Engine, Request
from unimoe_train.model import checkpoint
from unimoe_train.recipe import DOMAINS
from unimoe_train.state import State, read_json, write_json

JSON, PICTURE = "report.json", "report.png"
FIGURES = {
    "cross_entropy": ("cross entropy of held-out clips", "nats per code"),
    "word_error": ("word error", "wrong words of all"),
    "voice_right": ("right voices", "share of the sentences"),
}
"""What is measured: its title, and its unit."""


def is_written(state: State, output: Path) -> bool:
    """Whether the report is that of what `output` holds now, and nothing that it lacks can be measured meanwhile."""
    path = state.root / JSON
    known = read_json(path) if path.exists() else {}
    is_whole = "missing" not in known.get("word_error", {}) or words.missing()
    return known.get("weights") == origin.digest(output) and bool(is_whole)


def write(around: Surroundings, model: Path, output: Path, program: Path, threads: int) -> list[str]:
    """Measures, and writes everything; returns what is to be said of it."""
    state, data = around.state, around.recipe.data
    own = [name for name in data.recorded_speech if name in base.voices(output)]
    weights = origin.digest(output)
    made = kept_for(state, weights)
    both = with_voices(model, output, own, made / "model")
    engines = {
        BEFORE: Engine(program, both, made / BEFORE, threads),
        AFTER: Engine(program, output, made / AFTER, threads),
    }
    shipped = [name for name in base.voices(model) if name not in own]
    speech = Speech(state, engines, own, shipped, around.recipe.evaluate.sentences)
    report = {
        "model": str(model),
        "output": str(output),
        "weights": weights,
        "training": {key: facts(state, NAME)["counters"][key] for key in ("step", "tokens", "seconds")},
        "recordings": own + data.recorded_music,
        "packed_sets": sum(map(len, data.kept.values())),
        "own_share": round(shares.learned(epochs(around)), 3),
        "cross_entropy": losses(around, model),
        "word_error": spoken(speech, threads),
        "voice_right": speech.voices() if own else {},
        "sounds": sounds(state, engines[AFTER], own, shipped, data.recorded_music),
    }
    draw(report, state.path(PICTURE))
    write_json(state.path(JSON), report)
    return lines(report)


def kept_for(state: State, weights: str) -> Path:
    """The folder of what was spoken with some weights; that of others goes."""
    folder = state.path("takes", weights[:16])
    for path in folder.parent.iterdir():
        if path != folder:
            shutil.rmtree(path)
    return folder


def epochs(around: Surroundings) -> list[Epochs]:
    maker = RowMaker(around.prompts, around.configuration, around.recipe.curriculum)
    return epochs_of(around, maker, mix(around, *DOMAINS))


def losses(around: Surroundings, model: Path) -> dict[str, dict[str, float]]:
    """By what was held out, before and after."""
    found = {
        BEFORE: held_out_losses(around, checkpoint.load(model)),
        AFTER: held_out_losses(around, load_model(around.state.checkpoint(NAME))),
    }
    return {name: {when: found[when][name] for when in found} for name in found[BEFORE]}


def spoken(speech: Speech, threads: int) -> dict:
    if not speech.own:
        return {}
    if reason := words.missing():
        return {"missing": reason}
    return speech.word_errors(threads)


def sounds(state: State, engine: Engine, own: list[str], shipped: list[str], music: list[str]) -> dict[str, str]:
    """Makes the sounds: the first new voice, a voice that the model had, and where music was taught a piece."""
    wanted = {}
    if own:
        wanted["new-voice"] = Request(0, SENTENCES[0], own[0])
    if shipped:
        wanted["shipped-voice"] = Request(FIRST_SHIPPED, SENTENCES[0], shipped[0])
    if music:
        wanted["piece"] = Request(0, ClipSet(state, f"{music[0]}test").clips[0]["caps"][0])
    made = {}
    for name, request in wanted.items():
        take = engine.take(request)
        path = state.path(f"{name}.wav")
        shutil.copyfile(take.path, path)
        made[name] = path.name
    return made


def figure(value: object) -> dict:
    return value if isinstance(value, dict) else {"value": value}


def draw(report: dict, path: Path) -> None:
    """Bars before and after, of all that was measured."""
    shown = {key: labels for key, labels in FIGURES.items() if report[key] and "missing" not in report[key]}
    plot = pictures.pyplot()
    drawing, axes = plot.subplots(
        1, max(1, len(shown)), figsize=(4.5 * max(1, len(shown)), 3.6), squeeze=False, constrained_layout=True
    )
    for axis, (key, (title, label)) in zip(axes[0], shown.items()):
        groups = {
            when: {name: figure(of[when]) for name, of in report[key].items() if when in of} for when in (BEFORE, AFTER)
        }
        pictures.draw_bars(axis, {when: of for when, of in groups.items() if of}, title, label)
    pictures.save(drawing, path)


def lines(report: dict) -> list[str]:
    """The report in words."""
    out = []
    for key, (title, _) in FIGURES.items():
        if "missing" in report[key]:
            out.append(f"{title}: not measured, {report[key]['missing']}")
            continue
        for name, of in report[key].items():
            told = ", ".join(f"{figure(of[when])['value']} {when}" for when in (BEFORE, AFTER) if when in of)
            out.append(f"{title}, {name}: {told}")
    return out
