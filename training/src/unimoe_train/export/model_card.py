"""README.md of a checkpoint directory: what the model is, how it was made, of what, under which licences."""

from pathlib import Path

from unimoe_train import __version__
from unimoe_train.curriculum import history
from unimoe_train.model.configuration import ModelConfiguration
from unimoe_train.recipe import Recipe
from unimoe_train.state import State, read_json

DATA = "## Data and licences"
WORDS = "`lexicon.bin` is made of the CMU Pronouncing Dictionary (BSD-2-Clause) and ends with its licence."


def write(
    recipe: Recipe,
    state: State,
    stage: str,
    c: ModelConfiguration,
    parameters: int,
    voices: list[str],
    has_lexicon: bool = False,
    carried: Path | None = None,
) -> str:
    """The card's text. `carried`: the checkpoint that the training began with, whose card tells of the data before."""
    title = recipe.export.title or recipe.name
    lines = [
        f"# {title}",
        "",
        "Speaks English and composes: a model of the UniMoE-Audio architecture, trained by `unimoe-train` "
        f"{__version__} with the recipe `{recipe.name}`.",
        "",
        "| | |",
        "|---|---|",
        f"| decoder | {c.layers} layers of width {c.hidden}; {c.experts} routed, {c.null_experts} null and "
        f"{c.shared_experts} shared experts per layer; bf16; {parameters / 1e6:.1f} million parameters |",
        f"| codec | DAC, {c.codebooks} codebooks, 50 code frames per second, {state.sample_rate / 1000:g} kHz mono |",
        f"| tokenizer | byte-level BPE with {c.vocabulary} tokens |",
        f"| voices | {', '.join(f'`{voice}`' for voice in voices) or 'none'} |",
        "",
        "## Training",
        "",
        "| stage | steps | million positions | minutes |",
        "|---|---|---|---|",
    ]
    for part in history.of(state, stage):
        positions, minutes = part["positions"] / 1e6, part["seconds"] / 60
        lines.append(f"| {part['stage']} | {part['steps']} | {positions:.1f} | {minutes:.0f} |")
    lines += ["", "Positions are prompt tokens and code frames together.", "", DATA, ""]
    lines += data_lines(state) + (["", WORDS] if has_lexicon else [])
    if before := data_section(carried):
        lines += ["", "### Before", "", "The training went on from a model whose card says of its data:", "", *before]
    return "\n".join(lines) + "\n"


def data_section(carried: Path | None) -> list[str]:
    """What the card of a checkpoint says of data and licences."""
    path = carried / "README.md" if carried else None
    if path is None or not path.exists():
        return []
    text = path.read_text(encoding="utf-8", errors="replace")
    return text.partition(f"{DATA}\n")[2].strip().splitlines()


def data_lines(state: State) -> list[str]:
    """What data/manifest.json tells."""
    path = state.path("data", "manifest.json")
    if not path.exists():
        return ["The state folder has no manifest of its data."]
    manifest = read_json(path)
    lines = [
        f"All of it, {manifest['hours']} hours, was made on one machine or imported there:",
        "",
        "| what | source | licence |",
        "|---|---|---|",
    ]
    for name, voice in manifest.get("voices", {}).items():
        versions = ", ".join(f"{package} {version}".strip() for package, version in voice["versions"].items())
        lines.append(f"| voice `{name}` | {voice['source']} ({versions}) | {voice['licence']} |")
    for name, music in manifest.get("music", {}).items():
        versions = ", ".join(f"{package} {version}" for package, version in music["versions"].items())
        lines.append(
            f"| music `{name}` | {music['composer']} with {music['sound_font']} ({versions}) | {music['licence']} |"
        )
    for package, source in manifest.get("sentences", {}).items():
        lines.append(f"| sentences | {package} {source['version']} | {source['what']} |")
    for name, source in manifest.get("packaged", {}).items():
        version = ", ".join(f"{package} {number}".strip() for package, number in source["versions"].items())
        use = (
            "the codec is judged by it, nothing learned from it"
            if source["held_out"]
            else "the codec alone learned from it"
        )
        lines.append(f"| recordings `{name}`: {source['speakers']}; {use} | {version} | {source['licence']} |")
    for name, note in manifest.get("recordings", {}).items():
        lines.append(f"| recordings `{name}` | imported | {note.get('licence', '')} |")
    return lines
