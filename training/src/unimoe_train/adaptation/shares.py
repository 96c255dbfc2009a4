"""How much of what an adaptation learns is the user's own.

Half of it, however little that is: the other half is what the model must not forget. A domain of which the user has
nothing takes part with OTHER of the others' positions.
"""

from collections.abc import Iterable

from unimoe_train.batches.epochs import Epochs
from unimoe_train.recipe import MUSIC, SPEECH, CurriculumRecipe

OTHER = 0.25


def share_out(curriculum: CurriculumRecipe, own: set[str], kept: set[str]) -> None:
    """Changes a recipe so that its share `own_share` holds over all domains. own, kept: the domains of which there are
    recordings of the user's, and unpacked sets."""
    positions = {SPEECH: curriculum.positions, MUSIC: curriculum.music_positions}
    of_own = sum(positions[domain] for domain in own)
    for domain in kept - own:
        positions[domain] = round(OTHER * of_own)
    of_kept = sum(positions[domain] for domain in kept - own)
    curriculum.positions, curriculum.music_positions = positions[SPEECH], positions[MUSIC]
    curriculum.own_share *= (of_own + of_kept) / of_own


def learned(epochs: Iterable[Epochs]) -> float:
    """The share of the user's own code frames in the steps of an epoch, 0 to 1; voice prompts do not count."""
    own = every = 0.0
    for entry in epochs:
        batches = entry.arranged(0)
        own += sum(item.clip.length for batch in batches for item in batch if item.clip.own) / len(batches)
        every += sum(item.clip.length for batch in batches for item in batch) / len(batches)
    return own / every
