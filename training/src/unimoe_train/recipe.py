"""A recipe: everything that makes one model different from another, read from a TOML file.

Each section is a dataclass; its fields' comments tell meaning and unit, their types the range of every number. A key that
no field has, or a value of another type or out of its range, is an error that names the file and the key.
"""

import math
import tomllib
import types
import typing
from collections.abc import Iterable
from dataclasses import MISSING, dataclass, field, fields, is_dataclass, replace
from pathlib import Path

from unimoe_train.errors import BadInput
from unimoe_train.plan.walk import WalkSettings
from unimoe_train.ranges import (
    MANY,
    CodeFrames,
    Count,
    Delay,
    Experts,
    Minutes,
    Number,
    Positions,
    Range,
    Rate,
    Real,
    Seconds,
    Share,
    Steps,
    Weight,
    Whole,
    Width,
)
from unimoe_train.state import read_json

FOLDER = Path(__file__).resolve().parents[2] / "recipes"

FRAME_RATE = 50  # code frames per second, of every codec here
SPEECH, MUSIC = "speech", "music"
DOMAINS = (SPEECH, MUSIC)
USES = (SPEECH, MUSIC, "prompts", "speechtest", "musictest")  # of a set that no recipe names
TEXT_KINDS = ("natural", "written", "templates", "short", "long")


@dataclass
class Voice:
    """One voice of the training speech; its sets are NAME0, NAME1, ... (from `first` on) and NAMEtest."""

    teacher: str  # one of `data.teachers.TEACHERS`
    voice: str = ""  # the teacher's name for it
    mixture: dict[str, Real[-10, 10]] = field(default_factory=dict)  # instead of a name: weights of Kokoro's styles
    pitch: Real[-12, 12] = 0.0  # semitones by which it is moved
    formants: Real[0.7, 1.4] = 1.0  # factor by which its formants are moved
    speed: Real[0.5, 2] = 1.0  # factor of its rate of speech
    clips: Number = 1000
    first: Number = 0  # number of the first set: later ones have other sentences, for a training that goes on

    @property
    def is_moved(self) -> bool:
        return (self.pitch, self.formants) != (0.0, 1.0)

    def problem(self) -> tuple[str, str, object] | None:
        if self.mixture and (self.voice or self.teacher != "kokoro"):
            return "mixture", "that of a Kokoro voice without another name", self.voice or self.teacher
        if self.mixture and not sum(self.mixture.values()):
            return "mixture", "weights whose sum is not 0", self.mixture
        return None


@dataclass
class Music:
    """One set of composed music; its sets are NAME and NAMEtest."""

    clips: Count = 2000
    seconds: Real[1, 3600] = 6.4  # of the shortest piece
    longest: Seconds = 0.0  # seconds of the longest; 0: all are about as long
    test_clips: Count = 100

    def problem(self) -> tuple[str, str, object] | None:
        if self.longest and self.longest < self.seconds:
            return "longest", f"0, or at least {self.seconds}", self.longest
        return None


@dataclass
class Recordings:
    """One set of recordings of people that a Debian package carries (`data.packaged`), for the codec alone."""

    package: str
    folder: str  # where the package puts them
    files: str = "*.ogg"  # which of the folder's
    band: Real[100, 96000] = 12000.0  # Hz, the highest frequency that they tell of: they are learned from below it only
    licence: str = ""
    speakers: str = ""
    held_out: bool = False  # never learned from: the codec is judged by them
    texts: str = ""  # of held-out ones: a gzipped file of lines NAME: TEXT


