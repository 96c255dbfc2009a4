"""Tables that tell what is said in sounds, or which captions music has.

metadata.csv        LJSpeech: NAME|text or NAME|text|the text as it is read aloud; or columns with a header, see `headed`
NAME.tsv            Common Voice: columns whose header names path, sentence and maybe a speaker's
NAME.trans.txt      LibriSpeech: NAME TEXT
etc/txt.done.data   Festvox: ( NAME "text" )
captions.json       {"NAME.wav": "a caption" or ["captions", ...]}, or [{"path": ..., "caption": ...}]
"""

import csv
import json
import re
from dataclasses import dataclass
from pathlib import Path

from unimoe_train.data import transcripts
from unimoe_train.data.sound_file import SUFFIXES
from unimoe_train.errors import BadInput

LJ_SPEECH, CAPTIONS, LIBRI_SPEECH, FESTVOX = "metadata.csv", "captions.json", ".trans.txt", "txt.done.data"
NAME_COLUMNS = ("path", "file_name", "filename", "file", "audio", "audio_file", "audio_path", "wav", "id", "name")
TEXT_COLUMNS = (
    "normalized_text",
    "normalized_transcription",
    "normalized",
    "sentence",
    "transcription",
    "transcript",
    "text",
)
SPEAKER_COLUMNS = ("client_id", "speaker", "speaker_id", "speaker_name", "spk_id", "voice")
PROMPT = re.compile(r'\s*\(\s*(\S+)\s+"(.*)"\s*\)\s*')


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
    name, suffix = path.name.lower(), path.suffix.lower()
    if name == LJ_SPEECH:
        return lj_speech(path)
    if name == FESTVOX:
        return [prompt(number, line) for number, line in _told(path)]
    if name.endswith(LIBRI_SPEECH):
        return [utterance(number, line) for number, line in _told(path)]
    return {".tsv": tsv, ".json": captions}.get(suffix, lambda path: [])(path)


def is_table(path: Path) -> bool:
    """Whether a file that might be a text is one of many sounds."""
    return path.name.lower().endswith(LIBRI_SPEECH)


def lj_speech(path: Path) -> list[Entry]:
    """NAME|text, or NAME|text|the text as it is read aloud."""
    rows = [(number, line.split("|")) for number, line in _told(path)]
    header = [cell.strip().lower() for cell in rows[0][1]] if rows else []
    if tells(header):
        return headed(header, rows[1:])
    if comma_separated := _commas(path):
        return comma_separated
    if not any(len(row) in (2, 3) for _, row in rows):
        raise BadInput(path, expected="lines NAME|text or NAME|text|text as read aloud", found="none")
    if name := speaker_among([row for _, row in rows]):
        expected = "NAME|text|text as read aloud, or a first line such as file|text|speaker"
        raise BadInput(path, expected=expected, found=f"a column with {name!r} again and again")
    entries = []
    for number, row in rows:
        # An empty third column stands for a text that is read as it is written.
        said, name = next((text for text in reversed(row[1:]) if text.strip()), ""), row[0].strip()
        problem = "" if name else f"line {number} names no file"
        if len(row) not in (2, 3):
            problem = f"line {number}: expected 2 or 3 columns with | between them, found {len(row)}"
        entries.append(Entry(number, name, said, problem=problem))
    return entries


def speaker_among(rows: list[list[str]]) -> str:
    """One of a few names that stand where LJSpeech has texts, in the second column or the third."""
    full = [[cell.strip() for cell in row] for row in rows if len(row) == 3 and row[2].strip()]
    for names, texts in (
        ({row[1] for row in full}, {row[2] for row in full}),
        ({row[2] for row in full}, {row[1] for row in full}),
    ):
        if len(full) > 3 and 2 * len(names) <= len(texts) and not names & texts:
            return min(names)
    return ""


def tsv(path: Path) -> list[Entry]:
    """Rows of a table whose header names a file and what is said; of another one none."""
    rows = [[unquoted(field) for field in line.split("\t")] for line in _whole(_lines(path))]
    header = [name.strip().lower() for name in rows[0]]
    names_only = [name for name in header if name not in ("id", "name")]  # as of a list of speakers
    return headed(header, list(enumerate(rows[1:], 2))) if tells(names_only) else []


def tells(header: list[str]) -> bool:
    return any(name in header for name in NAME_COLUMNS) and any(name in header for name in TEXT_COLUMNS)


def headed(header: list[str], rows: list[tuple[int, list[str]]]) -> list[Entry]:
    """Rows with the numbers of their lines, by the first column of each kind that a header has."""
    name, text, speaker = (
        next((column for column in columns if column in header), "")
        for columns in (NAME_COLUMNS, TEXT_COLUMNS, SPEAKER_COLUMNS)
    )
    entries = []
    for number, row in rows:
        if any(row):
            fields = dict(zip(header, row))
            problem = "" if fields.get(name, "").strip() else f"line {number} names no file"
            if any(row[len(header) :]):
                problem = f"line {number}: expected {len(header)} columns, found {len(row)}"
            who = fields.get(speaker, "").strip()
            entries.append(Entry(number, fields.get(name, "").strip(), fields.get(text, ""), who, problem=problem))
    return entries


def utterance(number: int, line: str) -> Entry:
    """NAME TEXT, as in LibriSpeech."""
    name, _, text = line.strip().partition(" ")
    return Entry(number, name, text)


def prompt(number: int, line: str) -> Entry:
    """( NAME "text" ), as Festvox has it."""
    if found := PROMPT.fullmatch(line):
        return Entry(number, found[1], found[2].replace('\\"', '"'))
    return Entry(number, "", problem=f'line {number}: expected ( NAME "text" ), found {line.strip()[:40]!r}')


def captions(path: Path) -> list[Entry]:
    """A JSON's captions by the names of their sounds; of another JSON than `CAPTIONS` nothing where it has none."""
    is_told = path.name.lower() == CAPTIONS
    try:
        found = captions_in(json.loads(transcripts.read(path)))
    except (ValueError, RecursionError, BadInput) as error:
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


def _told(path: Path) -> list[tuple[int, str]]:
    """The lines that are not empty, with their numbers."""
    return [(number, line) for number, line in enumerate(_lines(path), 1) if line.strip()]


def _whole(lines: list[str]) -> list[str]:
    """Lines of columns with tabs between them; what goes on in a next line, between quotation marks, is taken up, and leaves
    an empty line."""
    whole, last = list(lines), 0
    for number, line in enumerate(lines[1:], 1):
        before = whole[last].rpartition("\t")[2]
        if "\t" in whole[last] and "\t" not in line and before[:1] == '"' and unquoted(before) == before:
            whole[last], whole[number] = f"{whole[last]} {line}", ""
        else:
            last = number
    return whole


def _commas(path: Path) -> list[Entry]:
    """The rows of columns with commas, or semicolons, between them, as others than LJSpeech write `metadata.csv`."""
    for delimiter in ",;\t":
        reader = csv.reader([f"{line}\n" for line in _lines(path)], delimiter=delimiter)
        try:
            header = [cell.strip().lower() for cell in next(reader, [])]
            if tells(header):
                return headed(header, [(reader.line_num, row) for row in reader])
        except csv.Error as error:
            raise BadInput(f"{path}:{reader.line_num}", f"cannot be read: {error}") from None
    return []


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
