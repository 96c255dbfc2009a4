"""A row to be made."""

from dataclasses import dataclass

from unimoe_train.clips import Clip


@dataclass
class Item:
    """A clip or a part of it, its voice prompt or caption, and how long the row will be."""

    domain: str
    clip: Clip
    voice: Clip | None
    caption: list[int]
    unconditional: bool
    length: int
    voice_is_planned: bool = True  # whether the voice prompt tells its plan
