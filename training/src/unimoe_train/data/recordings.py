"""Import of the user's own recordings: sets like the others, made of what `layouts` finds and `check` lets pass.

One clip in twenty is held out, at least one, and with it all clips of its file. What was imported stands in
data/NAME.recordings.json, so that a second import knows what is new and replaces nothing unasked.
"""

import os
import sys
from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from unimoe_train.data import check_report, layouts
from unimoe_train.data.check import Check, Sounding
from unimoe_train.data.clip_check import Limits
from unimoe_train.data.clips import ClipWriter, is_made
from unimoe_train.data.layouts import Collection, Found
from unimoe_train.data.manifest import recordings_note
from unimoe_train.errors import BadInput
from unimoe_train.interruption import Interruption, leave
from unimoe_train.progress import progress
from unimoe_train.recipe import SPEECH, DataRecipe
from unimoe_train.state import State, read_json, write_json

HELD_OUT = 20  # one clip in so many
LICENCES = ("LICENCE", "LICENSE")


@dataclass
class Import:
    """A collection whose clips are written, and not yet a set."""

    collection: Collection
    train: ClipWriter
    test: ClipWriter
    files: list[dict]  # as the note has them: {file, sound, words, held_out}
    before: list[dict] | None  # those of an earlier import; None: there was none

    @property
    def is_new(self) -> bool:
        return self.before is None or identity(self.files) != identity(self.before)

    @property
    def missing(self) -> int:
        """How many clips of the earlier import are not in this one."""
        return len(identity(self.before or []) - identity(self.files))


def identity(files: list[dict]) -> set[tuple[str, str]]:
    return {(entry["sound"], entry["words"]) for entry in files}


def import_folder(
    state: State,
    recipe: DataRecipe,
    folder: Path,
    say: Callable[[str], None],
    replace: bool = False,
    phonemes: bool = True,
) -> list[str]:
    """Makes the sets NAME and NAMEtest of every collection in a folder and returns their names; `say` hears what the check
    found. Throws `BadInput`, and changes nothing, where the check refuses or an earlier import has clips that this one
    lacks, unless it is to `replace` them."""
    found = layouts.find(folder)
    for collection in found.collections:
        check_name(collection, recipe)
    names = {collection.name for collection in found.collections}
    limits = Limits(state.sample_rate, recipe.longest, phonemes)
    check = Check(limits, others(state, names), notes=found.notes)
    with ExitStack() as stack:
        with bar(found, "import") as step:
            made = [write(collection, check, state, stack, step, replace) for collection in found.collections]
        for line in check_report.lines(check) if made else found.notes:
            say(line)
        check.refuse(folder)
        if lacking := [one for one in made if one.missing and not replace]:
            raise BadInput(folder, "; ".join(map(refusal, lacking)), expected="--replace to take these instead")
        for one in made:
            say(save(one, state, folder))
    return [collection.name for collection in found.collections]


@contextmanager
def bar(found: Found, title: str):
    """Progress over all files of a folder; ends the command where it is asked to stop."""
    total = sum(len(collection.recordings) for collection in found.collections)
    with Interruption() as stop, progress(title=title, total=total, unit="file") as shown:

        def step() -> None:
            shown.update(1)
            if stop:
                print(f"stopped; the {title} begins anew next time", file=sys.stderr)
                leave(speaks=False)

        yield step


def check_name(collection: Collection, recipe: DataRecipe) -> None:
    """Throws `BadInput` where a recipe's sets have the name of a collection's."""
    taken = {*recipe.voices, *recipe.music, *recipe.unheard, *recipe.recordings}
    taken |= {f"{name}{part}" for name in recipe.voices for part in recipe.part_numbers(name)}
    if collection.name in taken:
        raise BadInput(
            collection.source,
            f"collection {collection.name}",
            expected="a name that the recipe does not use",
            found="one of it",
        )


def others(state: State, names: set[str]) -> dict[str, str]:
    """The sounds of the collections that were imported before, and whose they are, without those of some names."""
    known = {}
    for note in sorted(state.root.glob("data/*.recordings.json")):
        name = note.name.removesuffix(".recordings.json")
        if name not in names:
            files = read_json(note).get("files", [])
            known |= {entry["sound"]: f"{entry['file']} of {name}, imported before" for entry in files}
    return known


def write(
    collection: Collection, check: Check, state: State, stack: ExitStack, step: Callable[[], None], anew: bool
) -> Import:
    """Writes the clips of a collection to files that vanish with `stack` unless they are saved. Unless it is done `anew`,
    what was held out stays so: the model may have learned the rest."""
    train, test = (
        ClipWriter(stack.enter_context(spool(state, name))) for name in (collection.name, f"{collection.name}test")
    )
    before, files = imported(state, collection.name), []
    held_out = {} if anew else {entry["sound"]: entry["held_out"] for entry in before or []}
    for one in check.of(collection, step):
        wanted = max(1, (len(train.clips) + len(test.clips)) // HELD_OUT)
        is_held_out = held_out.get(one.sound, len(test.clips) < wanted)
        for clip in one.clips:
            (test if is_held_out else train).append(clip, **fields(collection, one))
        entry = {
            "file": layouts.shown(one.recording.path),
            "sound": one.sound,
            "words": one.words,
            "held_out": is_held_out,
        }
        files.append(entry)
    train.close(), test.close()
    return Import(collection, train, test, files, before)


def fields(collection: Collection, one: Sounding) -> dict:
    """What a set's list says of a clip."""
    if collection.kind == SPEECH:
        return {"kind": "s", "voice": collection.name, "text": one.text}
    return {"kind": "m", "caps": one.text.split("\n")}


@contextmanager
def spool(state: State, name: str):
    """A file that is gone at the end, unless it was renamed."""
    path = state.sound(name).with_name(f".{name}.{os.getpid()}.npy")
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def imported(state: State, name: str) -> list[dict] | None:
    """The files of an earlier import; of one that did not write them down, one that nothing equals."""
    path = recordings_note(state, name)
    if not path.exists() or not is_made(state, name):
        return None
    unknown = [{"file": "", "sound": "", "words": "", "held_out": False}]
    return read_json(path).get("files", unknown)


def refusal(one: Import) -> str:
    count = len(one.before)
    return f"collection {one.collection.name} was imported before, and {one.missing} of its {count} files are not here"


def save(one: Import, state: State, folder: Path) -> str:
    """Makes a collection's sets; returns what is to say of it."""
    name, note = one.collection.name, recordings_note(state, one.collection.name)
    if not one.is_new:
        return f"{name}: imported before, nothing new"
    note.unlink(missing_ok=True)  # a set without its note is none: a kill leaves nothing that is half of each
    one.train.save(state, name)
    one.test.save(state, f"{name}test")
    write_json(
        note,
        {
            "kind": one.collection.kind,
            "licence": licence(folder),
            "clips": len(one.train.clips) + len(one.test.clips),
            "sets": [name],
            "test": f"{name}test",
            "files": one.files,
        },
    )
    if one.before is None:
        return f"{name}, {name}test: imported"
    added = len(identity(one.files) - identity(one.before))
    what = "replaced" if one.missing else f"{added} files added"
    return f"{name}, {name}test: {what}; their codes and their plan are made anew"


def licence(folder: Path) -> str:
    """What a folder says of its licence, in UTF-8 or as older files have it."""
    for path in (folder / name for name in LICENCES):
        if path.is_file():
            data = path.read_bytes()
            try:
                return data.decode("utf-8-sig").strip()
            except UnicodeDecodeError:
                return data.decode("latin-1").strip()
    return "not stated"
