"""Pictures of the report."""

import textwrap
from pathlib import Path

import numpy as np

from unimoe_train.codec.losses import magnitude
from unimoe_train.evaluate.hearing import RATE
from unimoe_train.state import replacing

TITLE = 72  # characters over a spectrogram


def pyplot():
    """matplotlib's pyplot, without a display."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    return pyplot


def save(figure, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=110)
    pyplot().close(figure)


def bars(groups: dict[str, dict[str, dict]], title: str, label: str, path: Path, limit: float | None = None) -> None:
    """groups: what -> name -> figure with value, low and high. One cluster of bars per name."""
    names = {name for entries in groups.values() for name in entries}
    figure, axis = pyplot().subplots(figsize=(1.6 + 1.3 * len(names), 3.6), constrained_layout=True)
    draw_bars(axis, groups, title, label, limit)
    save(figure, path)


def draw_bars(axis, groups: dict[str, dict[str, dict]], title: str, label: str, limit: float | None = None) -> None:
    """The same on an axis of a picture."""
    names = list(dict.fromkeys(name for entries in groups.values() for name in entries))
    width = 0.8 / len(groups)
    for index, (what, entries) in enumerate(groups.items()):
        known = [(x, entries[name]) for x, name in enumerate(names) if entries.get(name, {}).get("value") is not None]
        x = [place + (index - (len(groups) - 1) / 2) * width for place, _ in known]
        value = np.array([entry["value"] for _, entry in known])
        error = [
            value - [entry.get("low", entry["value"]) for _, entry in known],
            [entry.get("high", entry["value"]) for _, entry in known] - value,
        ]
        axis.bar(x, value, width * 0.9, label=what, yerr=np.maximum(error, 0), capsize=3)
    if limit is not None:
        axis.axhline(limit, color="black", linestyle="--", linewidth=1, label="to reach")
    axis.set(xticks=range(len(names)), xticklabels=names, ylabel=label, title=title)
    axis.legend(fontsize=8)


def confusion(table: dict[str, dict[str, int]], title: str, path: Path) -> None:
    """table: wanted -> heard -> clips."""
    plot = pyplot()
    names = list(table)
    counts = np.array([[table[a][b] for b in names] for a in names], float)
    figure, axis = plot.subplots(figsize=(1.8 + 0.7 * len(names), 1.5 + 0.6 * len(names)), constrained_layout=True)
    axis.imshow(counts / np.maximum(counts.sum(1, keepdims=True), 1), vmin=0, vmax=1, cmap="Blues")
    for i, row in enumerate(counts):
        for j, count in enumerate(row):
            axis.text(j, i, f"{count:.0f}", ha="center", va="center")
    axis.set(
        xticks=range(len(names)),
        yticks=range(len(names)),
        xticklabels=names,
        yticklabels=names,
        xlabel="heard",
        ylabel="asked for",
        title=title,
    )
    save(figure, path)


def spectrograms(rows: list[list[tuple[str, np.ndarray]]], path: Path, seconds: float = 5.0) -> None:
    """rows of (title, samples [n]), drawn side by side on one scale of time, 0 to 8 kHz and 70 dB."""
    import torch

    plot = pyplot()
    columns = max(map(len, rows))
    figure, axes = plot.subplots(
        len(rows), columns, figsize=(4.2 * columns, 2.2 * len(rows)), squeeze=False, constrained_layout=True
    )
    for row_axes, row in zip(axes, rows):
        for axis, (title, samples) in zip(row_axes, row):
            level = 20 * np.log10(
                magnitude(torch.from_numpy(np.asarray(samples, np.float32))[None], 512)[0].numpy() + 1e-4
            )
            axis.imshow(
                level,
                origin="lower",
                aspect="auto",
                cmap="magma",
                vmin=level.max() - 70,
                vmax=level.max(),
                extent=(0, len(samples) / RATE, 0, RATE / 2000),
            )
            axis.set_xlim(0, seconds)
            axis.set_title(textwrap.shorten(title, TITLE, placeholder=" …"), fontsize=8)
            axis.set_ylabel("kHz", fontsize=7)
        for axis in row_axes[len(row) :]:
            axis.axis("off")
    save(figure, path)
