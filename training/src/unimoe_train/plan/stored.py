"""The plan of a data set: plan/NAME.npz, and of speech what its texts sound like, plan/NAME.phonemes.json."""

import zipfile
import zlib
from pathlib import Path

import numpy as np

from unimoe_train.errors import BadInput
from unimoe_train.plan.channels import PlanChannel
from unimoe_train.plan.sentence import SpokenWord
from unimoe_train.state import State, read_json, replacing

UNKNOWN = -1  # in files: their codes know no table


def write(state: State, name: str, channels: dict[str, np.ndarray]) -> None:
    """channels: for each its codes [code frames of the set], `UNKNOWN` where nobody knows."""
    with replacing(state.plan(name)) as path:
        np.savez_compressed(path, **{channel: codes.astype(np.int16) for channel, codes in channels.items()})


def read(state: State, name: str, channels: list[PlanChannel], code_frames: int) -> np.ndarray:
    """The codes [code frames, channels] of a set, a channel's own unknown code where nobody knows.

    Throws `BadInput` where the file does not fit the set or the channels.
    """
    unknown = np.array([channel.unknown for channel in channels], np.int16)
    result = np.tile(unknown, (code_frames, 1))
    path = state.plan(name)
    if not path.exists():
        return result
    with opened(path) as arrays:
        for column, channel in enumerate(channels):
            if channel.name not in arrays:
                continue
            codes = member(arrays, channel.name, path)
            if codes.shape != (code_frames,):
                raise BadInput(f"{path}: {channel.name}", expected=f"{code_frames} code frames", found=codes.shape)
            if codes.max(initial=0) >= channel.codes:
                raise BadInput(f"{path}: {channel.name}", expected=f"codes below {channel.codes}", found=codes.max())
            result[:, column] = np.where(codes == UNKNOWN, unknown[column], codes)
    return result


def opened(path: Path) -> np.lib.npyio.NpzFile:
    try:
        return np.load(path)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise BadInput(path, f"is cut or no plan: {error}") from None


def member(arrays: np.lib.npyio.NpzFile, name: str, path: Path) -> np.ndarray:
    try:
        return arrays[name]
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise BadInput(f"{path}: {name}", f"is cut: {error}") from None


def read_words(state: State, name: str, clips: int) -> list[list[SpokenWord] | None]:
    """How the text of every clip of a set sounds; `None` where nobody knows."""
    path = state.phonemes(name)
    try:
        entries = read_json(path)
        found = [None if words is None else [SpokenWord.read(word) for word in words] for words in entries]
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(path, f"is not as docs/plan-channels.md has it: {error}") from None
    if len(found) != clips:
        raise BadInput(path, expected=f"{clips} clips", found=len(found))
    return found
