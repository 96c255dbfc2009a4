"""An encoder without training: the features themselves, as the engine computes them.

A network that is regressed on the features misses some of them, and with them the codes; where a codec's config.json names an
`analysis`, its encoder is this arithmetic, and a recording gets the codes that the training had.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from unimoe_train.codec.features import FLOOR, SHORT_WINDOWS, Layout
from unimoe_train.codec.quantiser import Quantiser


@dataclass(frozen=True)
class Spectra:
    """Log magnitudes of windows of one length: an entry of `analysis` in config.json."""

    window: int  # samples of a window, shaped after Hann; windows are centred on equal parts of a code frame
    transform: int  # samples of the Fourier transform, the window in their middle
    per_frame: int  # windows per code frame
    bands: int
    bins: int  # lowest frequencies of the transform that the bands look at


def spectra_of(layout: Layout) -> tuple[list[Spectra], list[torch.Tensor]]:
    """The analyses that make a layout's features, in their order, and their filters [bands, bins]."""
    entries, banks = [], []
    device = torch.device("cpu")
    for (bank, window), per_frame in (
        (layout.long_bank(device), 1),
        (layout.short_bank(device), SHORT_WINDOWS),
        (layout.notes_bank(device), 1),
    ):
        bins = int(torch.nonzero(bank.any(0)).max()) + 1
        entries.append(Spectra(len(window), 2 * (bank.shape[1] - 1), per_frame, len(bank), bins))
        banks.append(bank[:, :bins].contiguous())
    return entries, banks


class Analysis(nn.Module):
    """Filters of one analysis."""

    def __init__(self, spectra: Spectra):
        super().__init__()
        self.spectra = spectra
        self.register_buffer("bank", torch.zeros(spectra.bands, spectra.bins))

    def forward(self, samples: torch.Tensor, hop: int) -> torch.Tensor:
        """Samples [B, N], N a multiple of the hop -> log10 magnitudes [B, per_frame bands, N / hop]."""
        s = self.spectra
        edge, hop = s.transform // 2, hop // s.per_frame
        padded = F.pad(samples, (edge - hop // 2, edge + hop // 2))
        window = torch.hann_window(s.window, device=samples.device)
        spectrum = torch.stft(padded, s.transform, hop, s.window, window, center=False, return_complex=True)
        magnitudes = spectrum[:, : s.bins, : samples.shape[1] // hop].abs()
        bands = (self.bank @ magnitudes).clamp(min=FLOOR).log10()
        B, _, T = bands.shape
        frames = bands.view(B, s.bands, T // s.per_frame, s.per_frame)
        return frames.permute(0, 3, 1, 2).reshape(B, s.per_frame * s.bands, T // s.per_frame)


class SpectralEncoder(nn.Module):
    """Signal [B, 1, N] -> latents [B, features, N / hop], N a multiple of the hop length."""

    def __init__(self, analysis: list[Spectra], hop: int):
        super().__init__()
        self.hop = hop
        self.analysis = nn.ModuleList(Analysis(spectra) for spectra in analysis)
        size = sum(spectra.bands * spectra.per_frame for spectra in analysis)
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("scale", torch.ones(size))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        raw = torch.cat([part(x[:, 0], self.hop) for part in self.analysis], 1)
        return (raw - self.mean[:, None]) * self.scale[:, None]


def tensors_of(quantiser: Quantiser) -> dict[str, torch.Tensor]:
    """The state dict of a SpectralEncoder that makes a quantiser's latents."""
    tensors = {f"analysis.{index}.bank": bank for index, bank in enumerate(spectra_of(quantiser.layout)[1])}
    return {**tensors, "mean": quantiser.mean, "scale": quantiser.weights / quantiser.deviation}
