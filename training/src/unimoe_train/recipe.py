"""A recipe: everything that makes one model different from another, read from a TOML file.

Each section is a dataclass; its fields' comments tell meaning and unit. A key that no field has, or a value of another
type, is an error that names the file and the key.
"""

import math
import tomllib
import types
import typing
from collections.abc import Iterable
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from pathlib import Path

from unimoe_train.errors import BadInput
from unimoe_train.plan.walk import WalkSettings
from unimoe_train.state import read_json

FOLDER = Path(__file__).resolve().parents[2] / "recipes"

FRAME_RATE = 50  # code frames per second, of every codec here
SPEECH, MUSIC = "speech", "music"
DOMAINS = (SPEECH, MUSIC)
TEXT_KINDS = ("natural", "written", "templates", "short", "long")


@dataclass
class Voice:
    """One voice of the training speech; its sets are NAME0, NAME1, ... (from `first` on) and NAMEtest."""

    teacher: str  # one of `data.teachers.TEACHERS`
    voice: str = ""  # the teacher's name for it
    mixture: dict[str, float] = field(default_factory=dict)  # instead of a name: weights of Kokoro's styles
    pitch: float = 0.0  # semitones by which it is moved
    formants: float = 1.0  # factor by which its formants are moved
    speed: float = 1.0  # factor of its rate of speech
    clips: int = 1000
    first: int = 0  # number of the first set: later ones have other sentences, for a training that goes on

    @property
    def is_moved(self) -> bool:
        return (self.pitch, self.formants) != (0.0, 1.0)

    def problem(self) -> tuple[str, str, object] | None:
        if self.mixture and (self.voice or self.teacher != "kokoro"):
            return "mixture", "that of a Kokoro voice without another name", self.voice or self.teacher
        for name, low, high in (("pitch", -12, 12), ("formants", 0.7, 1.4), ("speed", 0.5, 2.0)):
            if not low <= getattr(self, name) <= high:
                return name, f"{low} to {high}", getattr(self, name)
        return None


@dataclass
class Music:
    """One set of composed music; its sets are NAME and NAMEtest."""

    clips: int = 2000
    seconds: float = 6.4  # of the shortest piece
    longest: float = 0.0  # seconds of the longest; 0: all are about as long
    test_clips: int = 100

    def problem(self) -> tuple[str, str, object] | None:
        if not 1 <= self.seconds <= 3600:
            return "seconds", "1 to 3600", self.seconds
        if self.longest and not self.seconds <= self.longest <= 3600:
            return "longest", f"0, or {self.seconds} to 3600", self.longest
        return None


@dataclass
class Recordings:
    """One set of recordings of people that a Debian package carries (`data.packaged`), for the codec alone."""

    package: str
    folder: str  # where the package puts them
    files: str = "*.ogg"  # which of the folder's
    band: float = 12000.0  # Hz, the highest frequency that they tell of: they are learned from below it only
    licence: str = ""
    speakers: str = ""
    held_out: bool = False  # never learned from: the codec is judged by them
    texts: str = ""  # of held-out ones: a gzipped file of lines NAME: TEXT


