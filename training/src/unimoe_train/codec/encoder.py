"""The DAC encoder, regressed on the features: what the engine hears a voice prompt with."""

import math

import torch

from unimoe_train.codec.dac import Encoder
from unimoe_train.codec.features import Layout
from unimoe_train.codec.network_training import Keys, NetworkTraining
from unimoe_train.codec.quantiser import Quantiser
from unimoe_train.codec.segments import SoundSegments
from unimoe_train.recipe import FRAME_RATE, CodecRecipe
from unimoe_train.state import State

EDGE = 10  # code frames at both ends of a piece that are not learned from: the convolutions look beyond the piece there
LATENT_VARIANCE = 88.1  # of speech and music, on the default data: the unit of the loss
JUDGED = 4  # codebooks in the report of equal codes


def latent_width(recipe: CodecRecipe) -> int:
    if recipe.encoder == "spectra":
        return Layout.of(math.prod(recipe.strides) * FRAME_RATE).size
    return recipe.encoder_width * 2 ** len(recipe.strides)


class EncoderTraining(NetworkTraining):
    PART, FILE, KEYS = "encoder", "encoder.pt", Keys("raw", "encoder", "optimizer")
    COLUMNS = ("loss", *(f"same{i}" for i in range(JUDGED)))
    BETAS, LONGEST_GRADIENT, averaging = (0.9, 0.99), 1.0, 0.01

    def __init__(self, state: State, recipe: CodecRecipe, quantiser: Quantiser, segments: SoundSegments):
        super().__init__(state, recipe, recipe.encoder_width)
        self.segments = segments
        self.quantiser = quantiser.to(self.device)
        self.last: tuple[torch.Tensor, torch.Tensor] | None = None  # true and made latents [B, T, features]

    def make_network(self) -> Encoder:
        return Encoder(self.width, tuple(reversed(self.recipe.strides)), latent_width(self.recipe))

    @property
    def peak_rate(self) -> float:
        return self.recipe.encoder_rate

    def learn(self) -> dict[str, float]:
        frames = self.recipe.frames + 2 * EDGE
        samples = self.segments.batch(self.step, self.recipe.encoder_batch, frames).to(self.device)
        latents = self.quantiser.scale(self.quantiser.layout.features(samples))[:, EDGE:-EDGE]
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.recipe.bf16):
            made = self.network(samples[:, None])
        made = made.float()[:, : latents.shape[-1], EDGE:-EDGE].transpose(1, 2)
        loss = (made - latents).pow(2).sum(-1).mean() / LATENT_VARIANCE
        self.improve(loss)
        self.last = latents, made.detach()
        return {"loss": loss.item()}

    def report(self) -> dict[str, float]:
        """The share of code frames in which each of the first codebooks gets the code of the true features."""
        count = min(JUDGED, self.quantiser.codebooks)
        true, made = (self.quantiser.encode(latents, count) for latents in self.last)
        return {f"same{i}": share for i, share in enumerate((true == made).float().mean((0, 1)).tolist())}
