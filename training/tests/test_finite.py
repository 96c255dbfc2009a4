"""A training whose loss or weights are no numbers any more ends at once, and keeps the last good state."""

import pytest
import torch
from miniature import make_state
from unimoe_train.cli import main
from unimoe_train.codec.network_training import Keys, NetworkTraining
from unimoe_train.curriculum import schedule
from unimoe_train.curriculum.optimizer import Optimizer
from unimoe_train.curriculum.snapshot import facts
from unimoe_train.errors import BadInput
from unimoe_train.finite import are_finite
from unimoe_train.interruption import Interruption
from unimoe_train.recipe import FOLDER, Recipe
from unimoe_train.state import State

STEPS = 6


def train(folder, patience: float, steps: int = STEPS) -> State:
    """Naive training of the miniature, saved after so many seconds."""
    path = folder / "miniature.toml"
    text = (FOLDER / "miniature.toml").read_text()
    path.write_text(text.replace("[curriculum]\n", f"[curriculum]\nsave_seconds = {patience}\n"))
    state = make_state(folder / "state", Recipe.load(str(path)))
    main(["naive", "--recipe", str(path), "--state", str(state.root), "--threads", "1", "--steps", str(steps)])
    return state


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
@pytest.mark.parametrize("bad", [3, STEPS - 1], ids=["amidst", "in the last step"])
@pytest.mark.parametrize("patience", [0, 3600], ids=["saved at every step", "not saved before"])
def test_a_training_whose_weights_are_lost_ends_at_once(number, bad, patience, tmp_path, monkeypatch, capsys):
    rate, made = schedule.rate, []

    def lost(stage, step, done):
        made.append(step)
        return number if step == bad else rate(stage, step, done)

    monkeypatch.setattr(schedule, "rate", lost)
    with pytest.raises(SystemExit) as end:
        train(tmp_path, patience)
    assert end.value.code == 1 and "curriculum.naive: rate: expected one at which" in capsys.readouterr().err
    assert max(made) <= bad + 1
    state = State(tmp_path / "state")
    saved = facts(state, "naive")
    if patience:
        assert saved is None or not saved["done"]
    else:
        assert saved["counters"]["step"] == bad and not saved["done"]
        whole = torch.load(state.checkpoint("naive"), weights_only=True)
        assert are_finite([*whole["objective"].values(), *whole["average"].values()])


def test_a_step_whose_gradient_alone_overflows_is_left_out(tmp_path, monkeypatch):
    clip, norms = torch.nn.utils.clip_grad_norm_, []

    def overflowing(parameters, longest):
        norms.append(clip(parameters, longest))
        return torch.tensor(float("inf")) if len(norms) == 3 else norms[-1]

    made = []
    step = Optimizer.step
    monkeypatch.setattr(torch.nn.utils, "clip_grad_norm_", overflowing)
    monkeypatch.setattr(Optimizer, "step", lambda self, scale=1.0: (made.append(scale), step(self, scale))[1])
    state = train(tmp_path, 3600)
    assert facts(state, "naive")["done"] and len(norms) == STEPS and len(made) == STEPS - 1


class One(NetworkTraining):
    """A part of the codec with one weight, whose loss becomes NaN, or whose weight does."""

    PART, FILE, KEYS = "encoder", "encoder.pt", Keys("raw", "encoder", "optimizer")
    COLUMNS, BETAS, LONGEST_GRADIENT, averaging, peak_rate = ("loss",), (0.9, 0.99), 1.0, 0.1, 1e-3

    def make_network(self):
        return torch.nn.Linear(1, 1)

    def learn(self):
        loss = self.network(torch.ones(1, 1)).pow(2).sum()
        if self.kind == "loss" and self.step == 3:
            loss = loss * float("nan")
        self.improve(loss)
        if self.kind == "weight" and self.step == 3:
            with torch.no_grad():
                self.network.weight.fill_(float("inf"))
        return {"loss": loss.item()}


@pytest.mark.parametrize("kind", ["loss", "weight"])
def test_a_part_of_the_codec_that_is_lost_ends_at_once(kind, tmp_path):
    state, recipe = State(tmp_path), Recipe.load("miniature").codec
    recipe.encoder_minutes, recipe.encoder_steps = 0, 2
    One.kind = kind
    One(state, recipe, 1).run(Interruption(), lambda share: None)
    before = state.path("encoder.pt").read_bytes()
    recipe.encoder_steps = 10
    with pytest.raises(BadInput, match="codec.encoder_rate: expected one at which the loss stays finite"):
        One(state, recipe, 1).run(Interruption(), lambda share: None)
    assert state.path("encoder.pt").read_bytes() == before