@dataclass
class DataRecipe:
    """What is learned from. Recordings of the user's own, once imported, are sets like the others."""

    sample_rate: int = 16000  # Hz, of all sound: a multiple of the code frames per second
    voices: dict[str, Voice] = field(default_factory=dict)
    unheard: dict[str, Voice] = field(default_factory=dict)  # never learned from: NAMEunheard, to be cloned
    music: dict[str, Music] = field(default_factory=dict)
    recordings: dict[str, Recordings] = field(default_factory=dict)
    tour: int = 0  # clips of a set that has every instrument of General MIDI by itself, for the codec alone
    prompts: int = 0  # per voice: noisy and reverberant voice prompts, in a set NAMEprompts that is heard, never spoken
    only: list[str] = field(default_factory=list)  # the sets that are used; empty: all
    part: int = 1000  # clips per speech set: what a kill can lose
    test_clips: int = 40  # per voice
    held_out: int = 2000  # first lines of sentences.txt, never trained on; the second half is for evaluation alone
    natural: float = 0.55  # share of the training sentences that are from text packages, not from templates
    texts: dict[str, float] = field(default_factory=dict)  # instead: shares of TEXT_KINDS, all figures in words
    longest: float = 9.0  # seconds; longer clips are left out
    sound_font: str = ""  # a General MIDI SoundFont; empty: Debian's
    recorded_speech: list[str] = field(default_factory=list)  # names of voices that were imported
    recorded_music: list[str] = field(default_factory=list)

    def problem(self) -> tuple[str, str, object] | None:
        if self.sample_rate < 8000 or self.sample_rate % FRAME_RATE:
            return "sample_rate", f"a multiple of {FRAME_RATE} from 8000 on", self.sample_rate
        if self.part < 1:
            return "part", "at least 1", self.part
        if unknown := [kind for kind in self.texts if kind not in TEXT_KINDS]:
            return "texts", f"shares of {', '.join(TEXT_KINDS)}", unknown[0]
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
        return [part for name in self.voices for part in self.parts(name)] + self.recorded_speech

    def prompt_sets(self) -> list[str]:
        return self.used(f"{name}prompts" for name in self.voices) if self.prompts else []

    def tour_sets(self) -> list[str]:
        return self.used(["tour"]) if self.tour else []

    def unheard_sets(self) -> list[str]:
        """Voices that no training set holds, saying what no training set says."""
        return self.used(f"{name}unheard" for name in self.unheard)

    def music_sets(self) -> list[str]:
        return self.used(self.music) + self.recorded_music

    def speech_test_sets(self) -> list[str]:
        """Sentences that no training set holds."""
        return self.used(f"{name}test" for name in (*self.voices, *self.recorded_speech))

    def music_test_sets(self) -> list[str]:
        """Captions that no training set holds."""
        return self.used(f"{name}test" for name in (*self.music, *self.recorded_music))

    def test_sets(self) -> list[str]:
        return self.speech_test_sets() + self.music_test_sets()

    def add_recordings(self, folder: Path) -> None:
        """Adds the recordings that were imported into the state's folder data/."""
        for note in sorted(folder.glob("*.recordings.json")):
            kind = read_json(note)["kind"]
            names = self.recorded_speech if kind == SPEECH else self.recorded_music
            names.append(note.name.removesuffix(".recordings.json"))


@dataclass
class CodecRecipe:
    """A DAC, fitted part by part. Minutes are those of all runs together; more can be added later."""

    codebooks: int = 8  # that are fitted and encoded; a model may use fewer
    quantiser_minutes: float = 60  # of speech, and of music, that the quantiser is fitted to
    strides: list[int] = field(default_factory=lambda: [8, 5, 4, 2])  # of the decoder, the encoder's backwards
    frames: int = 40  # code frames of a training piece
    recordings: float = 0.25  # share of the pieces that are of recordings of people, where there are any
    encoder: str = "network"  # or "spectra": the features themselves, without training (`codec.analysis`)
    encoder_width: int = 16  # latents are 2 ** len(strides) times as wide
    encoder_minutes: float = 45  # of this machine's time; 0: only steps count
    encoder_steps: int = 0  # of the optimizer; 0: only minutes count
    encoder_rate: float = 1e-3
    encoder_batch: int = 8  # pieces
    encoder_music: float = 0.35  # share of the pieces
    decoder_width: int = 256
    decoder_look_ahead: int | None = None  # code frames, 0 to 3, that the decoder waits for; without it as published
    decoder_ends: bool = False  # also learns from the starts and ends of clips, as they will be
    decoder_minutes: float = 390
    decoder_steps: int = 0
    decoder_rate: float = 8e-4
    decoder_batch: int = 6  # pieces
    decoder_music: float = 0.25  # share of the pieces
    decoder_codebooks: list[int] = field(default_factory=lambda: [4, 4, 4, 8])  # that the decoder gets, step by step
    adversarial_minutes: float = 120
    adversarial_steps: int = 0
    adversarial_rate: float = 2e-4
    discriminator_width: int = 8
    bf16: bool = True
    compile: bool = True

    def problem(self) -> tuple[str, str, object] | None:
        if self.encoder not in ENCODERS:
            return "encoder", f"one of {', '.join(ENCODERS)}", self.encoder
        if self.decoder_look_ahead is not None and not 0 <= self.decoder_look_ahead <= 3:
            return "decoder_look_ahead", "0 to 3 code frames", self.decoder_look_ahead
        return None


