"""What the voices say, where a recipe mixes several kinds of texts: whole sentences, short utterances, long ones, and
sentences of the user's own. Figures are in words, so that what is read is what is written."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from unimoe_train.data import transcripts
from unimoe_train.data import vocabulary as v
from unimoe_train.data.templates import Templates, spoken_number
from unimoe_train.errors import BadInput
from unimoe_train.recipe import TEXT_KINDS
from unimoe_train.state import State, replacing

WRITTEN = "written.txt"
"""The user's own sentences in the state folder, a line each."""

LONG_PARTS = (2, 3)  # sentences of a long text
LONGEST = 180  # characters of a long text


@dataclass
class Drawer:
    """Draws texts for one set; `natural` are the sentences that only this set may use, which are drawn without
    replacement, `written` are the user's own."""

    rng: random.Random
    shares: dict[str, float]
    natural: list[str]
    written: Sequence[str]
    templates: Templates

    def draw(self) -> str:
        kinds = [kind for kind in TEXT_KINDS if self.shares.get(kind) and self._can(kind)]
        return getattr(self, f"_{self.rng.choices(kinds, [self.shares[kind] for kind in kinds])[0]}")()

    def _can(self, kind: str) -> bool:
        return {
            "natural": bool(self.natural),
            "written": bool(self.written),
            "long": len(self.natural) >= max(LONG_PARTS),
        }.get(kind, True)

    def _natural(self) -> str:
        return self.natural.pop()

    def _written(self) -> str:
        return self.rng.choice(self.written)

    def _templates(self) -> str:
        return self.templates.sentence()

    def _long(self) -> str:
        """Two or three sentences in a row."""
        text = self.natural.pop()
        for _ in range(self.rng.choice(LONG_PARTS) - 1):
            if len(text) + len(self.natural[-1]) < LONGEST:
                text += " " + self.natural.pop()
        return text

    def _short(self) -> str:
        """One to four words: single words, names, numbers, answers, questions."""
        one = self.rng.choice
        word = one(
            (
                lambda: one(v.PHRASES),
                lambda: one(v.NOUNS),
                lambda: one(v.ADJECTIVES),
                lambda: one(v.VERBS),
                lambda: one(v.ADVERBS),
                lambda: one(v.NAMES),
                lambda: one(v.PLACES),
                lambda: one(v.DAYS),
                lambda: one(self.templates.words),
                lambda: one(self.templates.words),
                lambda: spoken_number(self.rng.randint(0, one((20, 100, 999)))),
                lambda: f"{one(v.DETERMINERS)} {one(v.NOUNS)}",
                lambda: f"{one(v.ADJECTIVES)} {one(v.NOUNS)}",
                lambda: f"{one(v.VERBS)} {one(v.DETERMINERS)} {one(v.NOUNS)}",
                lambda: f"{one(v.WHY)} {one(v.NAMES)}?",
                lambda: f"{one(v.WHY)} {one(v.DETERMINERS)} {one(v.NOUNS)}?",
                lambda: f"{one(v.ANSWERS)}, {one(v.NAMES)}",
                lambda: one(v.ANSWERS),
            )
        )()
        text = word[0].upper() + word[1:]
        return text if text[-1] in ".?!" else text + self.rng.choices(".!?", (0.8, 0.1, 0.1))[0]


def import_lines(state: State, folder: Path) -> int:
    """Adds the sentences of a folder's text files to WRITTEN; returns how many there are then.

    NAME.txt holds a sentence a line; of the lines of NAME.tsv the last column is taken, what is read aloud.
    """
    lines = set(written(state))
    for path in sorted([*folder.glob("*.txt"), *folder.glob("*.tsv")]):
        for number, line in enumerate(transcripts.lines(transcripts.read(path)), 1):
            said = line.split("\t")[-1]
            if said.strip() and (fault := transcripts.fault(said)):
                raise BadInput(f"{path}:{number}", fault)
            lines.add(transcripts.tidy(said))
    lines.discard("")
    with replacing(state.path(WRITTEN)) as path:
        path.write_text("\n".join(sorted(lines)), encoding="utf-8")
    return len(lines)


def written(state: State) -> list[str]:
    """The user's own sentences, if there are any."""
    path = state.root / WRITTEN
    return path.read_text(encoding="utf-8").split("\n") if path.exists() else []
