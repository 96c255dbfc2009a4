"""Packed data sets: all that the language model learns from without the sound, small enough to keep beside the sources.

A folder holds `quantiser.safetensors`, whose codes these are, `codec/`, the codec as far as it was trained,
`sounds.safetensors`, by which more speech is aligned, `manifest.json`, where they come from, and one `NAME.xz` a set: a
compressed safetensors file with

    codes              int16 [codebooks, code frames of all clips]
    plan.CHANNEL       int16 [code frames of all clips], -1 where nobody knows
    metadata           "clips": the set's list (data/NAME.json), "frames": code frames of each clip, "phonemes": how the
                       texts sound (plan/NAME.phonemes.json), all JSON
"""

import json
import lzma
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors import numpy as safetensors
from safetensors.torch import load_file, save_file

from unimoe_train.clips import read_set
from unimoe_train.codec import checkpoint
from unimoe_train.codec.codebooks import claim
from unimoe_train.codec.initial import has_codes_of, take
from unimoe_train.codec.quantiser import Quantiser
from unimoe_train.errors import BadInput
from unimoe_train.plan import stored
from unimoe_train.recipe import MUSIC, SPEECH
from unimoe_train.state import State, read_json, replacing, write_json

QUANTISER, CODEC, MANIFEST, ENDING = "quantiser.safetensors", "codec", "manifest.json", ".xz"
BESIDE = Path(__file__).resolve().parents[2] / "packed"
# The codes of one codebook follow each other; their high byte knows only four values.
FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 9, "lc": 0, "lp": 1, "pb": 1}]


class PackedSet(NamedTuple):
    """A data set without its sound."""

    clips: list[dict[str, Any]]
    frames: list[int]  # code frames of each clip
    codes: np.ndarray  # int16 [code frames, codebooks]
    plan: dict[str, np.ndarray]  # int16 [code frames] of each channel that is known
    phonemes: list | None  # of speech, how each text sounds

    @staticmethod
    def of(state: State, name: str, codebooks: int) -> "PackedSet":
        """A set of a state folder, the first `codebooks` of its codes."""
        clips, codes, offsets = read_set(state, name)
        plan, phonemes = {}, None
        if state.plan(name).exists():
            with np.load(state.plan(name)) as arrays:
                plan = {channel: arrays[channel].astype(np.int16) for channel in arrays.files}
        if state.phonemes(name).exists():
            phonemes = json.loads(state.phonemes(name).read_text(encoding="utf-8"))
        frames = [length for _, length in offsets]
        return PackedSet(clips, frames, np.array(codes[:, :codebooks], np.int16), plan, phonemes)

    def write(self, path: Path) -> None:
        tensors = {"codes": np.ascontiguousarray(self.codes.T)}
        tensors |= {f"plan.{channel}": codes for channel, codes in self.plan.items()}
        parts = {"clips": self.clips, "frames": self.frames, "phonemes": self.phonemes}
        metadata = {key: json.dumps(value, ensure_ascii=False, separators=(",", ":")) for key, value in parts.items()}
        with replacing(path) as temporary:
            temporary.write_bytes(lzma.compress(safetensors.save(tensors, metadata), filters=FILTERS))

    @staticmethod
    def read(path: Path) -> "PackedSet":
        """Throws `BadInput` for a file that is not whole, or whose parts disagree."""
        try:
            data = lzma.decompress(path.read_bytes())
            tensors = safetensors.load(data)
            # Its library reads metadata from files alone: a length in 8 bytes, then JSON.
            metadata = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])["__metadata__"]
            clips, frames, phonemes = (json.loads(metadata[key]) for key in ("clips", "frames", "phonemes"))
            codes = np.ascontiguousarray(tensors["codes"].T)
        except (OSError, lzma.LZMAError, EOFError, SafetensorError, ValueError, KeyError) as error:
            raise BadInput(path, f"is not a whole packed set: {error}") from None
        plan = {key.removeprefix("plan."): value for key, value in tensors.items() if key.startswith("plan.")}
        lengths = {len(codes), sum(frames), *map(len, plan.values())}
        if len(clips) != len(frames) or len(lengths) != 1:
            raise BadInput(path, expected=f"{sum(frames)} code frames of {len(frames)} clips", found=sorted(lengths))
        return PackedSet(clips, frames, codes, plan, phonemes)

    def put(self, state: State, name: str) -> None:
        """Writes the set into a state folder; its list last, since a list stands for a whole set."""
        if self.plan:
            stored.write(state, name, self.plan)
        if self.phonemes is not None:
            write_json(state.phonemes(name), self.phonemes)
        with replacing(state.codes(name)) as path:
            np.save(path, self.codes)
        write_json(state.code_offsets(name), list(zip(accumulate(self.frames, initial=0), self.frames)))
        with replacing(state.clips(name)) as path:
            path.write_text(json.dumps(self.clips, ensure_ascii=False), encoding="utf-8")


