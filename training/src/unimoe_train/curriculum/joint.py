"""Stage 3: everything learns together on the balanced mix; the load-balancing loss's weight falls linearly.

With an initial checkpoint in the published layout instead of stage 2's, this is fine-tuning.
"""

from pathlib import Path

from unimoe_train.curriculum import history
from unimoe_train.curriculum.integrate import NAME as INTEGRATE
from unimoe_train.curriculum.snapshot import is_done, load_model
from unimoe_train.curriculum.specialists import mix
from unimoe_train.curriculum.surroundings import Surroundings
from unimoe_train.curriculum.trainer import Stage, Trainer
from unimoe_train.model import checkpoint
from unimoe_train.recipe import MUSIC, SPEECH

NAME = "joint"
SETTLING = 100
"""Steps in which the heads that only training has, which no checkpoint holds, find their way into a trained model."""


def train(around: Surroundings, extend: bool = False, initial: Path | None = None) -> None:
    if is_done(around.state, NAME) and not extend:
        print(f"{NAME}: done before")
        return
    model = checkpoint.load(initial).train() if initial else load_model(around.state.checkpoint(INTEGRATE))
    stage = Stage(NAME, around.recipe.curriculum.joint, mix(around, SPEECH, MUSIC), anneals_balance=True,
                  settling=SETTLING if initial else 0, history=history.read(initial) if initial else [])
    Trainer(stage, model, around).run(extend)
