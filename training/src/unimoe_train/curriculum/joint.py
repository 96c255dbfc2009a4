"""Stage 3: everything learns together on the balanced mix; the load-balancing loss's weight falls linearly.

With an initial checkpoint in the published layout instead of stage 2's, this is fine-tuning.
"""

import hashlib
from pathlib import Path

from unimoe_train.curriculum import history
from unimoe_train.curriculum.integrate import NAME as INTEGRATE
from unimoe_train.curriculum.snapshot import facts, load_model
from unimoe_train.curriculum.specialists import mix
from unimoe_train.curriculum.stage import Stage
from unimoe_train.curriculum.surroundings import Surroundings
from unimoe_train.curriculum.trainer import Trainer
from unimoe_train.errors import BadInput
from unimoe_train.model import checkpoint
from unimoe_train.recipe import MUSIC, SPEECH

NAME = "joint"


def train(around: Surroundings, extend: bool = False, initial: Path | None = None) -> None:
    origin = digest(initial) if initial else ""
    before = facts(around.state, NAME)
    if before and before["done"] and not extend:
        if before.get("origin", origin) != origin:
            raise BadInput(
                around.state.checkpoint(NAME),
                expected=f"nothing yet, or a training that began with {initial}",
                found="one that began with other weights: name another --state",
            )
        print(f"{NAME}: done before")
        return
    model = checkpoint.load(initial).train() if initial else load_model(around.state.checkpoint(INTEGRATE))
    stage = Stage(
        NAME,
        around.recipe.curriculum.joint,
        mix(around, SPEECH, MUSIC),
        anneals_balance=True,
        origin=origin,
        history=history.read(initial) if initial else [],
    )
    Trainer(stage, model, around).run(extend)


def digest(directory: Path) -> str:
    """A checkpoint's weights in a number: SHA-256 over its index and its shards."""
    total = hashlib.sha256()
    for path in sorted(directory.glob("model*.safetensors*")):
        with open(path, "rb") as file:
            total.update(hashlib.file_digest(file, "sha256").digest())
    return total.hexdigest()
