"""Tables that tell what is said in sounds, or which captions music has."""

import json
from dataclasses import dataclass
from pathlib import Path

from unimoe_train.data import transcripts
from unimoe_train.data.sound_file import SUFFIXES
from unimoe_train.errors import BadInput

LJ_SPEECH, CAPTIONS = "metadata.csv", "captions.json"
SPEAKER_COLUMNS = ("client_id", "speaker", "speaker_id", "speaker_name", "spk_id", "voice")


@dataclass(frozen=True)
class Entry:
    """A row of a table."""

    number: int  # of its line; 0: there are no lines
    name: str  # of its sound, with or without folder and suffix
    text: str = ""
    speaker: str = ""
    captions: tuple[str, ...] = ()
    problem: str = ""  # why it tells nothing


def read(path: Path) -> list[Entry]:
    """The rows of a file, if it is a table. Throws `BadInput` where it is one that cannot be read."""
    if path.name.lower() == LJ_SPEECH:
        return lj_speech(path)
    return {".tsv": tsv, ".json": captions}.get(path.suffix.lower(), lambda path: [])(path)


def lj_speech(path: Path) -> list[Entry]:
    """NAME|text, or NAME|text|the text as it is read aloud."""
    rows = [(n, line.split("|")) for n, line in enumerate(_lines(path), 1) if line.strip()]
    if not any(len(row) in (2, 3) for _, row in rows):
        raise BadInput(path, expected="lines NAME|text or NAME|text|text as read aloud", found="none")
    entries = []
    for number, row in rows:
        # An empty third column stands for a text that is read as it is written.
        said, name = next((text for text in reversed(row[1:]) if text.strip()), ""), row[0].strip()
        problem = "" if name else f"line {number} names no file"
        if len(row) not in (2, 3):
            problem = f"line {number}: expected 2 or 3 columns with | between them, found {len(row)}"
        entries.append(Entry(number, name, said, problem=problem))
    return entries


def tsv(path: Path) -> list[Entry]:
    """Rows of a table whose header names path and sentence; of another one none."""
    rows = [line.split("\t") for line in _lines(path)]
    header = [name.strip().lower() for name in rows[0]]
    if not {"path", "sentence"} <= set(header):
        return []
    speaker = next((name for name in SPEAKER_COLUMNS if name in header), "")
    entries = []
    for number, row in enumerate(rows[1:], 2):
        if any(row):
            fields = dict(zip(header, map(unquoted, row)))
            name = fields.get("path", "").strip()
            problem = "" if name else f"line {number} names no file"
            who = fields.get(speaker, "").strip()
            entries.append(Entry(number, name, fields.get("sentence", ""), who, problem=problem))
    return entries


def captions(path: Path) -> list[Entry]:
    """A JSON's captions by the names of their sounds; of another JSON than `CAPTIONS` nothing where it has none."""
    is_told = path.name.lower() == CAPTIONS
    try:
        found = captions_in(json.loads(transcripts.read(path)))
    except (ValueError, BadInput) as error:
        if not is_told:
            return []
        raise BadInput(path, f"cannot be read: {error}") from None
    if found is None and is_told:
        raise BadInput(
            path, expected='{"NAME.wav": ["a caption"]} or [{"path": "NAME.wav", "caption": ...}]', found="else"
        )
    return [Entry(0, name, captions=mine) for name, mine in (found or {}).items()]


def _lines(path: Path) -> list[str]:
    return transcripts.lines(transcripts.read(path))


def captions_in(table: object) -> dict[str, tuple[str, ...]] | None:
    """The captions of a JSON, if it is one of captions."""
    if isinstance(table, list) and all(isinstance(entry, dict) for entry in table):
        pick = lambda entry, *names: next((entry[name] for name in names if name in entry), None)
        pairs = [
            (pick(entry, "path", "file", "file_name", "audio"), pick(entry, "captions", "caption")) for entry in table
        ]
    elif isinstance(table, dict):
        pairs = list(table.items())
    else:
        return None
    found = {}
    for name, captions in pairs:
        captions = [captions] if isinstance(captions, str) else captions
        if not isinstance(name, str) or not isinstance(captions, list) or not all(isinstance(c, str) for c in captions):
            return None
        found[name] = tuple(caption for caption in captions if caption.strip())
    # Only names of sounds tell a list of captions from a file of settings.
    return found if any(Path(name).suffix.lower() in SUFFIXES for name in found) else None


def unquoted(field: str) -> str:
    """A field of a table whose writer puts those with a quotation mark between quotation marks."""
    is_quoted = len(field) > 1 and field[0] == field[-1] == '"' and '"' not in field[1:-1].replace('""', "")
    return field[1:-1].replace('""', '"') if is_quoted else field
