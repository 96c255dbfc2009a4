"""Of which codebooks the codes in a state folder are: codes/codebooks.json, a digest of each, the first one first."""

from pathlib import Path

from unimoe_train.codec.quantiser import Quantiser
from unimoe_train.errors import BadInput
from unimoe_train.state import State, read_json, write_json


def path(state: State) -> Path:
    return state.path("codes", "codebooks.json")


def claim(state: State, quantiser: Quantiser) -> None:
    """Makes a quantiser's codebooks those of all codes in the folder. Throws `BadInput` where there are codes of others, as
    far as both have them."""
    if not path(state).exists():
        write_json(path(state), quantiser.digests)
    elif any(one != other for one, other in zip(read_json(path(state)), quantiser.digests)):
        raise BadInput(
            path(state),
            expected=f"codes of {state.root / 'quantiser.pt'}",
            found="those of another quantiser: without the folder they are made anew",
        )


def known(state: State) -> list[str] | None:
    """The digests of the codebooks of the codes; `None` where nobody knows."""
    if path(state).exists():
        return read_json(path(state))
    return Quantiser.load(state.path("quantiser.pt")).digests if state.has("quantiser.pt") else None
