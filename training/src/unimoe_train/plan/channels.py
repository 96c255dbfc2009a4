"""Names, sizes and delays of the plan's channels, as `config.json` has them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from unimoe_train.errors import BadInput
from unimoe_train.recipe import DOMAINS, MUSIC, SPEECH

VERSION = 1
SPECIAL = 4  # codes of every channel after its own: EOS, PAD, BOS, UNKNOWN
MULTIPLE = (
    32  # to which the heads' rows are filled up: a matrix product of 1,027 columns runs at half the speed of 1,056
)

PHONEME, AHEAD = "phoneme", ("ahead1", "ahead2")
BEAT, TEMPO, LEAD, CHORD, MELODY, BASS, DRUMS = "beat", "tempo", "lead", "chord", "melody", "bass", "drums"
SPEECH_CHANNELS = (PHONEME, *AHEAD)
MUSIC_CHANNELS = (BEAT, TEMPO, LEAD, CHORD, MELODY, BASS, DRUMS)


@dataclass(frozen=True)
class PlanChannel:
    """One channel of N = `codes` codes, the special ones not counted."""

    name: str
    domain: str
    codes: int
    written: bool  # whether the model has a head for it
    delay: int  # rows by which it lags

    @property
    def eos(self) -> int:
        return self.codes

    @property
    def pad(self) -> int:
        return self.codes + 1

    @property
    def bos(self) -> int:
        return self.codes + 2

    @property
    def unknown(self) -> int:
        """Nobody says."""
        return self.codes + 3

    @property
    def ends(self) -> bool:
        """Whether its EOS ends the sequence."""
        return self.name == PHONEME

    @property
    def rows(self) -> int:
        """Of its embedding table."""
        return self.codes + SPECIAL

    @property
    def head_rows(self) -> int:
        """Its codes and EOS."""
        return self.codes + 1 if self.written else 0


@dataclass
class Plan:
    """The channels of a model, in the order of tables, heads and random numbers."""

    channels: list[PlanChannel]
    phonemes: list[str] = field(default_factory=list)
    instruments: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.channels = [c if isinstance(c, PlanChannel) else PlanChannel(**c) for c in self.channels]

    def of(self, domain: str) -> list[PlanChannel]:
        return [channel for channel in self.channels if channel.domain == domain]

    def written(self, domain: str) -> list[PlanChannel]:
        return [channel for channel in self.of(domain) if channel.written]

    def index(self, channel: PlanChannel) -> int:
        return self.channels.index(channel)

    @property
    def rows(self) -> int:
        """Of all embedding tables."""
        return sum(channel.rows for channel in self.channels)

    def table_start(self, channel: PlanChannel) -> int:
        """The first row of a channel's table, where all tables stand below each other."""
        return sum(other.rows for other in self.channels[: self.index(channel)])

    def head_start(self, channel: PlanChannel) -> int:
        """The first row of a channel's head."""
        return sum(other.head_rows for other in self.channels[: self.index(channel)])

    @property
    def head_rows(self) -> int:
        """Of all heads, filled up to a multiple of `MULTIPLE`."""
        return -(-sum(channel.head_rows for channel in self.channels) // MULTIPLE) * MULTIPLE

    def published(self) -> dict:
        """As it stands in `config.json`."""
        return {
            "version": VERSION,
            "phonemes": self.phonemes,
            "instruments": self.instruments,
            "channels": [asdict(channel) for channel in self.channels],
        }

    @staticmethod
    def from_published(table: dict, where: str) -> "Plan":
        """Reads `config.json`'s `plan`. Throws `BadInput` for what this package does not know."""
        if table.get("version") != VERSION:
            raise BadInput(f"{where}: plan.version", expected=VERSION, found=table.get("version"))
        try:
            plan = Plan(list(table["channels"]), list(table["phonemes"]), list(table["instruments"]))
        except (KeyError, TypeError) as error:
            raise BadInput(f"{where}: plan", f"is not as docs/plan-channels.md has it: {error}") from None
        plan.check(where)
        return plan

    def check(self, where: str) -> None:
        """Throws `BadInput` unless the channels are those of the format, with the sizes of the format."""
        sizes = codes(self.phonemes, self.instruments)
        names = [channel.name for channel in self.channels]
        for channel, name in zip(self.channels, names):
            known = {SPEECH: SPEECH_CHANNELS, MUSIC: MUSIC_CHANNELS}.get(channel.domain, ())
            if channel.domain not in DOMAINS or name not in known or names.count(name) > 1:
                raise BadInput(
                    f"{where}: plan.channels.{name}",
                    expected=f"one of {', '.join(known) or DOMAINS}, once",
                    found=f"{name} in {channel.domain}",
                )
            if channel.codes != sizes[name]:
                raise BadInput(f"{where}: plan.channels.{name}.codes", expected=sizes[name], found=channel.codes)
        needed = (SPEECH_CHANNELS if SPEECH in (c.domain for c in self.channels) else ()) + (
            (BEAT, TEMPO) if MUSIC in (c.domain for c in self.channels) else ()
        )
        for name in needed:
            if name not in names:
                raise BadInput(f"{where}: plan.channels", expected=f"{name} among them", found=", ".join(names))


def codes(phonemes: Sequence[str], instruments: Sequence[str]) -> dict[str, int]:
    """How many codes each channel has."""
    P = len(phonemes)
    return {
        PHONEME: 2 * P,
        **dict.fromkeys(AHEAD, 3 * P + 1),
        BEAT: 192,
        TEMPO: 56,
        LEAD: len(instruments),
        CHORD: 25,
        MELODY: 257,
        BASS: 97,
        DRUMS: 8,
    }


def standard(phonemes: Sequence[str], instruments: Sequence[str]) -> Plan:
    """The plan of a model that speaks and plays: what is decided within a bar lags one row behind the beat."""
    sizes = codes(phonemes, instruments)
    given, late = (*AHEAD, BEAT), (CHORD, MELODY, BASS, DRUMS)
    return Plan(
        [
            PlanChannel(
                name, SPEECH if name in SPEECH_CHANNELS else MUSIC, sizes[name], name not in given, int(name in late)
            )
            for name in SPEECH_CHANNELS + MUSIC_CHANNELS
        ],
        list(phonemes),
        list(instruments),
    )