@dataclass
class DataRecipe:
    """What is learned from. Recordings of the user's own, once imported, are sets like the others."""

    sample_rate: Whole[8000, 192000] = 16000  # Hz, of all sound: a multiple of the code frames per second
    voices: dict[str, Voice] = field(default_factory=dict)
    unheard: dict[str, Voice] = field(default_factory=dict)  # never learned from: NAMEunheard, to be cloned
    music: dict[str, Music] = field(default_factory=dict)
    recordings: dict[str, Recordings] = field(default_factory=dict)
    tour: Number = 0  # clips of a set that has every instrument of General MIDI by itself, for the codec alone
    prompts: Number = 0  # per voice: noisy and reverberant voice prompts, in a set NAMEprompts that is only heard
    only: list[str] = field(default_factory=list)  # the sets that are used; empty: all
    part: Count = 1000  # clips per speech set: what a kill can lose
    test_clips: Count = 40  # per voice
    held_out: Whole[2, 1_000_000] = 2000  # first lines of sentences.txt, never trained on; half only judge
    natural: Share = 0.55  # share of the training sentences that are from text packages, not from templates
    texts: dict[str, Weight] = field(default_factory=dict)  # instead: shares of TEXT_KINDS, all figures in words
    longest: Real[0.1, 3600] = 9.0  # seconds; longer clips are left out
    sound_font: str = ""  # a General MIDI SoundFont; empty: Debian's
    recorded_speech: list[str] = field(default_factory=list)  # names of voices that were imported
    recorded_music: list[str] = field(default_factory=list)
    kept: dict[str, list[str]] = field(default_factory=dict)  # by use (USES): sets that were unpacked, no recipe's

    def problem(self) -> tuple[str, str, object] | None:
        if self.sample_rate % FRAME_RATE:
            return "sample_rate", f"a multiple of {FRAME_RATE}", self.sample_rate
        if unknown := [kind for kind in self.texts if kind not in TEXT_KINDS]:
            return "texts", f"shares of {', '.join(TEXT_KINDS)}", unknown[0]
        if self.texts and not sum(self.texts.values()):
            return "texts", "a share above 0", self.texts
        if unknown := [use for use in self.kept if use not in USES]:
            return "kept", f"sets by {', '.join(USES)}", unknown[0]
        if "tour" in self.voices or "tour" in self.music or "tour" in self.recordings:
            return "tour", "a set of its own", "a voice, music or recordings of this name"
        if common := self.unheard.keys() & self.voices.keys():
            return f"unheard.{min(common)}", "a voice that is not learned from", "one of voices"
        if common := self.recordings.keys() & (self.voices.keys() | self.music.keys()):
            return f"recordings.{min(common)}", "a name that no voice and no music has", min(common)
        for name in self.voices:
            if name[-1:].isdigit() or name.endswith(("test", "prompts", "unheard")):
                return f"voices.{name}", "a name whose sets NAME0, NAME1, NAMEtest are no other's", name
        return None

    def used(self, names: Iterable[str]) -> list[str]:
        """Those of some sets that are used."""
        return [name for name in names if not self.only or name in self.only]

    def check_only(self, where: str) -> None:
        """Throws `BadInput` where `only` names no set. Recordings that were imported are sets, too: `add_recordings` first."""
        every = replace(self, only=[])
        held_out = [name for name, source in self.recordings.items() if source.held_out]
        kinds = (every.speech_sets, every.music_sets, every.test_sets, every.prompt_sets, every.unheard_sets)
        known = {name for sets in (*kinds, every.tour_sets, every.recording_sets) for name in sets()} | {*held_out}
        if unknown := sorted(set(self.only) - known):
            raise BadInput(f"{where}: data.only", expected=f"some of {', '.join(sorted(known))}", found=unknown[0])

    def parts(self, name: str) -> list[str]:
        """The training sets of one voice."""
        return self.used(f"{name}{part}" for part in self.part_numbers(name))

    def part_numbers(self, name: str) -> range:
        voice = self.voices[name]
        return range(voice.first, voice.first - (-voice.clips // self.part))

    def recording_sets(self) -> list[str]:
        """Recordings that the codec alone learns from."""
        return self.used(name for name, source in self.recordings.items() if not source.held_out)

    def speech_sets(self) -> list[str]:
        own = [part for name in self.voices for part in self.parts(name)] + self.recorded_speech
        return own + self.kept.get(SPEECH, [])

    def prompt_sets(self) -> list[str]:
        own = self.used(f"{name}prompts" for name in self.voices) if self.prompts else []
        return own + self.kept.get("prompts", [])

    def tour_sets(self) -> list[str]:
        return self.used(["tour"]) if self.tour else []

    def unheard_sets(self) -> list[str]:
        """Voices that no training set holds, saying what no training set says."""
        return self.used(f"{name}unheard" for name in self.unheard)

    def music_sets(self) -> list[str]:
        return self.used(self.music) + self.recorded_music + self.kept.get(MUSIC, [])

    def speech_test_sets(self) -> list[str]:
        """Sentences that no training set holds."""
        own = self.used(f"{name}test" for name in (*self.voices, *self.recorded_speech))
        return own + self.kept.get("speechtest", [])

    def music_test_sets(self) -> list[str]:
        """Captions that no training set holds."""
        own = self.used(f"{name}test" for name in (*self.music, *self.recorded_music))
        return own + self.kept.get("musictest", [])

    def recorded_test_sets(self) -> list[str]:
        """What is held out of the user's recordings."""
        return [f"{name}test" for name in self.recorded_speech + self.recorded_music]

    def test_sets(self) -> list[str]:
        return self.speech_test_sets() + self.music_test_sets()

    def add_recordings(self, folder: Path) -> None:
        """Takes the recordings that were imported into the state's folder data/."""
        self.recorded_speech, self.recorded_music = [], []
        for note in sorted(folder.glob("*.recordings.json")):
            kind = read_json(note)["kind"]
            names = self.recorded_speech if kind == SPEECH else self.recorded_music
            names.append(note.name.removesuffix(".recordings.json"))


@dataclass
class CodecRecipe:
    """A DAC, fitted part by part. Minutes are those of all runs together; more can be added later."""

    codebooks: Whole[1, 256] = 8  # that are fitted and encoded; a model may use fewer
    quantiser_minutes: Minutes = 60  # of speech, and of music, that the quantiser is fitted to
    strides: list[Whole[1, 1000]] = field(default_factory=lambda: [8, 5, 4, 2])  # of the decoder
    frames: Whole[8, 10000] = 40  # code frames of a training piece
    recordings: Share = 0.25  # share of the pieces that are of recordings of people, where there are any
    encoder: str = "network"  # or "spectra": the features themselves, without training (`codec.analysis`)
    encoder_width: Whole[1, 4096] = 16  # latents are 2 ** len(strides) times as wide
    encoder_minutes: Minutes = 45  # of this machine's time; 0: only steps count
    encoder_steps: Steps = 0  # of the optimizer; 0: only minutes count
    encoder_rate: Rate = 1e-3
    encoder_batch: Whole[1, 4096] = 8  # pieces
    encoder_music: Share = 0.35  # share of the pieces
    decoder_width: Whole[1, 16384] = 256
    decoder_look_ahead: Whole[0, 3] | None = None  # code frames that the decoder waits for; without it as published
    decoder_ends: bool = False  # also learns from the starts and ends of clips, as they will be
    decoder_minutes: Minutes = 390
    decoder_steps: Steps = 0
    decoder_rate: Rate = 8e-4
    decoder_batch: Whole[1, 4096] = 6  # pieces
    decoder_music: Share = 0.25  # share of the pieces
    decoder_codebooks: list[Whole[1, 256]] = field(default_factory=lambda: [4, 4, 4, 8])  # step by step, its input
    adversarial_minutes: Minutes = 120
    adversarial_steps: Steps = 0
    adversarial_rate: Rate = 2e-4
    discriminator_width: Whole[1, 1024] = 8
    bf16: bool = True
    compile: bool = True

    def problem(self) -> tuple[str, str, object] | None:
        if self.encoder not in ENCODERS:
            return "encoder", f"one of {', '.join(ENCODERS)}", self.encoder
        if self.decoder_width < 2 ** len(self.strides):
            return "decoder_width", f"at least {2 ** len(self.strides)}, halved at every stride", self.decoder_width
        if not self.decoder_codebooks:
            return "decoder_codebooks", "at least one number", self.decoder_codebooks
        return None


OPTIMIZERS = ("muon", "adamw")
ENCODERS = ("network", "spectra")
PLAN_WEIGHTS = {"phoneme": 1.5, "tempo": 0.3, "lead": 0.3, "chord": 0.5, "melody": 1.0, "bass": 0.5, "drums": 0.5}


@dataclass
class ModelRecipe:
    """Sizes of the language model; what is not here is as published (see `model.configuration`)."""

    hidden: Whole[1, 65536] = 192
    layers: Whole[1, 1024] = 6
    heads: Whole[1, 1024] = 4
    kv_heads: Whole[1, 1024] = 2
    experts: Whole[2, 1024] = 4  # routed experts per layer
    null_experts: Experts = 1
    shared_experts: Experts = 1
    routed_width: Width = 256
    shared_width: Width = 192
    top_p: Real[0.01, 1] = 0.7  # of the router
    codebooks: Whole[1, 256] = 4
    delay: list[Delay] = field(default_factory=list)  # code frames per codebook; empty: 0, 1, 2, ...
    merges: Number = 0  # of the byte-level BPE; 0: letters in
    plan: bool = False  # whether code frames have plan channels beside the codebooks (docs/plan-channels.md)
    plan_delay: Delay = 3  # rows by which the codebooks lag behind the plan: the first knows a note before it sounds

    def problem(self) -> tuple[str, str, object] | None:
        if self.delay and len(self.delay) != self.codebooks:
            return "delay", f"{self.codebooks} numbers, one a codebook", len(self.delay)
        if self.hidden % (2 * self.heads):
            return "heads", f"an even share of hidden = {self.hidden} for each", self.heads
        if self.heads % self.kv_heads:
            return "kv_heads", f"a divisor of heads = {self.heads}", self.kv_heads
        return None


@dataclass
class StageRecipe:
    """One training. It ends when any budget that is not 0 is used up."""

    minutes: Minutes = 0
    tokens: Positions = 0  # positions, padding not counted
    steps: Steps = 0
    rate: Rate = 0.02  # Muon's learning rate, of the hidden matrices
    adam_rate: Rate = 3e-3  # AdamW's, of everything else
    warmup: Steps = 100  # steps up to the full rate
    decay: Share = 0.3  # share of the budget in which the rate falls to zero


@dataclass
class CurriculumRecipe:
    """How the language model is trained."""

    positions: Whole[1, 1_000_000_000] = 6000  # per micro-batch and domain, padding counted
    music_positions: Whole[1, 1_000_000_000] = 3000
    accumulate: Count = 1  # micro-batches of every domain per step
    optimizer: str = "muon"  # one of OPTIMIZERS
    weight_decay: Share = 0.02
    clip: Real[1e-06, 1_000_000] = 2.0  # of the gradient's norm
    ema: Share = 0.998  # of the weights per step, for export; 0: none
    dropout: Real[0, 0.95] = 0.05
    noise: Share = 0.12  # share of the input code frames that are replaced by random codes
    slips: Share = 0.0  # share of the input code frames that are replaced by others from nearby
    long_voices: Share = 0.0  # share of the voice prompts that are 1.8 to 6 s long, the others are 0.6 to 1.8
    recorded_voices: Share = 0.0  # share of the voice prompts that are noisy and reverberant, where there are such
    voice_repeats: Count = 1  # how many times at most an epoch has the clips of a rarer voice
    own_share: Share = 0.0  # share of an epoch that is the user's recordings, beside unpacked sets; 0: as they come
    unconditional: Share = 0.1  # share of the clips that are learned under the unconditional prompt
    prompt_loss: Weight = 1.0  # weight of learning to speak the voice prompt, too
    codebook_weights: list[Weight] = field(default_factory=list)  # of the codebooks' losses; empty: all equal
    learned_codebooks: Share = 1.0  # of the codebooks, that a step learns on a CPU; those of more weight more often
    plan_weights: dict[str, Weight] = field(default_factory=lambda: dict(PLAN_WEIGHTS))  # of the plan channels' losses
    unplanned_voices: Share = 0.2  # share of the voice prompts whose plan is not told
    partly_planned: Share = 0.2  # share of the pieces of music some of whose plan's channels are not told
    crop: CodeFrames = 0  # code frames of the parts that longer pieces are learned in; 0: whole
    balance_start: Weight = 0.025  # weight of the load-balancing loss, annealed linearly over the joint stage
    balance_end: Weight = 0.001
    null_share: Real[0, 0.99] = 0.0  # of all choices, balance gives to the null experts; 0: the reference's balance
    router_learns_all: bool = False  # whether the router learns from experts that were not selected, too
    router_rate: Rate = 0.0  # AdamW's for the router; 0: as for everything else
    capacity: Weight = 0.0  # weight of keeping to the number of routed experts below
    routed: Real[0, 1024] = 1.2  # wanted routed experts per token, in the mean
    routed_spread: Real[0, 100] = 0.0  # the hardest token wants 1 + this times as many, the easiest 1 - this
    merge_speech: Real[0, 2] = 0.5  # how much of what each specialist learned since the base the mixture takes over, in
    merge_music: Real[0, 2] = 0.5  # all that both have; the experts' matrices are each specialist's own
    integrate_clips: Number = 400  # per domain: the small balanced set of the integration
    save_seconds: Real[0, 1_000_000] = 180  # between checkpoints
    bf16: bool = True
    compile: bool = True
    base: StageRecipe = field(default_factory=StageRecipe)
    speech: StageRecipe = field(default_factory=StageRecipe)
    music: StageRecipe = field(default_factory=StageRecipe)
    integrate: StageRecipe = field(default_factory=StageRecipe)
    joint: StageRecipe = field(default_factory=StageRecipe)
    naive: StageRecipe = field(default_factory=StageRecipe)  # without a budget: the tokens of all the others together

    def problem(self) -> tuple[str, str, object] | None:
        if self.optimizer not in OPTIMIZERS:
            return "optimizer", f"one of {', '.join(OPTIMIZERS)}", self.optimizer
        for name in self.plan_weights:
            if name not in PLAN_WEIGHTS:
                return "plan_weights", f"one of {', '.join(PLAN_WEIGHTS)}", name
        if self.codebook_weights and not sum(self.codebook_weights):
            return "codebook_weights", "a weight above 0", self.codebook_weights
        return None


@dataclass
class SamplingDefaults:
    """Goes into generation_config.json under `unimoe_audio`."""

    cfg_scale: Weight = 1.0
    temperature: Weight = 1.0
    top_p: Share = 1.0
    cfg_filter_top_k: Whole[0, 1_048_576] = 45
    eos_prob_mul_factor: Weight = 1.0
    do_sample: bool = True
    min_tokens: CodeFrames = 100  # shortest result in code frames
    max_tokens: Whole[1, 16_777_216] = 1000

    def problem(self) -> tuple[str, str, object] | None:
        if self.min_tokens > self.max_tokens:
            return "min_tokens", f"at most max_tokens = {self.max_tokens}", self.min_tokens
        return None


@dataclass
class ExportRecipe:
    """What the checkpoint directory holds beside the weights."""

    title: str = ""
    shards: Whole[1, 10000] = 1
    voice_seconds: Seconds = 1.6  # about the length of a voice's reference clip
    default_voice: str = ""  # the voice that is taken where none is named; empty: the first by name
    max_text_characters: Whole[0, 1_048_576] = 0  # of the longest text that it speaks well at once; 0: unknown
    max_voice_seconds: Seconds = 0.0  # of the longest voice recording that it follows; 0: it does not say
    max_music_seconds: Seconds = 0.0  # of the longest music that it keeps in shape; 0: it does not say
    walk: WalkSettings = field(default_factory=WalkSettings)  # through a sentence, of a model with a plan
    speech: SamplingDefaults = field(default_factory=SamplingDefaults)
    music: SamplingDefaults = field(default_factory=SamplingDefaults)


@dataclass
class EvaluateRecipe:
    """How much is generated and judged."""

    sentences: Count = 200
    captions: Count = 100
    stops: Count = 1000  # generations that have to end by themselves; the others are among them
    routes: Count = 20  # requests per domain whose routing is recorded


@dataclass
class Recipe:
    name: str
    data: DataRecipe = field(default_factory=DataRecipe)
    codec: CodecRecipe = field(default_factory=CodecRecipe)
    model: ModelRecipe = field(default_factory=ModelRecipe)
    curriculum: CurriculumRecipe = field(default_factory=CurriculumRecipe)
    export: ExportRecipe = field(default_factory=ExportRecipe)
    evaluate: EvaluateRecipe = field(default_factory=EvaluateRecipe)
    told_export: dict = field(default_factory=dict, init=False, repr=False, compare=False)  # what the file says of it

    def problem(self) -> tuple[str, str, object] | None:
        hop = self.data.sample_rate // FRAME_RATE
        if math.prod(self.codec.strides) != hop:
            return "codec.strides", f"a product of {hop} samples per code frame", self.codec.strides
        return None

    @staticmethod
    def load(name: str) -> "Recipe":
        """Reads a recipe by its path, or by its name in recipes/."""
        path = Path(name)
        if not path.suffix and not path.exists():
            path = FOLDER / f"{name}.toml"
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise BadInput(path, f"cannot be read: {error.strerror}") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise BadInput(path, f"is no TOML: {error}") from None
        recipe = build(Recipe, {"name": path.stem, **table}, str(path))
        recipe.told_export = table.get("export", {})
        return recipe


def build(kind: type, table: dict, where: str):
    """Makes a dataclass of a TOML table. Throws `BadInput` for unknown and missing keys, other types, numbers out of range."""
    hints = typing.get_type_hints(kind, include_extras=True)
    known = {f.name: f for f in fields(kind) if f.init}
    for key in table:
        if key not in known:
            raise BadInput(f"{where}: {key}", "unknown key", expected=f"one of {', '.join(known)}")
    missing = [n for n, f in known.items() if n not in table and f.default is MISSING and f.default_factory is MISSING]
    if missing:
        raise BadInput(f"{where}: {missing[0]}", "is missing")
    made = kind(**{key: convert(hints[key], value, f"{where}: {key}") for key, value in table.items()})
    if problem := getattr(made, "problem", lambda: None)():
        key, expected, found = problem
        raise BadInput(f"{where}: {key}", expected=expected, found=found)
    return made


def convert(kind, value, where: str):
    """A TOML value as the type that a field wants."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if allowed := Range.of(kind):
        number = convert(inner[0], value, where)
        if number not in allowed:
            raise BadInput(where, expected=allowed, found=value)
        return number
    if is_dataclass(kind) and isinstance(value, dict):
        return build(kind, value, where)
    if origin in (types.UnionType, typing.Union):  # of a type and None, which TOML has not
        return convert(inner[0], value, where)
    if origin is dict and isinstance(value, dict):
        return {key: convert(inner[1], item, f"{where}.{key}") for key, item in value.items()}
    if origin is list and isinstance(value, list):
        return [convert(inner[0], item, f"{where}[{i}]") for i, item in enumerate(value)]
    if kind is float and type(value) is int and abs(value) <= MANY:
        return float(value)
    if isinstance(kind, type) and not isinstance(kind, types.GenericAlias) and type(value) is kind:
        return value
    name = getattr(origin or kind, "__name__", str(kind))
    raise BadInput(where, expected="a table" if is_dataclass(kind) else name, found=repr(value))
