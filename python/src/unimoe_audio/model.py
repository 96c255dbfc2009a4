"""Facts of a model."""

from dataclasses import dataclass

from . import _structures as c


@dataclass(frozen=True)
class ModelInfo:
    """What an engine's model is, and what it does well."""

    sample_rate: int
    """Hz of what it makes"""
    code_rate: float
    """Code frames per second of sound"""
    codebooks: int
    codebook_size: int
    layers: int
    routed_experts: int
    null_experts: int
    shared_experts: int
    longest_text: int
    """Characters of the longest text that it speaks well in one go; 0 if it does not say"""
    longest_voice: float
    """Seconds of the longest voice recording that it follows; 0 if it does not say"""
    longest_music: float
    """Seconds of the longest music that it keeps in shape; 0 if it does not say"""
    tells_words: bool
    """Whether it tells when words are said and takes a speed, losing no word however long the text"""
    plays_notes: bool
    """Whether it plays notes, composed from the caption or given"""


def model_info(facts: c.ModelFacts) -> ModelInfo:
    """The library's facts under Python's types."""
    names = ModelInfo.__dataclass_fields__
    values = {name: getattr(facts, name) for name in names}
    return ModelInfo(**values | {name: bool(values[name]) for name in ("tells_words", "plays_notes")})