OPTIMIZERS = ("muon", "adamw")
ENCODERS = ("network", "spectra")
PLAN_WEIGHTS = {"phoneme": 1.5, "tempo": 0.3, "lead": 0.3, "chord": 0.5, "melody": 1.0, "bass": 0.5, "drums": 0.5}


@dataclass
class ModelRecipe:
    """Sizes of the language model; what is not here is as published (see `model.configuration`)."""

    hidden: int = 192
    layers: int = 6
    heads: int = 4
    kv_heads: int = 2
    experts: int = 4  # routed experts per layer
    null_experts: int = 1
    shared_experts: int = 1
    routed_width: int = 256
    shared_width: int = 192
    top_p: float = 0.7  # of the router
    codebooks: int = 4
    delay: list[int] = field(default_factory=list)  # code frames per codebook; empty: 0, 1, 2, ...
    merges: int = 0  # of the byte-level BPE; 0: letters in
    plan: bool = False  # whether code frames have plan channels beside the codebooks (docs/plan-channels.md)
    plan_delay: int = 3  # rows by which the codebooks lag behind the plan: the first knows a note before it sounds


@dataclass
class StageRecipe:
    """One training. It ends when any budget that is not 0 is used up."""

    minutes: float = 0
    tokens: float = 0  # positions, padding not counted
    steps: int = 0
    rate: float = 0.02  # Muon's learning rate, of the hidden matrices
    adam_rate: float = 3e-3  # AdamW's, of everything else
    warmup: int = 100  # steps up to the full rate
    decay: float = 0.3  # share of the budget in which the rate falls to zero


@dataclass
class CurriculumRecipe:
    """How the language model is trained."""

    positions: int = 6000  # per micro-batch and domain, padding counted
    music_positions: int = 3000
    accumulate: int = 1  # micro-batches of every domain per step
    optimizer: str = "muon"  # one of OPTIMIZERS
    weight_decay: float = 0.02
    clip: float = 2.0  # of the gradient's norm
    ema: float = 0.998  # of the weights per step, for export; 0: none
    dropout: float = 0.05
    noise: float = 0.12  # share of the input code frames that are replaced by random codes
    slips: float = 0.0  # share of the input code frames that are replaced by others from nearby
    long_voices: float = 0.0  # share of the voice prompts that are 1.8 to 6 s long, the others are 0.6 to 1.8
    recorded_voices: float = 0.0  # share of the voice prompts that are noisy and reverberant, where there are such
    voice_repeats: int = 1  # how many times at most an epoch has the clips of a rarer voice
    unconditional: float = 0.1  # share of the clips that are learned under the unconditional prompt
    prompt_loss: float = 1.0  # weight of learning to speak the voice prompt, too
    codebook_weights: list[float] = field(default_factory=list)  # of the codebooks' losses; empty: all equal
    plan_weights: dict[str, float] = field(default_factory=lambda: dict(PLAN_WEIGHTS))  # of the plan channels' losses
    unplanned_voices: float = 0.2  # share of the voice prompts whose plan is not told
    partly_planned: float = 0.2  # share of the pieces of music some of whose plan's channels are not told
    crop: int = 0  # code frames of the parts that longer pieces are learned in; 0: whole
    balance_start: float = 0.025  # weight of the load-balancing loss, annealed linearly over the joint stage
    balance_end: float = 0.001
    null_share: float = 0.0  # of all choices, that balance gives to the null experts; 0: the reference's balance
    router_learns_all: bool = False  # whether the router learns from experts that were not selected, too
    router_rate: float = 0.0  # AdamW's for the router; 0: as for everything else
    capacity: float = 0.0  # weight of keeping to the number of routed experts below
    routed: float = 1.2  # wanted routed experts per token, in the mean
    routed_spread: float = 0.0  # the hardest token wants 1 + this times as many, the easiest 1 - this
    merge_speech: float = 0.5  # how much of what each specialist learned since the base the mixture takes over, in
    merge_music: float = 0.5  # all that both have; the experts' matrices are each specialist's own
    integrate_clips: int = 400  # per domain: the small balanced set of the integration
    save_seconds: float = 180  # between checkpoints
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
        return None


