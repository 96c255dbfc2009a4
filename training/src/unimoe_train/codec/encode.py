"""Codes of whole data sets, straight from their features; the fitted encoder gives nearly the same."""

import numpy as np
import torch

from unimoe_train.codec.quantiser import Quantiser
from unimoe_train.data.clips import ClipSet
from unimoe_train.errors import BadInput
from unimoe_train.progress import progress
from unimoe_train.state import State, read_array, read_json, replacing, write_json


def encode_clip(quantiser: Quantiser, samples: np.ndarray) -> np.ndarray:
    """Samples [n], n a multiple of the hop -> codes int16 [code frames, codebooks]."""
    latents = quantiser.scale(quantiser.layout.features(torch.from_numpy(samples)[None])[0])
    return quantiser.encode(latents).numpy().astype(np.int16)


def encode_set(state: State, name: str, quantiser: Quantiser) -> int:
    """Writes the codes of a data set and where each clip's are; returns the number of code frames."""
    clips = ClipSet(state, name)
    codes, offsets, total = [], [], 0
    for index in progress(range(len(clips)), title=f"codes of {name}", unit="clip"):
        codes.append(encode_clip(quantiser, clips.padded(index)))
        offsets.append([total, len(codes[-1])])
        total += len(codes[-1])
    with replacing(state.codes(name)) as path:
        np.save(path, np.concatenate(codes))
    write_json(state.code_offsets(name), offsets)
    return total


def is_encoded(state: State, name: str) -> bool:
    return state.codes(name).exists() and state.code_offsets(name).exists()


class CodedClips:
    """A data set's sound and codes together."""

    def __init__(self, state: State, name: str):
        if not is_encoded(state, name):
            raise BadInput(state.codes(name), expected="codes made by `unimoe-train codec`", found="none")
        self.sound = ClipSet(state, name)
        self.codes = read_array(state.codes(name))
        self.offsets = read_json(state.code_offsets(name))
        if len(self.offsets) != len(self.sound):
            raise BadInput(state.code_offsets(name), expected=f"{len(self.sound)} clips", found=len(self.offsets))

    def __len__(self) -> int:
        return len(self.offsets)

    def frames(self, index: int) -> int:
        return self.offsets[index][1]

    def clip_codes(self, index: int, start: int = 0, count: int | None = None) -> np.ndarray:
        """int64 [code frames, codebooks]"""
        first, frames = self.offsets[index]
        end = frames if count is None else start + count
        return self.codes[first + start : first + end].astype(np.int64)
