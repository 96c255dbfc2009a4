"""Which data sets a stage learned, so that what came or changed afterwards is noticed, and is not taken for learned.

A stage's facts tell `sets`: the names of its data sets with what tells their contents from others'.
"""

import hashlib

from unimoe_train.clips import domain_sets
from unimoe_train.curriculum import history
from unimoe_train.curriculum.snapshot import facts, is_done
from unimoe_train.curriculum.surroundings import Surroundings
from unimoe_train.recipe import DOMAINS
from unimoe_train.state import State


def fingerprint(state: State, name: str) -> str:
    """What tells a set's texts and codes from others."""
    total = hashlib.sha256()
    for path in (state.clips(name), state.code_offsets(name), state.codes(name)):
        with open(path, "rb") as file:
            total.update(hashlib.file_digest(file, "sha256").digest())
    return total.hexdigest()[:16]


def sets(around: Surroundings, domains: list[str]) -> list[str]:
    """The training sets of some domains."""
    return [name for domain in DOMAINS if domain in domains for name in domain_sets(around.recipe.data, domain)]


def present(around: Surroundings, domains: list[str]) -> dict[str, str]:
    """These with what tells their contents from others'."""
    return {name: fingerprint(around.state, name) for name in sets(around, domains)}


def unlearned(state: State, stage: str, names: list[str]) -> list[str]:
    """Those of some sets that have come or changed since a stage learned; none of a stage that was made before stages knew
    their sets."""
    known = (facts(state, stage) or {}).get("sets")
    return [] if known is None else [name for name in names if known.get(name) != fingerprint(state, name)]


def is_finished(around: Surroundings, stage: str, domains: list[str], extend: bool) -> bool:
    """Whether a stage is done and nothing is left to do; then says so, and which sets of its domains it does not know."""
    if extend or not is_done(around.state, stage):
        return False
    print(f"{stage}: done before{news(around, stage, domains)}")
    return True


def news(around: Surroundings, stage: str, domains: list[str]) -> str:
    """The end of a line that tells which sets a stage that is done has not learned; nothing where there are none."""
    new = unlearned(around.state, stage, sets(around, domains))
    return f", without what has come since: {', '.join(new)}; `--extend` with a larger budget learns it" if new else ""


def learned(state: State, stage: str) -> dict[str, str] | None:
    """The sets that a stage's model has learned, in this stage and in those that it went on from; `None` if some stage
    does not know."""
    known: dict[str, str] = {}
    for fact in history.lineage(state, stage):
        if "sets" not in fact:
            return None
        known |= fact["sets"]
    return known
