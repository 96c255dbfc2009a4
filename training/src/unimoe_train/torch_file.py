"""Files that `torch.save` writes."""

from pathlib import Path

import torch

from unimoe_train.errors import BadInput
from unimoe_train.state import replacing


def read(path: Path, *needed: str, mmap: bool = False) -> dict:
    """What a file holds, on the CPU. Throws `BadInput` where it is missing or cut, is another file, or lacks a key that
    is `needed`."""
    try:
        found = torch.load(path, map_location="cpu", weights_only=True, mmap=mmap)
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise BadInput(path, f"cannot be read: {error.strerror}") from None
    except Exception as error:  # torch raises many kinds
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise BadInput(path, f"is cut or no checkpoint: {reason}") from None
    if not isinstance(found, dict) or (missing := [name for name in needed if name not in found]):
        what = missing[0] if isinstance(found, dict) else "a dictionary"
        raise BadInput(path, expected=f"a checkpoint with {what}", found="another file")
    return found


def write(path: Path, contents: dict) -> None:
    """Writes a file whole or not at all."""
    with replacing(path) as temporary:
        torch.save(contents, temporary)
