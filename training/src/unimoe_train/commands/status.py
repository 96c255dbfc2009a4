"""`unimoe-train status`: what is done and what is left."""

import argparse

from unimoe_train import machine
from unimoe_train.clips import domain_sets
from unimoe_train.curriculum import history
from unimoe_train.curriculum.learned import unlearned
from unimoe_train.recipe import DOMAINS, MUSIC, SPEECH, Recipe
from unimoe_train.state import State, read_json

STAGES = (*history.STAGES, "naive")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    pass


def run(arguments: argparse.Namespace, recipe: Recipe, state: State) -> None:
    sets = recipe.data.speech_sets() + recipe.data.music_sets() + recipe.data.test_sets()
    print(f"state folder  {state.root}")
    print(f"products      {machine.products()}")
    kinds = (("sound", "data", ".npy"), ("codes", "codes", "_coff.json"), ("plans", "plan", ".npz"))
    for title, folder, ending in kinds:
        made = [name for name in sets if state.has(folder, name + ending)]
        print(f"{title:13} {len(made)} of {len(sets)} sets")
    for part in ("quantiser", "encoder", "decoder"):
        print(f"{part:13} {'there' if state.has(f'{part}.pt') else 'not yet'}")
    for stage in STAGES:
        print(f"{stage:13} {stage_line(state, recipe, stage)}")


def stage_line(state: State, recipe: Recipe, stage: str) -> str:
    path = state.root / "lm" / f"{stage}.json"
    if not path.exists():
        return "not begun"
    facts = read_json(path)
    counters = facts["counters"]
    domains = {SPEECH: [SPEECH], MUSIC: [MUSIC], "integrate": []}.get(stage, DOMAINS)
    names = [
        name for domain in domains for name in domain_sets(recipe.data, domain) if state.code_offsets(name).exists()
    ]
    new = unlearned(state, stage, names) if facts["done"] else []
    return (
        f"{'done' if facts['done'] else 'begun'}: {counters['step']} steps, "
        f"{counters['tokens'] / 1e6:.1f} M positions, {counters['seconds'] / 60:.0f} minutes"
        + (f", without {', '.join(new)}" if new else "")
    )
