"""What the engine's program says: one implementation reads words, for the lexicon's maker too."""

import json
import subprocess
import tempfile
from pathlib import Path

from unimoe_train.errors import BadInput


def said(words: list[str], lexicon: bytes, program: str, by_letters: bool = False) -> list[tuple[str, ...]]:
    """The phonemes of each word, read with the lexicon of this file, or by the letters alone."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lexicon.bin"
        path.write_bytes(lexicon)
        how = ["--verbatim", "--by-letters"] if by_letters else []
        # An empty file in place of the user's own words, which are not to change what is found.
        own = Path(folder) / "words.txt"
        own.touch()
        command = [program, "text", "--lexicon", path, "--words", own, *how, "--lines", "--json", "-"]
        answer = subprocess.run(command, check=False, input="\n".join(words), capture_output=True, text=True)
    if answer.returncode:
        raise BadInput(program, f"failed: {answer.stderr.strip()}")
    return [tuple(p for word in json.loads(line)["phonemes"] for p in word) for line in answer.stdout.splitlines()]
