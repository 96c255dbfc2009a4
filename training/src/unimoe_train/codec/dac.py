"""The published DAC architecture, with its names of tensors and its inference semantics, in plain convolutions.

Weight normalisation only matters where checkpoints are read and written (`codec.checkpoint`). Shapes: a signal is
[B, 1, samples], latents are [B, latent, code frames], codes [B, codebooks, code frames].
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from unimoe_train.codec.analysis import Spectra, SpectralEncoder

DILATIONS = (1, 3, 9)  # of the three residual units of every block


@dataclass(frozen=True)
class DACConfiguration:
    """Sizes, named as in the codec's config.json."""

    encoder_dim: int = 16
    encoder_rates: tuple[int, ...] = (2, 4, 5, 8)
    decoder_dim: int = 256
    decoder_rates: tuple[int, ...] = (8, 5, 4, 2)
    n_codebooks: int = 8
    codebook_size: int = 1024
    codebook_dim: int = 8
    sample_rate: int = 16000
    analysis: tuple[dict, ...] = ()  # instead of the network: fields of `analysis.Spectra`, the features in their order

    @property
    def latent_dim(self) -> int:
        if self.analysis:
            return sum(entry["bands"] * entry["per_frame"] for entry in self.analysis)
        return self.encoder_dim * 2 ** len(self.encoder_rates)

    @property
    def hop_length(self) -> int:
        return math.prod(self.encoder_rates)


def _snake(x: torch.Tensor, alpha: torch.Tensor) -> torch.Tensor:
    y = torch.sin(alpha * x)
    return x + y * y / (alpha + 1e-9)