@dataclass
class SamplingDefaults:
    """Goes into generation_config.json under `unimoe_audio`."""

    cfg_scale: float = 1.0
    temperature: float = 1.0
    top_p: float = 1.0
    cfg_filter_top_k: int = 45
    eos_prob_mul_factor: float = 1.0
    do_sample: bool = True
    min_tokens: int = 100  # shortest result in code frames
    max_tokens: int = 1000


@dataclass
class ExportRecipe:
    """What the checkpoint directory holds beside the weights."""

    title: str = ""
    shards: int = 1
    voice_seconds: float = 1.6  # about the length of a voice's reference clip
    default_voice: str = ""  # the voice that is taken where none is named; empty: the first by name
    max_text_characters: int = 0  # of the longest text that the model speaks well in one go; 0: it does not say
    max_voice_seconds: float = 0.0  # of the longest voice recording that it follows; 0: it does not say
    max_music_seconds: float = 0.0  # of the longest music that it keeps in shape; 0: it does not say
    walk: WalkSettings = field(default_factory=WalkSettings)  # through a sentence, of a model with a plan
    speech: SamplingDefaults = field(default_factory=SamplingDefaults)
    music: SamplingDefaults = field(default_factory=SamplingDefaults)


@dataclass
class EvaluateRecipe:
    """How much is generated and judged."""

    sentences: int = 200
    captions: int = 100
    stops: int = 1000  # generations that have to end by themselves; the others are among them
    routes: int = 20  # requests per domain whose routing is recorded


@dataclass
class Recipe:
    name: str
    data: DataRecipe = field(default_factory=DataRecipe)
    codec: CodecRecipe = field(default_factory=CodecRecipe)
    model: ModelRecipe = field(default_factory=ModelRecipe)
    curriculum: CurriculumRecipe = field(default_factory=CurriculumRecipe)
    export: ExportRecipe = field(default_factory=ExportRecipe)
    evaluate: EvaluateRecipe = field(default_factory=EvaluateRecipe)

    def problem(self) -> tuple[str, str, object] | None:
        hop = self.data.sample_rate // FRAME_RATE
        if math.prod(self.codec.strides) != hop or min(self.codec.strides) < 1:
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
        return build(Recipe, {"name": path.stem, **table}, str(path))


def build(kind: type, table: dict, where: str):
    """Makes a dataclass of a TOML table. Throws `BadInput` for unknown and missing keys and for other types."""
    hints = typing.get_type_hints(kind)
    known = {f.name: f for f in fields(kind)}
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
    if is_dataclass(kind) and isinstance(value, dict):
        return build(kind, value, where)
    if origin is types.UnionType:  # of a type and None, which TOML has not
        return convert(inner[0], value, where)
    if origin is dict and isinstance(value, dict):
        return {key: convert(inner[1], item, f"{where}.{key}") for key, item in value.items()}
    if origin is list and isinstance(value, list):
        return [convert(inner[0], item, f"{where}[{i}]") for i, item in enumerate(value)]
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(kind, type) and not isinstance(kind, types.GenericAlias) and type(value) is kind:
        return value
    name = getattr(origin or kind, "__name__", str(kind))
    raise BadInput(where, expected="a table" if is_dataclass(kind) else name, found=repr(value))