def pack(state: State, names: list[str], folder: Path, codebooks: int) -> Iterator[tuple[str, int]]:
    """Packs sets of a state folder that `folder` does not have yet, and its codec as it is now; gives the name and bytes of
    each set."""
    folder.mkdir(parents=True, exist_ok=True)
    quantiser = Quantiser.load(state.path("quantiser.pt"))
    if (folder / QUANTISER).exists():
        expect_codes_of(folder, quantiser)
    else:
        save_quantiser(quantiser, folder / QUANTISER)
    for name in names:
        path = folder / f"{name}{ENDING}"
        if not path.exists():
            PackedSet.of(state, name, codebooks).write(path)
            yield name, path.stat().st_size
    if state.has("decoder.pt"):
        checkpoint.write(state, folder / CODEC, quantiser.codebooks, torch.float16)
    for source, path in ((state.path("data", MANIFEST), folder / MANIFEST), (state.sounds, folder / state.sounds.name)):
        if source.exists():
            copy(source, path)


def unpack(folder: Path, state: State) -> Iterator[str]:
    """Puts the packed sets of a folder, and their codec, into a state folder, which keeps what it has; gives the name of each
    set.

    Throws `BadInput` where the state folder has other codes.
    """
    quantiser = load_quantiser(folder / QUANTISER)
    state.take_rate(quantiser.layout.rate)
    if state.has("quantiser.pt"):
        expect_codes_of(folder, Quantiser.load(state.path("quantiser.pt")))
    else:
        quantiser.save(state.path("quantiser.pt"))
    claim(state, quantiser)
    if (folder / CODEC).exists():
        take(folder / CODEC, state)
    for source, path in ((folder / state.sounds.name, state.sounds), (folder / MANIFEST, state.path("data", MANIFEST))):
        if source.exists() and not path.exists():
            copy(source, path)
    for path in sorted(folder.glob(f"*{ENDING}")):
        name = path.name.removesuffix(ENDING)
        if not state.clips(name).exists():
            PackedSet.read(path).put(state, name)
            yield name


def uses(state: State) -> dict[str, list[str]]:
    """The sets of a state folder that have codes and no sound, by what a training uses them for (`recipe.USES`)."""
    found: dict[str, list[str]] = {}
    for name in sorted(set(state.encoded()) - set(state.made())):
        clips = read_json(state.clips(name))
        if not clips:
            continue
        domain = MUSIC if clips[0]["kind"] == "m" else SPEECH
        use = "prompts" if clips[0].get("prompt") else f"{domain}test" if name.endswith("test") else domain
        found.setdefault(use, []).append(name)
    return found


def with_codes_of(quantiser: Quantiser) -> Path | None:
    """The folder of packed sets beside the sources whose codes are those of `quantiser`, if there is one."""
    for path in sorted(BESIDE.glob(f"*/{QUANTISER}")):
        if has_codes_of(load_quantiser(path), quantiser):
            return path.parent
    return None


def copy(source: Path, target: Path) -> None:
    with replacing(target) as path:
        path.write_bytes(source.read_bytes())


def expect_codes_of(folder: Path, quantiser: Quantiser) -> None:
    """Throws `BadInput` unless the packed sets of a folder have the codes of `quantiser`."""
    if not has_codes_of(load_quantiser(folder / QUANTISER), quantiser):
        raise BadInput(folder / QUANTISER, expected="the codes of the state folder's quantiser.pt", found="others")


def save_quantiser(quantiser: Quantiser, path: Path) -> None:
    tensors = {"mean": quantiser.mean, "deviation": torch.as_tensor(quantiser.deviation)}
    for index, stage in enumerate(quantiser.stages):
        tensors |= {f"{index}.{name}": value.contiguous() for name, value in stage.items()}
    with replacing(path) as temporary:
        save_file(tensors, temporary, metadata={"sample_rate": str(quantiser.layout.rate)})
        temporary.chmod(0o644)


def load_quantiser(path: Path) -> Quantiser:
    from safetensors import safe_open

    try:
        tensors = load_file(path)
        with safe_open(path, "pt") as file:
            rate = int(file.metadata()["sample_rate"])
        count = 1 + max(int(name.split(".")[0]) for name in tensors if "." in name)
        stages = [
            {part: tensors[f"{index}.{part}"] for part in ("in", "in_bias", "codebook", "out", "out_bias")}
            for index in range(count)
        ]
        return Quantiser(stages, tensors["mean"], tensors["deviation"], rate)
    except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
        raise BadInput(path, f"is not a whole quantiser: {error}") from None
