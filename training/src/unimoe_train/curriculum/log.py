"""Figures of a stage as CSV and as pictures."""

from pathlib import Path

import numpy as np

from unimoe_train.csvlog import read_csv
from unimoe_train.model.configuration import ModelConfiguration
from unimoe_train.recipe import DOMAINS

EXPERTS_SHOWN = 16


def columns(c: ModelConfiguration) -> list[str]:
    """Names of the CSV's columns. `use_DOMAIN_L_E`: share of the domain's tokens that layer L sends to expert E."""
    names = ["step", "seconds", "tokens", "tokens_per_second", "rate", "balance_weight", "gradient_norm", "balance"]
    names.append("capacity")
    for domain in DOMAINS:
        names += [f"{what}_{domain}" for what in ("loss", "held_out", "routed", "null", "shared_mass")]
        names += [f"loss_{domain}_{codebook}" for codebook in range(c.codebooks)]
        names += [f"plan_{channel.name}" for channel in c.written(domain)]
        experts = range(min(c.dynamic_experts, EXPERTS_SHOWN))
        names += [f"use_{domain}_{layer}_{e}" for layer in range(c.layers) for e in experts]
    return names


class Averages:
    """Running means of figures that come at every step."""

    def __init__(self, memory: float = 0.95):
        self.memory = memory
        self.values: dict[str, float] = {}

    def add(self, name: str, value: float) -> None:
        old = self.values.get(name, value)
        self.values[name] = self.memory * old + (1 - self.memory) * value


def draw(log: Path, picture: Path) -> None:
    """Draws a stage's log: loss per domain, routed experts and null share per token, balance, experts per layer."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    table = read_csv(log)
    if not table or not table["step"]:
        return
    x = np.array(table["tokens"]) / 1e6
    figure, axes = pyplot.subplots(2, 3, figsize=(15, 8), constrained_layout=True)
    draw_lines(axes[0, 0], x, table, ("loss", "held_out"), "cross entropy, nats per code")
    draw_lines(axes[0, 1], x, table, ("routed",), "routed experts per token")
    draw_lines(axes[0, 2], x, table, ("null",), "share of tokens with a null expert")
    axes[1, 0].plot(x, table["balance"])
    axes[1, 0].set_title("load-balancing loss")
    for axis, domain in zip(axes[1, 1:], DOMAINS):
        draw_use(axis, table, domain)
    for axis in axes.flat[:4]:
        axis.set_xlabel("million positions")
    picture.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(picture, dpi=90)
    pyplot.close(figure)


def draw_lines(axis, x: np.ndarray, table: dict[str, list[float]], names: tuple[str, ...], title: str) -> None:
    for domain in DOMAINS:
        for name in names:
            y = np.array(table[f"{name}_{domain}"])
            known = np.isfinite(y)
            if known.any():
                axis.plot(
                    x[known], y[known], "o-" if name == "held_out" else "-", markersize=3, label=f"{domain} {name}"
                )
    axis.set_title(title)
    if axis.lines:
        axis.legend()


def draw_use(axis, table: dict[str, list[float]], domain: str) -> None:
    """Layers x experts, the last row of the log."""
    cells = {
        tuple(map(int, name.split("_")[2:])): column[-1]
        for name, column in table.items()
        if name.startswith(f"use_{domain}_")
    }
    axis.set_title(f"{domain}: share of tokens per expert (last: null)")
    axis.set_xlabel("expert")
    axis.set_ylabel("layer")
    if not cells or not np.isfinite(list(cells.values())).any():
        axis.text(0.5, 0.5, "no experts here", ha="center", va="center", transform=axis.transAxes)
        return
    grid = np.zeros((1 + max(layer for layer, _ in cells), 1 + max(e for _, e in cells)))
    for place, value in cells.items():
        grid[place] = value
    picture = axis.imshow(grid, vmin=0, vmax=1, aspect="auto", cmap="magma")
    axis.figure.colorbar(picture, ax=axis)
