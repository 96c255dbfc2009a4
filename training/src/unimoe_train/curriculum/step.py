"""What one batch costs: every loss of the training, in one module that many processes can share."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from unimoe_train.batches import TEXT, Batch
from unimoe_train.curriculum import guided_attention
from unimoe_train.curriculum.balance import Balance, ExpertUse
from unimoe_train.errors import BadInput
from unimoe_train.model.decoder import LanguageModel, channel_dropout
from unimoe_train.model.heads import ClassHead, FlagHead, codec_loss
from unimoe_train.recipe import MUSIC

FINDING = 0.05  # weight of finding what a caption says beside telling it; more rules the gradient of a fresh model


@dataclass
class Weights:
    """Of the losses that are added to the cross entropy."""

    guidance: float = 0.0
    phonemes: float = 0.0
    letters: float = 0.0
    captions: float = 0.0
    beats: float = 0.0
    notes: float = 0.0
    rhythm: float = 0.0
    balance: float = 0.0


@dataclass
class Losses:
    total: Tensor  # what is to be differentiated
    cross_entropy: Tensor  # [C] mean per codebook, nats
    guidance: Tensor
    phonemes: Tensor
    letters: Tensor
    captions: Tensor
    beats: Tensor
    notes: Tensor
    balance: Tensor
    use: ExpertUse | None


class Objective(nn.Module):
    """A language model, its training-only heads and figures, and all losses.

    total = sum over codebooks of the mean cross entropy + C (guidance + phonemes + letters + captions + beats +
    notes + rhythm) + balance, each with its weight.
    """

    def __init__(
        self,
        model: LanguageModel,
        *,
        phonemes: int = 0,
        attributes: Sequence[int] = (),
        beats: Sequence[int] = (),
        pitch_classes: int = 0,
        phoneme_layer: int = 4,
        letter_layer: int = 3,
        guided_layers: Collection[int] = (1, 3),
        lookahead: float = 2.0,
        codebook_weights: Sequence[float] = (),
        shares_prefix: bool = True,
        autocast: torch.dtype | None = None,
    ):
        """`phonemes`: how many there are, `attributes`, `beats`: how many classes of each, `pitch_classes`: how
        many; without any, they are not asked for.
        `shares_prefix`: whether what all rows begin with is computed once. Not with layers that FSDP shards: it
        takes a layer's weights away after the first of its two backward passes."""
        super().__init__()
        c = model.configuration
        self.model = model
        self.phoneme_head = ClassHead(c.hidden, (phonemes, phonemes)) if phonemes else None
        self.letter_head = ClassHead(c.hidden, (phonemes, phonemes)) if phonemes else None
        self.caption_head = ClassHead(c.hidden, attributes) if attributes else None
        self.beat_head = ClassHead(c.hidden, beats) if beats else None
        self.note_head = FlagHead(c.hidden, pitch_classes) if pitch_classes else None
        self.phoneme_layer, self.letter_layer = min(phoneme_layer, c.layers), min(letter_layer, c.layers)
        self.guided_layers = sorted({min(layer, c.layers - 1) for layer in guided_layers})
        self.lookahead = lookahead
        self.balance = None if c.dense_width else Balance(c.layers, c.dynamic_experts)
        self.register_buffer("codebook_weights", scaled(codebook_weights, c.codebooks), persistent=False)
        self.shares_prefix, self.dtype = shares_prefix, autocast

    def forward(self, batch: Batch, weights: Weights) -> Losses:
        prefix, batch = batch.split() if self.shares_prefix else (batch.ids[:1, :0], batch)
        with torch.autocast(batch.ids.device.type, self.dtype or torch.float32, enabled=self.dtype is not None):
            prefix = self.embedded(prefix, None) if prefix.shape[1] else None
            x = self.embedded(batch.ids, batch.frames)
            losses = self.read if batch.domain == TEXT else self.hear
            return losses(x, prefix, batch, weights)

    def embedded(self, ids: Tensor, frames: Tensor | None) -> Tensor:
        return channel_dropout(self.model.embed(ids, frames), self.model.dropout, self.training)

    def read(self, x: Tensor, prefix: Tensor | None, batch: Batch, weights: Weights) -> Losses:
        """The losses of a batch without sound: only the layers below the letters' loss take part."""
        zero, C = x.new_zeros(()), self.model.configuration.codebooks
        attention: dict[int, list[Tensor]] = dict.fromkeys(self.guided_layers[:1])
        below = self.model.run(x, attention=attention, prefix=prefix, depth=self.letter_layer)
        letters, captions = self.understood(below, batch, attention)
        hints = weights.letters * letters + weights.captions * captions
        return Losses(
            C * hints, zero.expand(C), zero, zero, letters.detach(), captions.detach(), zero, zero, zero, None
        )

    def understood(self, hidden: Tensor, batch: Batch, attention: dict[int, list[Tensor]]) -> tuple[Tensor, Tensor]:
        """How badly a middle layer [B, T, H] tells how texts sound, and what captions ask for, to which belongs how
        badly the first guided layer finds where a caption says it."""
        zero, hidden = hidden.new_zeros((), dtype=torch.float32), hidden.flatten(0, 1)
        letters = self.letter_head(hidden, batch.letters.flatten(0, 1)) if self.letter_head is not None else zero
        captions = self.caption_head(hidden, batch.attributes.flatten(0, 1)) if self.caption_head is not None else zero
        found = attention.get(self.guided_layers[0]) if self.guided_layers else None
        if self.caption_head is not None and found:
            captions = captions + FINDING * guided_attention.pointed(found, batch.told, guided_attention.TOLD_WIDTH)
        return letters, captions

    def hear(self, x: Tensor, prefix: Tensor | None, batch: Batch, weights: Weights) -> Losses:
        """The losses of a batch of speech or music."""
        model, C = self.model, self.model.configuration.codebooks
        keep: dict[int, Tensor] = dict.fromkeys((self.phoneme_layer, self.letter_layer))
        attention: dict[int, list[Tensor]] = dict.fromkeys(self.guided_layers)
        hidden = model.run(x, keep=keep, attention=attention, prefix=prefix)
        loss, cross_entropy = codec_loss(
            hidden.flatten(0, 1),
            model.head,
            batch.labels.flatten(0, 1),
            batch.weight.flatten(),
            self.codebook_weights,
            self.dtype or hidden.dtype,
        )
        guidance = rhythm = phonemes = beats = notes = balance = hidden.new_zeros(())
        letters, captions = self.understood(keep[self.letter_layer], batch, attention)
        if self.phoneme_head is not None:
            phonemes = self.phoneme_head(keep[self.phoneme_layer].flatten(0, 1), batch.phonemes.flatten(0, 1))
        if self.beat_head is not None:
            beats = self.beat_head(keep[self.phoneme_layer].flatten(0, 1), batch.beats.flatten(0, 1))
        if self.note_head is not None:
            notes = self.note_head(keep[self.phoneme_layer].flatten(0, 1), batch.notes.flatten(0, 1))
        if batch.domain == MUSIC and weights.rhythm > 0 and attention:
            rhythm = guided_attention.pointed(
                attention[self.guided_layers[-1]], batch.back, guided_attention.BACK_WIDTH
            )
        elif weights.guidance > 0:
            guidance = guided_attention.guidance(attention.values(), batch.centre, batch.width, self.lookahead)
        use = None
        if self.balance is not None:
            balance, use = self.balance(model.mixtures(), batch.domain, batch.valid)
        hints = (
            weights.guidance * guidance
            + weights.phonemes * phonemes
            + weights.letters * letters
            + weights.captions * captions
            + weights.beats * beats
            + weights.notes * notes
            + weights.rhythm * rhythm
        )
        total = loss + C * hints + weights.balance * balance
        return Losses(
            total,
            cross_entropy.detach(),
            (guidance + rhythm).detach(),
            phonemes.detach(),
            letters.detach(),
            captions.detach(),
            beats.detach(),
            notes.detach(),
            balance.detach(),
            use,
        )


def scaled(weights: Sequence[float], codebooks: int) -> Tensor:
    """Weights of the codebooks' losses, scaled to a mean of 1; all equal if none are given."""
    if weights and len(weights) != codebooks:
        raise BadInput("curriculum.codebook_weights", expected=f"{codebooks} numbers", found=len(weights))
    given = torch.tensor(weights or [1.0] * codebooks)
    return given / given.mean()
