"""The steps of an adaptation. Each leaves files in the state folder, and does nothing where these are there."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from unimoe_train import needs, packed
from unimoe_train.adaptation import base, estimate, report, shares
from unimoe_train.adaptation.estimate import in_words
from unimoe_train.alignment.clips import align_sets
from unimoe_train.codec import checkpoint, initial
from unimoe_train.codec.encode import encode_set, is_encoded
from unimoe_train.codec.quantiser import Quantiser
from unimoe_train.commands.stage_options import prepare
from unimoe_train.curriculum import history, joint, learned, origin
from unimoe_train.curriculum.snapshot import facts
from unimoe_train.curriculum.stage import Counters
from unimoe_train.curriculum.surroundings import Surroundings
from unimoe_train.data import layouts, manifest, recordings
from unimoe_train.data.clips import ClipSet
from unimoe_train.data.layouts import Found
from unimoe_train.errors import BadInput
from unimoe_train.evaluate import words
from unimoe_train.export.checkpoint import LEXICON, check_place, export
from unimoe_train.packed import ENDING
from unimoe_train.plan.front_end import say_sets
from unimoe_train.program import find_program
from unimoe_train.recipe import DOMAINS, MUSIC, SPEECH, Recipe
from unimoe_train.state import State

DIGITS = "0123456789"
NO_PACKED = "without packed sets (--packed) the model may forget what it could"


@dataclass
class Step:
    name: str
    work: Callable[[], str]  # returns what is to be said of it
    seconds: float  # about so many


@dataclass
class Adaptation:
    """Recordings, a model, and what becomes of them. `arguments` are those of `commands.adapt`."""

    arguments: argparse.Namespace
    recipe: Recipe
    state: State
    program: Path = field(init=False)

    @property
    def model(self) -> Path:
        return self.arguments.model

    @property
    def output(self) -> Path:
        return self.arguments.output

    @cached_property
    def folder(self) -> Path | None:
        """The packed sets that the model must not forget."""
        codec = self.model / "codec"
        return self.arguments.packed or packed.with_codes_of(initial.quantiser_of(codec, checkpoint.load(codec)))

    def run(self) -> None:
        found = self.checked()
        steps = self.steps(found)
        left = sum(step.seconds for step in steps)
        training = f"{self.arguments.steps} steps" if self.counts_steps else in_words(self.training_left)
        say(f"takes {training} of training and about {in_words(left - self.training_left)} for the rest")
        for notice in self.notices(found):
            say(notice)
        for number, step in enumerate(steps, 1):
            done = step.work()
            left -= step.seconds
            rest = f"; about {in_words(left)} left" if number < len(steps) else ""
            say(f"{number} of {len(steps)}, {step.name}: {done}{rest}")

    def checked(self) -> Found:
        """What there is to learn from. Throws `BadInput` for all that would stop the adaptation later."""
        needs.check("the picture of a training", packages=["matplotlib"])
        self.program = find_program(self.arguments.program)
        check_place(self.output)
        if self.output.exists() and self.output.samefile(self.model):
            raise BadInput("--output", expected="another folder than that of --model", found=self.output)
        fact = facts(self.state, joint.NAME)
        if fact and fact.get("origin") != origin.digest(self.model):
            raise BadInput(
                self.state.root, expected=f"an adaptation of {self.model}", found="one of another: name another --state"
            )
        if self.output.exists() and any(self.output.iterdir()) and not fact:
            raise BadInput(self.output, expected="nothing yet", found="a model: name another --output")
        if self.folder and not (self.folder / packed.QUANTISER).exists():
            raise BadInput(self.folder, expected="packed sets (`unimoe-train pack`)", found="none")
        found = layouts.find(self.arguments.data)
        self.check_names(found)
        return found

    def check_names(self, found: Found) -> None:
        """Throws `BadInput` where a voice of the model, or a packed set, would be replaced by recordings of its name."""
        sets = {path.name.removesuffix(ENDING) for path in self.folder.glob(f"*{ENDING}")} if self.folder else set()
        sets = sets | {name for names in packed.uses(self.state).values() for name in names}
        sets = sets | {name.rstrip(DIGITS) for name in sets}  # the voice whose sets are NAME0, NAME1, ...
        voices = set() if self.arguments.replace else set(base.voices(self.model))
        for collection in found.collections:
            name, wanted = collection.name, ""
            if name in sets:
                wanted = "a name that no packed set has"
            elif collection.kind == SPEECH and name in voices:
                wanted = "a name that no voice of the model has, or --replace to take its place"
            if wanted:
                raise BadInput(collection.source, expected=wanted, found=name)

    def notices(self, found: Found) -> list[str]:
        """What will be missing."""
        speaks = any(collection.kind == SPEECH for collection in found.collections)
        lacking = [] if self.folder or packed.uses(self.state) else [f"warning: {NO_PACKED}"]
        if speaks and (reason := words.missing()):
            lacking.append(f"the report will tell no words: {reason}; training/README.md tells how to install it")
        return lacking

    @property
    def training_left(self) -> float:
        """Seconds."""
        fact = facts(self.state, joint.NAME)
        spent = fact["counters"]["seconds"] if fact else 0.0
        return max(0.0, 60 * self.minutes - spent)

    @property
    def counts_steps(self) -> bool:
        return self.arguments.steps is not None and self.arguments.minutes is None

    @property
    def minutes(self) -> float:
        if self.counts_steps:
            return 0.0  # nobody knows how long these take
        given = self.arguments.minutes
        return self.recipe.curriculum.joint.minutes if given is None else given

    def steps(self, found: Found) -> list[Step]:
        sound = estimate.SOUND * estimate.recorded_seconds(found)
        takes = 4 * estimate.TAKE * self.recipe.evaluate.sentences / self.arguments.threads
        return [
            *([Step("packed sets", self.unpack, estimate.packed_seconds(self.folder))] if self.folder else []),
            Step("recordings", self.take, sound / 3),
            Step("codes", self.encode, sound / 3),
            *([Step("phonemes", self.align, sound / 3)] if self.recipe.model.plan else []),
            Step("training", self.train, self.training_left + estimate.COMPILING * self.recipe.curriculum.compile),
            Step("model", self.export, estimate.WRITING / 3),
            Step("report", self.report, takes + estimate.WRITING * 2 / 3),
        ]

    # ---- the steps

    def unpack(self) -> str:
        initial.take(self.model / "codec", self.state)
        with self.state.locked("data"):
            new = list(packed.unpack(self.folder, self.state))
        return f"{len(new)} new ones of {self.folder}"

    def take(self) -> str:
        data, arguments = self.recipe.data, self.arguments
        with self.state.locked("data"):
            recordings.import_folder(self.state, data, arguments.data, say, arguments.replace, self.recipe.model.plan)
            data.add_recordings(self.state.root / "data")
            manifest.write(self.state, data)
        seconds = sum(ClipSet(self.state, name).seconds for name in self.own_sets)
        names = data.recorded_speech + data.recorded_music
        return f"{', '.join(names)}; {in_words(seconds)} of sound to learn from and to judge by"

    @property
    def own_sets(self) -> list[str]:
        """All that was imported, and what of it is held out."""
        data = self.recipe.data
        return [*data.recorded_speech, *data.recorded_music, *data.recorded_test_sets()]

    def encode(self) -> str:
        with self.state.locked("codec"):
            initial.take(self.model / "codec", self.state)
            quantiser = Quantiser.load(self.state.path("quantiser.pt"))
            todo = [name for name in self.own_sets if not is_encoded(self.state, name)]
            frames = sum(encode_set(self.state, name, quantiser) for name in todo)
        return f"{frames:,} code frames" if todo else "made before"

    def align(self) -> str:
        """How the texts sound by the model's own lexicon, and when."""
        speech = self.recipe.data.recorded_speech
        sets = [name for voice in speech for name in (voice, f"{voice}test")]
        if not sets:
            return "no speech"
        lexicon, said = self.model / LEXICON, []
        with self.state.locked("alignment"):
            say_sets(self.state, sets, str(self.program), lexicon if lexicon.exists() else None, said.append)
            align_sets(self.state, sets, said.append)
        return said[-1]

    @cached_property
    def around(self) -> Surroundings:
        """Everything that is learned from, shared out."""
        data, curriculum = self.recipe.data, self.recipe.curriculum
        data.kept = packed.uses(self.state)
        recorded = {SPEECH: data.recorded_speech, MUSIC: data.recorded_music}
        own = {domain for domain in DOMAINS if recorded[domain]}
        kept = {domain for domain in DOMAINS if data.kept.get(domain)}
        shares.share_out(curriculum, own, kept)
        return prepare(self.arguments, self.recipe, self.state, [joint.NAME], self.model)

    def train(self) -> str:
        around, budget = self.around, self.recipe.curriculum.joint
        fact = facts(self.state, joint.NAME)
        if fact and fact["done"] and Counters(**fact["counters"]).done(budget) >= 1:
            new = learned.unlearned(self.state, joint.NAME, learned.sets(around, list(DOMAINS)))
            more = f", but not {', '.join(new)}: more --minutes learn what is new" if new else ""
            return f"done before{more}"
        joint.train(around, extend=True, initial=self.model)
        counters = facts(self.state, joint.NAME)["counters"]
        return f"{counters['step']:,} steps in {in_words(counters['seconds'])}"

    def export(self) -> str:
        stages = history.of(self.state, joint.NAME)
        if self.output.exists() and history.read(self.output) == stages:
            return f"{self.output} was written before"
        export(
            self.recipe, self.state, joint.NAME, self.output, codec_directory=self.model / "codec", source=self.model
        )
        return f"wrote {self.output}, voices {', '.join(base.voices(self.output)) or 'none'}"

    def report(self) -> str:
        if report.is_written(self.state, self.output):
            return f"{self.state.root / report.JSON} was written before"
        for line in report.write(self.around, self.model, self.output, self.program, self.arguments.threads):
            say(line)
        return f"{self.state.root / report.JSON}, {report.PICTURE}, sounds"


def say(line: str) -> None:
    print(line, flush=True)
