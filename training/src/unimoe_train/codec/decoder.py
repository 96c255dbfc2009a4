"""The DAC decoder as a vocoder: from codes to sound by spectral losses, then by discriminators as well.

At first a buzz with the right formants; words are understood after some 500 steps, harmonics appear after some 3,000. The codes
have no phase, the decoder invents one: only a discriminator tells it which phases sound natural.
"""

import torch
import torch.nn.functional as F

from unimoe_train import torch_file
from unimoe_train.codec.budget import WARMUP
from unimoe_train.codec.dac import Decoder
from unimoe_train.codec.discriminators import Discriminators
from unimoe_train.codec.encoder import latent_width
from unimoe_train.codec.losses import adversarial_loss, discriminator_loss, feature_loss, spectral_loss
from unimoe_train.codec.network_training import Keys, NetworkTraining
from unimoe_train.codec.quantiser import Quantiser
from unimoe_train.codec.segments import END, INSIDE, START, CodedSegments
from unimoe_train.errors import BadInput
from unimoe_train.recipe import CodecRecipe
from unimoe_train.state import State

EDGE = 3  # code frames at both ends of a piece that are not judged: the decoder knows only the codes of the piece
PLACES = (START, END, INSIDE, INSIDE, INSIDE, INSIDE)  # of the pieces, step by step: starts and ends as they will be
SPECTRAL, ADVERSARIAL = "decoder.pt", "decoder_adversarial.pt"


def decoder_latents(quantiser: Quantiser, codes: torch.Tensor, width: int) -> torch.Tensor:
    """Codes [B, n, T] -> [B, width, T]: the features' dimensions, then zeros."""
    latents = quantiser.decode(codes.transpose(1, 2))
    return F.pad(latents, (0, width - latents.shape[-1])).transpose(1, 2)


class DecoderTraining(NetworkTraining):
    PART, FILE, KEYS = "decoder", SPECTRAL, Keys("decoder", "ema", "opt")
    COLUMNS: tuple[str, ...] = ("mel", "linear")
    BETAS, LONGEST_GRADIENT = (0.8, 0.99), 2.0

    def __init__(self, state: State, recipe: CodecRecipe, quantiser: Quantiser, segments: CodedSegments):
        super().__init__(state, recipe, recipe.decoder_width)
        self.segments = segments
        self.quantiser = quantiser.to(self.device)

    def make_network(self) -> Decoder:
        recipe = self.recipe
        return Decoder(latent_width(recipe), self.width, tuple(recipe.strides), recipe.decoder_look_ahead)

    @property
    def peak_rate(self) -> float:
        return self.recipe.decoder_rate

    @property
    def averaging(self) -> float:
        return 0.005 if self.step > 4 * WARMUP else 0.05

    def make(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """A batch: made and true samples [B, N], and the highest frequency that each row is judged by [B]."""
        books = self.recipe.decoder_codebooks[self.step % len(self.recipe.decoder_codebooks)]
        where = PLACES[self.step % len(PLACES)] if self.recipe.decoder_ends else INSIDE
        batch = self.segments.batch(self.step, self.recipe.decoder_batch, self.recipe.frames, where).to(self.device)
        latents = decoder_latents(self.quantiser, batch.codes[:, :books], latent_width(self.recipe))
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.recipe.bf16):
            made = self.network(latents)
        made = made.float()[:, 0]
        edge = EDGE * self.quantiser.layout.hop
        inside = slice(0 if where == START else edge, batch.samples.shape[1] if where == END else made.shape[1] - edge)
        made = F.pad(made, (0, batch.samples.shape[1] - made.shape[1]))  # odd strides lose samples
        return made[:, inside], batch.samples[:, inside], batch.bands

    def learn(self) -> dict[str, float]:
        made, true, bands = self.make()
        mel, linear = spectral_loss(made, true, self.quantiser.layout.rate, bands)
        self.improve(3 * mel + linear)
        return {"mel": mel.item(), "linear": linear.item()}


class AdversarialTraining(DecoderTraining):
    """Starts from decoder.pt's averaged weights, which stay as they are. Its own file also holds discriminators and their
    optimizer. The decoder hears of the discriminators once these have had some steps to learn."""

    PART, FILE = "adversarial", ADVERSARIAL
    COLUMNS = ("mel", "linear", "judged", "features", "discriminators")
    MEL, LINEAR, JUDGED, FEATURES = 8.0, 0.5, 1.0, 4.0  # weights of the losses
    HEAD_START = 150  # steps of the discriminators alone, and of the ramp after them

    @property
    def peak_rate(self) -> float:
        return self.recipe.adversarial_rate

    def begin(self, state: State) -> None:
        path = state.path(SPECTRAL)
        if not path.exists():
            raise BadInput(path, expected="a decoder trained by spectral losses", found="none")
        self.network.load_state_dict(torch_file.read(path, "ema")["ema"])

    def restore(self, saved: dict | None) -> None:
        self.discriminators = Discriminators(self.recipe.discriminator_width).to(self.device)
        self.discriminator_optimizer = torch.optim.AdamW(
            self.discriminators.parameters(), self.peak_rate, (0.8, 0.99), weight_decay=1e-4
        )
        if saved:
            self.discriminators.load_state_dict(saved["discriminators"])
            self.discriminator_optimizer.load_state_dict(saved["discriminator_opt"])

    def extras(self) -> dict:
        return {
            "discriminators": self.discriminators.state_dict(),
            "discriminator_opt": self.discriminator_optimizer.state_dict(),
        }

    def learn(self) -> dict[str, float]:
        made, true, bands = self.make()
        mel, linear = spectral_loss(made, true, self.quantiser.layout.rate, bands)
        whole = bands >= self.quantiser.layout.rate / 2  # discriminators would tell the others by their missing highs
        whole = whole if whole.any() else torch.ones_like(whole)
        made, true = made[whole], true[whole]
        discrimination = self.improve_discriminators(made.detach(), true)
        loss = self.MEL * mel + self.LINEAR * linear
        judged = features = torch.zeros(())
        influence = min(1.0, max(0.0, self.step / self.HEAD_START - 1))
        if influence > 0:
            with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.recipe.bf16):
                with torch.no_grad():
                    of_true = self.discriminators(true)
                of_made = self.discriminators(made)
            judged, features = adversarial_loss(of_made), feature_loss(of_true, of_made)
            loss = loss + influence * (self.JUDGED * judged + self.FEATURES * features)
        self.improve(loss)
        return {
            "mel": mel.item(),
            "linear": linear.item(),
            "judged": judged.item(),
            "features": features.item(),
            "discriminators": discrimination,
        }

    def improve_discriminators(self, made: torch.Tensor, true: torch.Tensor) -> float:
        """One step of the discriminators; their loss, 0.5 where they cannot tell."""
        for group in self.discriminator_optimizer.param_groups:
            group["lr"] = 2 * self.peak_rate * self.budget.rate()
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.recipe.bf16):
            loss = discriminator_loss(self.discriminators(true), self.discriminators(made))
        self.discriminator_optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.check(loss, torch.nn.utils.clip_grad_norm_(self.discriminators.parameters(), 10.0))
        self.discriminator_optimizer.step()
        return loss.item()


def best_weights(state: State) -> tuple[dict[str, torch.Tensor], int]:
    """The averaged weights of the decoder to be used, the adversarial one if there is one, and its width."""
    for name in (ADVERSARIAL, SPECTRAL):
        if state.has(name):
            saved = torch_file.read(state.path(name), "ema", "width")
            return saved["ema"], saved["width"]
    raise BadInput(state.path(SPECTRAL), expected="a decoder made by `unimoe-train codec`", found="none")
