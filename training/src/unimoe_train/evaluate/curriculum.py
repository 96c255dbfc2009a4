"""The curriculum against naive joint training at equal tokens, over several seeds, each of which is one state folder."""

from pathlib import Path

import numpy as np

from unimoe_train.csvlog import read_csv
from unimoe_train.errors import BadInput
from unimoe_train.evaluate import figures
from unimoe_train.recipe import DOMAINS
from unimoe_train.state import State, read_json

STAGES = ("base", "speech", "music", "integrate", "joint")
WAYS = {"curriculum": "joint", "naive": "naive"}
"""Ways of training and the stage that each ends with."""

SCORES = {"words": ("all",), "voice": ("all",), "music": ("tempo", "family", "mode")}
"""Parts of an evaluation, and the figures of them that are compared."""


def last(path: Path, column: str) -> float:
    """The last number of a column of a log."""
    if not path.exists():
        raise BadInput(path, expected="the log of a training", found="none")
    numbers = [value for value in read_csv(path).get(column, []) if np.isfinite(value)]
    if not numbers:
        raise BadInput(f"{path}: {column}", expected="at least one number", found="none")
    return numbers[-1]


def stages(state: State, way: str) -> list[str]:
    """The stages that a way of training had, in order."""
    return [stage for stage in STAGES if state.log(stage).exists()] if way == "curriculum" else [WAYS[way]]


def tokens(state: State, way: str) -> float:
    """Positions that a way of training has seen, all its stages together."""
    return sum(last(state.log(stage), "tokens") for stage in stages(state, way))


def curve(state: State, way: str, domain: str) -> tuple[np.ndarray, np.ndarray]:
    """Positions since the first stage's start, of any domain, and the cross entropy in training; NaN between stages."""
    x, y, seen = [], [], 0.0
    for stage in stages(state, way):
        table = read_csv(state.log(stage))
        if f"loss_{domain}" in table:
            points = [(a, b) for a, b in zip(table["tokens"], table[f"loss_{domain}"]) if np.isfinite(b)]
            x += [seen + a for a, _ in points] + [np.nan]
            y += [b for _, b in points] + [np.nan]
        seen += last(state.log(stage), "tokens")
    return np.array(x), np.array(y)


def scores(state: State, way: str) -> dict[str, float]:
    """What the judges said of a way's model, where it was exported into a directory named as its last stage and judged."""
    found = {}
    for part, figures_of in SCORES.items():
        path = state.root / "evaluate" / WAYS[way] / "parts" / f"{part}.json"
        if path.exists():
            made = read_json(path)["generated"]
            found |= {f"{part} {name}".removesuffix(" all"): made[name]["value"] for name in figures_of}
    return found


def summary(runs: list[Path]) -> dict:
    """Held-out cross entropy per domain and way, and the curriculum's advantage in percent, over the seeds."""
    states = [State(run) for run in runs]
    result: dict = {
        "seeds": len(states),
        "tokens": {way: round(np.mean([tokens(s, way) for s in states])) for way in WAYS},
        "domains": {},
    }
    for domain in DOMAINS:
        loss = {way: [last(s.log(log), f"held_out_{domain}") for s in states] for way, log in WAYS.items()}
        ahead = [1 - c / n for c, n in zip(loss["curriculum"], loss["naive"])]
        result["domains"][domain] = {
            **{way: {**figures.mean(values), "seeds": [round(v, 4) for v in values]} for way, values in loss.items()},
            "curriculum_ahead": figures.mean(ahead),
        }
    judged = {way: [scores(state, way) for state in states] for way in WAYS}
    names = [name for name in judged["curriculum"][0] if all(name in score for way in WAYS for score in judged[way])]
    result["judges"] = {
        name: {way: figures.mean([score[name] for score in judged[way]]) for way in WAYS} for name in names
    }
    music, speech = (result["domains"][name]["curriculum_ahead"]["value"] for name in ("music", "speech"))
    result["reached"] = {"music": music >= 0.10, "speech": speech >= 0}
    return result


def draw(runs: list[Path], path: Path) -> None:
    """Cross entropy in training over positions, and held-out at the end; one line and dot per way and seed."""
    from unimoe_train.evaluate.pictures import pyplot, save

    figure, axes = pyplot().subplots(1, len(DOMAINS), figsize=(5 * len(DOMAINS), 3.6), constrained_layout=True)
    for axis, domain in zip(axes, DOMAINS):
        for (way, log), colour in zip(WAYS.items(), ("C0", "C3")):
            for index, state in enumerate(map(State, runs)):
                x, y = curve(state, way, domain)
                axis.plot(x / 1e6, y, color=colour, alpha=0.6, linewidth=1, label=way if index == 0 else None)
                axis.plot(
                    tokens(state, way) / 1e6,
                    last(state.log(log), f"held_out_{domain}"),
                    "o",
                    color=colour,
                    markersize=4,
                    label=f"{way}, held out" if index == 0 else None,
                )
        axis.set(title=domain, xlabel="million positions", ylabel="cross entropy, nats per code")
        axis.legend(fontsize=8)
    save(figure, path)
