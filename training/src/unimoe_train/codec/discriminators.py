"""Small discriminators, cheap enough for a CPU: they hear the buzz and the smeared onsets that spectral losses forgive.

`SpectrumDiscriminator` looks at the complex spectrum of one resolution (as in EnCodec, arXiv 2210.13438), `PeriodDiscriminator`
at the samples in rows of one period (HiFi-GAN, arXiv 2010.05646). Each returns its layers' outputs, the score last.
"""

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.parametrizations import weight_norm

from unimoe_train.codec.losses import Judgement, spectrum

WINDOWS = (256, 512, 1024)  # samples
PERIODS = (2, 3, 5, 7, 11)  # samples
SLOPE = 0.1
COMPRESSION = 0.3  # exponent of the magnitudes: what is soft is looked at, too


def _convolution(inputs: int, outputs: int, kernel: tuple[int, int], stride=(1, 1), dilation=(1, 1)) -> nn.Module:
    padding = tuple(d * (k - 1) // 2 for k, d in zip(kernel, dilation))
    return weight_norm(nn.Conv2d(inputs, outputs, kernel, stride, padding, dilation))


def _layers(convolutions: nn.ModuleList, score: nn.Module, x: torch.Tensor) -> list[torch.Tensor]:
    outputs = []
    for convolution in convolutions:
        x = F.leaky_relu(convolution(x), SLOPE)
        outputs.append(x)
    return [*outputs, score(x)]


class SpectrumDiscriminator(nn.Module):
    def __init__(self, window: int, width: int):
        super().__init__()
        self.window = window
        self.convolutions = nn.ModuleList(
            [
                _convolution(2, width, (9, 3), (2, 1)),
                _convolution(width, width, (9, 3), (2, 1), (1, 1)),
                _convolution(width, 2 * width, (9, 3), (2, 1), (1, 2)),
                _convolution(2 * width, 2 * width, (3, 3)),
            ]
        )
        self.score = _convolution(2 * width, 1, (3, 3))

    def forward(self, samples: torch.Tensor) -> list[torch.Tensor]:
        """Samples [B, N] -> outputs [B, channels, bins, windows]."""
        s = spectrum(samples, self.window)
        loud = (s.real**2 + s.imag**2 + 1e-6) ** ((COMPRESSION - 1) / 2)
        return _layers(self.convolutions, self.score, torch.stack([s.real * loud, s.imag * loud], 1))


class PeriodDiscriminator(nn.Module):
    def __init__(self, period: int, width: int):
        super().__init__()
        self.period = period
        widths = (1, width, 2 * width, 4 * width, 4 * width)
        self.convolutions = nn.ModuleList(
            _convolution(inputs, outputs, (5, 1), (3, 1)) for inputs, outputs in zip(widths, widths[1:])
        )
        self.score = _convolution(widths[-1], 1, (3, 1))

    def forward(self, samples: torch.Tensor) -> list[torch.Tensor]:
        """Samples [B, N] -> outputs [B, channels, rows, period]."""
        samples = F.pad(samples, (0, -samples.shape[1] % self.period))
        return _layers(self.convolutions, self.score, samples.view(len(samples), 1, -1, self.period))


class Discriminators(nn.Module):
    def __init__(self, width: int = 8):
        super().__init__()
        self.parts = nn.ModuleList(
            [SpectrumDiscriminator(window, width) for window in WINDOWS]
            + [PeriodDiscriminator(period, 2 * width) for period in PERIODS]
        )

    def forward(self, samples: torch.Tensor) -> Judgement:
        """Samples [B, N] -> the judgement of every part."""
        return [part(samples) for part in self.parts]