def _snake_gradients(x: torch.Tensor, alpha: torch.Tensor, grad: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Gradients of x and, before it is summed over batch and time, of alpha."""
    angle = 2 * alpha * x
    sine, inverse = torch.sin(angle), 1 / (alpha + 1e-9)
    return grad * (1 + sine), grad * (x * sine * inverse - (1 - torch.cos(angle)) * 0.5 * inverse * inverse)


class _SnakeFunction(torch.autograd.Function):
    """Snake that keeps only its input for the way back; both ways can be compiled (`compile_snake`)."""

    forward_kernel = staticmethod(_snake)
    backward_kernel = staticmethod(_snake_gradients)

    @staticmethod
    def forward(ctx, x, alpha):
        ctx.save_for_backward(x, alpha)
        return _SnakeFunction.forward_kernel(x, alpha)

    @staticmethod
    def backward(ctx, grad):
        dx, dalpha = _SnakeFunction.backward_kernel(*ctx.saved_tensors, grad)
        return dx, dalpha.sum((0, 2), keepdim=True)


def compile_snake() -> None:
    """Fuses snake, which takes most of the codec's time otherwise; with bf16 autocast eight times as fast on a CPU."""
    _SnakeFunction.forward_kernel = staticmethod(torch.compile(_snake, dynamic=True))
    _SnakeFunction.backward_kernel = staticmethod(torch.compile(_snake_gradients, dynamic=True))


class Snake(nn.Module):
    """x + sin(alpha x)^2 / alpha, one alpha per channel."""

    def __init__(self, channels: int):
        super().__init__()
        self.alpha = nn.Parameter(torch.ones(1, channels, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return _SnakeFunction.apply(x, self.alpha)


class Convolution(nn.Conv1d):
    """Kernel 7, as many rows out as in. It sees `ahead` of the three taps that lie in the future; the others are zero, and
    who runs it needs not wait for them."""

    def __init__(self, inputs: int, outputs: int, dilation: int = 1, ahead: int = 3):
        super().__init__(inputs, outputs, 7, dilation=dilation, padding=3 * dilation)
        self.ahead = ahead
        with torch.no_grad():
            self.weight[:, :, 4 + ahead :] = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.ahead == 3:
            return super().forward(x)
        (padding,), (dilation,) = self.padding, self.dilation
        x = F.pad(x, (padding, self.ahead * dilation))
        return F.conv1d(x, self.weight[:, :, : 4 + self.ahead], self.bias, dilation=dilation)


class ResidualUnit(nn.Module):
    def __init__(self, channels: int, dilation: int, ahead: int = 3):
        super().__init__()
        self.block = nn.Sequential(
            Snake(channels),
            Convolution(channels, channels, dilation, ahead),
            Snake(channels),
            nn.Conv1d(channels, channels, 1),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.block(x)


class EncoderBlock(nn.Module):
    def __init__(self, inputs: int, outputs: int, stride: int):
        super().__init__()
        self.block = nn.Sequential(
            *(ResidualUnit(inputs, dilation) for dilation in DILATIONS),
            Snake(inputs),
            nn.Conv1d(inputs, outputs, 2 * stride, stride, math.ceil(stride / 2)),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.block(x)


class DecoderBlock(nn.Module):
    def __init__(self, inputs: int, outputs: int, rate: int, ahead: int = 3):
        super().__init__()
        self.block = nn.Sequential(
            Snake(inputs),
            nn.ConvTranspose1d(inputs, outputs, 2 * rate, rate, math.ceil(rate / 2)),
            *(ResidualUnit(outputs, dilation, ahead) for dilation in DILATIONS),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.block(x)


class Encoder(nn.Module):
    """Signal [B, 1, N] -> latents [B, latent, N / hop], N a multiple of the hop length."""

    def __init__(self, width: int, rates: tuple[int, ...], latent: int):
        super().__init__()
        layers: list[nn.Module] = [nn.Conv1d(1, width, 7, padding=3)]
        for rate in rates:
            layers.append(EncoderBlock(width, 2 * width, rate))
            width *= 2
        self.block = nn.Sequential(*layers, Snake(width), nn.Conv1d(width, latent, 3, padding=1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.block(x)


class Decoder(nn.Module):
    """Latents [B, latent, T] -> signal [B, 1, hop T - lost]; odd rates lose samples, as published.

    With a look-ahead of 0 to 3 code frames the first convolution sees no further, and the others see nothing ahead, so
    that sound can be made while codes come; the upsampling itself takes half a code frame more.
    """

    def __init__(self, latent: int, width: int, rates: tuple[int, ...], look_ahead: int | None = None):
        super().__init__()
        first, others = (3, 3) if look_ahead is None else (look_ahead, 0)
        layers: list[nn.Module] = [Convolution(latent, width, ahead=first)]
        for rate in rates:
            layers.append(DecoderBlock(width, width // 2, rate, others))
            width //= 2
        self.model = nn.Sequential(*layers, Snake(width), Convolution(width, 1, ahead=others))

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return torch.tanh(self.model(z))


class VectorQuantizer(nn.Module):
    """One codebook: the residual is looked up in few dimensions, by cosine."""

    def __init__(self, latent: int, size: int, dimensions: int):
        super().__init__()
        self.in_proj = nn.Conv1d(latent, dimensions, 1)
        self.out_proj = nn.Conv1d(dimensions, latent, 1)
        self.codebook = nn.Embedding(size, dimensions)

    def nearest(self, projected: torch.Tensor) -> torch.Tensor:
        """[B, dimensions, T] -> codes [B, T]; the first of equals wins."""
        directions = F.normalize(projected.transpose(1, 2), dim=-1)
        return (directions @ F.normalize(self.codebook.weight, dim=-1).T).argmax(-1)

    def vectors(self, codes: torch.Tensor) -> torch.Tensor:
        """Codes [B, T] -> what they add to the latents [B, latent, T]."""
        return self.out_proj(self.codebook(codes).transpose(1, 2))


class ResidualVectorQuantizer(nn.Module):
    def __init__(self, latent: int, codebooks: int, size: int, dimensions: int):
        super().__init__()
        self.quantizers = nn.ModuleList(VectorQuantizer(latent, size, dimensions) for _ in range(codebooks))

    def encode(self, z: torch.Tensor, codebooks: int | None = None) -> torch.Tensor:
        """Latents [B, latent, T] -> codes [B, codebooks, T]."""
        codes, residual = [], z
        for quantizer in self.quantizers[:codebooks]:
            codes.append(quantizer.nearest(quantizer.in_proj(residual)))
            residual = residual - quantizer.vectors(codes[-1])
        return torch.stack(codes, 1)

    def decode(self, codes: torch.Tensor) -> torch.Tensor:
        """Codes [B, n, T], n up to the number of codebooks -> latents [B, latent, T]."""
        return sum(quantizer.vectors(codes[:, i]) for i, quantizer in enumerate(self.quantizers[: codes.shape[1]]))


class DAC(nn.Module):
    """The whole codec; `state_dict` names are the published ones without weight normalisation."""

    def __init__(self, configuration: DACConfiguration):
        super().__init__()
        c = self.configuration = configuration
        if c.analysis:
            self.encoder = SpectralEncoder([Spectra(**entry) for entry in c.analysis], c.hop_length)
        else:
            self.encoder = Encoder(c.encoder_dim, tuple(c.encoder_rates), c.latent_dim)
        self.quantizer = ResidualVectorQuantizer(c.latent_dim, c.n_codebooks, c.codebook_size, c.codebook_dim)
        self.decoder = Decoder(c.latent_dim, c.decoder_dim, tuple(c.decoder_rates))

    @property
    def codebooks(self) -> list[torch.Tensor]:
        """Each [size, dimensions]."""
        return [quantizer.codebook.weight for quantizer in self.quantizer.quantizers]

    def pad(self, signal: torch.Tensor) -> torch.Tensor:
        """Zeros on the right of [B, N] up to a whole number of code frames."""
        return F.pad(signal, (0, -signal.shape[-1] % self.configuration.hop_length))

    @torch.no_grad()
    def encode(self, signal: torch.Tensor, codebooks: int | None = None) -> torch.Tensor:
        """Samples [B, N] -> codes [B, codebooks, T]."""
        return self.quantizer.encode(self.encoder(self.pad(signal)[:, None]), codebooks)

    @torch.no_grad()
    def decode(self, codes: torch.Tensor) -> torch.Tensor:
        """Codes [B, n, T] -> samples [B, hop T - 8]."""
        return self.decoder(self.quantizer.decode(codes))[:, 0]
