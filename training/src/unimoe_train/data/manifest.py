"""data/manifest.json: what every data set is, where it came from and under which licence; the model card quotes it."""

import importlib.metadata
import subprocess
from pathlib import Path

from unimoe_train.data.clips import is_made
from unimoe_train.data.rendering import find_sound_font
from unimoe_train.data.teachers import TEACHERS
from unimoe_train.recipe import DataRecipe, Voice
from unimoe_train.state import State, read_json, write_json

SENTENCE_SOURCES = {
    "fortunes": "quotations; public domain and as stated in the package",
    "dict-gcide": "GNU Collaborative International Dictionary of English; GPL-3.0-or-later",
    "wamerican": "word list; public domain",
}
SOUND_FONT_LICENCE = "MIT (FluidR3 GM)"


def package_version(name: str) -> str:
    """The installed version of a Python distribution, or nothing."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def debian_version(name: str) -> str:
    """The installed version of a Debian package, or nothing."""
    try:
        answer = subprocess.run(
            ["dpkg-query", "-W", "-f", "${Version}", name], check=False, capture_output=True, text=True
        )
    except FileNotFoundError:
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""


def describe(state: State, recipe: DataRecipe) -> dict:
    """The manifest of the sets that are made."""
    sets = {
        name: _size(state, name)
        for name in recipe.speech_sets()
        + recipe.music_sets()
        + recipe.test_sets()
        + recipe.prompt_sets()
        + recipe.unheard_sets()
        + recipe.tour_sets()
        + list(recipe.recordings)
        if is_made(state, name)
    }
    return {
        "rate": state.sample_rate,
        "sentences": {
            package: {"version": debian_version(package), "what": what} for package, what in SENTENCE_SOURCES.items()
        },
        "voices": {name: _voice(recipe, name) for name in recipe.voices},
        "unheard": {name: _source(voice) for name, voice in recipe.unheard.items()},
        "music": {name: _music(recipe, name) for name in recipe.music if made_of(state, name)},
        "packaged": {name: _packaged(recipe, name) for name in recipe.recordings},
        "recordings": {
            name: {key: value for key, value in read_json(recordings_note(state, name)).items() if key != "files"}
            for name in recipe.recorded_speech + recipe.recorded_music
        },
        "sets": sets,
        "hours": round(sum(entry["seconds"] for entry in sets.values()) / 3600, 2),
    }


def made_of(state: State, name: str) -> bool:
    """Whether there is anything of some music: only then its SoundFont has to be here."""
    return is_made(state, name) or is_made(state, f"{name}test")


def write(state: State, recipe: DataRecipe) -> Path:
    path = state.path("data", "manifest.json")
    write_json(path, describe(state, recipe))
    return path


def recordings_note(state: State, name: str) -> Path:
    """What is known of imported recordings: folder, licence, clips."""
    return state.path("data", f"{name}.recordings.json")


def _size(state: State, name: str) -> dict:
    clips = read_json(state.clips(name))
    kind = "speech" if clips[0]["kind"] == "s" else "music"
    return {
        "kind": kind,
        "clips": len(clips),
        "seconds": round(sum(clip["n"] for clip in clips) / state.sample_rate, 1),
    }


def _voice(recipe: DataRecipe, name: str) -> dict:
    return {**_source(recipe.voices[name]), "sets": recipe.parts(name), "test": f"{name}test"}


def _source(source: Voice) -> dict:
    teacher = TEACHERS[source.teacher]
    versions = {package: package_version(package) for package in teacher.packages}
    versions |= {package: debian_version(package) for package in (*teacher.programs, *teacher.debian)}
    return {
        "teacher": teacher.name,
        "voice": source.voice,
        "mixture": source.mixture,
        "pitch": source.pitch,
        "formants": source.formants,
        "speed": source.speed,
        "source": teacher.source,
        "licence": teacher.licence,
        "versions": versions,
    }


def _packaged(recipe: DataRecipe, name: str) -> dict:
    source = recipe.recordings[name]
    return {
        "speakers": source.speakers,
        "licence": source.licence,
        "versions": {source.package: debian_version(source.package)},
        "band": source.band,
        "held_out": source.held_out,
    }


def _music(recipe: DataRecipe, name: str) -> dict:
    return {
        "composer": "unimoe-audio score",
        "sound_font": find_sound_font(recipe.sound_font).name,
        "licence": SOUND_FONT_LICENCE,
        "versions": {package: debian_version(package) for package in ("fluidsynth", "fluid-soundfont-gm")},
        "test": f"{name}test",
    }
