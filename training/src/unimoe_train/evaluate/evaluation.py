"""What every part of an evaluation works with."""

import hashlib
import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from unimoe_train.codec import checkpoint
from unimoe_train.codec.dac import DAC
from unimoe_train.codec.quantiser import Quantiser
from unimoe_train.errors import BadInput
from unimoe_train.evaluate.generation import Engine, Take
from unimoe_train.evaluate.instrument import InstrumentJudge
from unimoe_train.evaluate.mode import ModeJudge
from unimoe_train.evaluate.requests import music_requests, speech_requests
from unimoe_train.evaluate.voice import VoiceJudge
from unimoe_train.evaluate.words import Listener
from unimoe_train.program import find_program
from unimoe_train.recipe import Recipe
from unimoe_train.state import State, replacing

NOT_HEARD = ("README.md", "training.json")  # files of a model that change nothing of what it makes


@dataclass
class Evaluation:
    """One model under test. Judges are made when a part first asks for them."""

    state: State
    recipe: Recipe
    model: Path | None = None  # the exported checkpoint directory; without one only judges and codec are measured
    program: str | None = None
    threads: int = 1

    @property
    def folder(self) -> Path:
        """Where what is made and measured is kept."""
        return self.state.path("evaluate", self.model.resolve().name if self.model else "judges", "x").parent

    def forget_other_model(self) -> None:
        """Removes what was made and measured with another model of the same name, or with other sampling defaults."""
        if self.model is None:
            return
        digest = hashlib.sha256()
        for path in sorted(self.model.rglob("*")):
            if path.is_file() and path.name not in NOT_HEARD:
                digest.update(str(path.relative_to(self.model)).encode())
                digest.update(path.read_bytes())
        note = self.folder / "model.sha256"
        if note.exists() and note.read_text() != digest.hexdigest():
            shutil.rmtree(self.folder)
        if not note.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            with replacing(note) as path:
                path.write_text(digest.hexdigest())

    @cached_property
    def engine(self) -> Engine:
        if self.model is None:
            raise BadInput("--model", expected="the directory of a model", found="none")
        return Engine(find_program(self.program), self.model, self.folder / "takes", self.threads)

    @cached_property
    def codec(self) -> DAC:
        """The model's codec, or without a model the one that `codec` made."""
        return checkpoint.load(self.model / "codec" if self.model else self.state.path("codec", "x").parent)

    @cached_property
    def quantiser(self) -> Quantiser:
        return Quantiser.load(self.state.path("quantiser.pt"))

    @cached_property
    def listener(self) -> Listener:
        return Listener(self.threads)

    @cached_property
    def voice_judge(self) -> VoiceJudge:
        return VoiceJudge(self.state, {name: self.recipe.data.parts(name)[0] for name in self.recipe.data.voices})

    @cached_property
    def composed_sets(self) -> list[str]:
        """The sets of composed pieces, whose attributes are known."""
        return list(self.recipe.data.music)

    @cached_property
    def instrument_judge(self) -> InstrumentJudge:
        return InstrumentJudge(self.state, self.composed_sets)

    @cached_property
    def mode_judge(self) -> ModeJudge:
        return ModeJudge(self.state, self.composed_sets)

    def speech_takes(self, count: int) -> list[Take]:
        return self.engine.takes(speech_requests(self.state, self.recipe, count))

    def music_takes(self, count: int) -> list[Take]:
        return self.engine.takes(music_requests(self.state, self.recipe, count))
