"""Stage 3: everything learns together on the balanced mix; the load-balancing loss's weight falls linearly.

With an initial checkpoint in the published layout instead of stage 2's, this is fine-tuning.
"""

from pathlib import Path

from unimoe_train.codec import codebooks
from unimoe_train.codec.checkpoint import load as load_codec
from unimoe_train.codec.quantiser import codebook_digests
from unimoe_train.curriculum import history
from unimoe_train.curriculum import origin as origins
from unimoe_train.curriculum.integrate import NAME as INTEGRATE
from unimoe_train.curriculum.integrate import check_domains
from unimoe_train.curriculum.learned import is_finished
from unimoe_train.curriculum.snapshot import facts, is_done, load_model
from unimoe_train.curriculum.specialists import mix
from unimoe_train.curriculum.stage import Stage
from unimoe_train.curriculum.surroundings import Surroundings
from unimoe_train.curriculum.trainer import Trainer
from unimoe_train.errors import BadInput
from unimoe_train.model import checkpoint
from unimoe_train.recipe import DOMAINS

NAME = "joint"


def train(around: Surroundings, extend: bool = False, initial: Path | None = None) -> None:
    origin = origins.digest(initial) if initial else ""
    before = facts(around.state, NAME)
    if before and before["done"] and before.get("origin", origin) != origin:
        raise BadInput(
            around.state.checkpoint(NAME),
            expected=f"nothing yet, or a training that began with {initial or 'the stage before'}",
            found="one that began with other weights: name another --state",
        )
    if initial and around.processes.is_first:
        origins.keep(around.state, initial, origin)
    if is_finished(around, NAME, list(DOMAINS), extend):
        return
    if initial:
        check_codes(around, initial)
        model = checkpoint.load(initial).train()
    else:
        if not is_done(around.state, INTEGRATE):
            check_domains(around)
        model = load_model(around.state.checkpoint(INTEGRATE))
    stage = Stage(
        NAME,
        around.recipe.curriculum.joint,
        mix(around, *DOMAINS),
        anneals_balance=True,
        origin=origin,
        history=history.read(initial) if initial else [],
    )
    Trainer(stage, model, around).run(extend)


def check_codes(around: Surroundings, initial: Path) -> None:
    """Throws `BadInput` where the data have other codes than the checkpoint learned: not those of its codec."""
    known, folder, count = codebooks.known(around.state), initial / "codec", around.configuration.codebooks
    if known is None or not folder.exists():
        return
    if known[:count] != codebook_digests(load_codec(folder).codebooks)[:count]:
        raise BadInput(
            around.state.root / "codes",
            expected=f"the codes of {folder} (`unimoe-train codec --initial {folder}`)",
            found="others: name another --state",
        )
