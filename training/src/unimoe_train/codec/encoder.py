"""The DAC encoder, regressed on the features: what the engine hears a voice prompt with."""

import math
from collections.abc import Callable
from pathlib import Path

import torch

from unimoe_train.codec.averaged import Averaged
from unimoe_train.codec.budget import Budget
from unimoe_train.codec.dac import Encoder
from unimoe_train.codec.features import Layout
from unimoe_train.codec.quantiser import Quantiser
from unimoe_train.codec.segments import SoundSegments
from unimoe_train.csvlog import CSVLog
from unimoe_train.errors import BadInput
from unimoe_train.interruption import Interruption
from unimoe_train.machine import compute_device
from unimoe_train.recipe import FRAME_RATE, CodecRecipe
from unimoe_train.state import State, replacing

EDGE = 10  # code frames at both ends of a piece that are not learned from: the convolutions look beyond the piece there
REPORT = 50  # steps
SAVE_SECONDS = 180
LATENT_VARIANCE = 88.1  # of speech and music, on the default data: the unit of the loss
JUDGED = 4  # codebooks in the report of equal codes


def latent_width(recipe: CodecRecipe) -> int:
    if recipe.encoder == "spectra":
        return Layout.of(math.prod(recipe.strides) * FRAME_RATE).size
    return recipe.encoder_width * 2 ** len(recipe.strides)


class EncoderTraining:
    """encoder.pt holds encoder (averaged weights), width, and to go on: raw, optimizer, step, seconds."""

    def __init__(self, state: State, recipe: CodecRecipe, quantiser: Quantiser, segments: SoundSegments):
        self.path, self.recipe, self.segments = state.path("encoder.pt"), recipe, segments
        self.device = compute_device()
        self.quantiser = quantiser.to(self.device)
        self.log = CSVLog(
            state.log("encoder"), ["step", "seconds", "loss", "rate", *(f"same{i}" for i in range(JUDGED))]
        )
        self.network = Encoder(recipe.encoder_width, tuple(reversed(recipe.strides)), latent_width(recipe)).to(
            self.device
        )
        self.optimizer = torch.optim.AdamW(
            self.network.parameters(), recipe.encoder_rate, (0.9, 0.99), weight_decay=1e-4
        )
        saved = load_partial(self.path)
        self.budget = Budget.of(recipe, "encoder", saved)
        if saved:
            if saved["width"] != recipe.encoder_width:
                raise BadInput(self.path, expected=f"an encoder of width {recipe.encoder_width}", found=saved["width"])
            self.network.load_state_dict(saved["raw"])
            if "optimizer" in saved:
                self.optimizer.load_state_dict(saved["optimizer"])
        self.average = Averaged(self.network, saved and saved["encoder"])
        self.mean_loss: float | None = None
        self.last_saved = self.budget.seconds

    @property
    def step(self) -> int:
        """How many have been made."""
        return self.budget.step

    def run(self, stop: Interruption, progress: Callable[[float], None]) -> None:
        """Trains until the budget is used up or `stop` is raised, and saves; `progress` hears the share of it."""
        while not self.budget.is_used_up and not stop:
            loss, latents, made = self.learn()
            self.mean_loss = loss if self.mean_loss is None else 0.97 * self.mean_loss + 0.03 * loss
            if self.step % REPORT == 0:
                same = self.equal_codes(latents, made)
                self.log.write(
                    step=self.step,
                    seconds=self.budget.seconds,
                    loss=self.mean_loss,
                    rate=self.optimizer.param_groups[0]["lr"],
                    **{f"same{i}": s for i, s in enumerate(same)},
                )
            if self.budget.seconds - self.last_saved > SAVE_SECONDS:
                self.save()
            progress(self.budget.fraction)
        self.save()
        self.log.close()

    def learn(self) -> tuple[float, torch.Tensor, torch.Tensor]:
        """One step: the loss, the true and the made latents [B, T, features]."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.recipe.encoder_rate * self.budget.rate()
        frames = self.recipe.frames + 2 * EDGE
        samples = self.segments.batch(self.step, self.recipe.encoder_batch, frames).to(self.device)
        latents = self.quantiser.scale(self.quantiser.layout.features(samples))[:, EDGE:-EDGE]
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.recipe.bf16):
            made = self.network(samples[:, None])
        made = made.float()[:, : latents.shape[-1], EDGE:-EDGE].transpose(1, 2)
        loss = (made - latents).pow(2).sum(-1).mean() / LATENT_VARIANCE
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()
        self.budget.step += 1
        self.average.update(0.01)
        return loss.item(), latents, made.detach()

    def equal_codes(self, latents: torch.Tensor, made: torch.Tensor) -> list[float]:
        """The share of code frames in which each of the first codebooks gets the code of the true features."""
        count = min(JUDGED, self.quantiser.codebooks)
        same = self.quantiser.encode(latents, count) == self.quantiser.encode(made, count)
        return same.float().mean((0, 1)).tolist()

    def save(self) -> None:
        self.last_saved = self.budget.seconds
        with replacing(self.path) as temporary:
            torch.save(
                {
                    "encoder": self.average.state_dict(),
                    "width": self.recipe.encoder_width,
                    "raw": self.network.state_dict(),
                    "optimizer": self.optimizer.state_dict(),
                    "step": self.step,
                    "seconds": self.budget.seconds,
                },
                temporary,
            )


def load_partial(path: Path) -> dict | None:
    """A training that can go on, or nothing."""
    saved = torch.load(path, "cpu", weights_only=True) if path.exists() else {}
    return saved if "raw" in saved else None
