"""The spectral target: what a code has to say about 20 ms of sound. It has no phase; the decoder invents one.

Per code frame, of windows centred on it: log-mels of 64 ms for timbre, NOTES log magnitudes of 128 ms, a semitone apart,
for pitch and harmony, which mels of that height cannot tell; and log-mels of four 16 ms windows inside it, for the time of
onsets. There are more mels where the sample rate leaves room for them, about as far apart.
"""

from dataclasses import dataclass
from functools import cache

import librosa
import numpy as np
import torch
import torch.nn.functional as F

from unimoe_train.recipe import FRAME_RATE

SHORT_WINDOWS = 4  # per code frame
NOTES = 48
FLOOR = 3e-4  # magnitude below which nothing is heard
LONG_WINDOW, SHORT_WINDOW, NOTES_WINDOW = 0.064, 0.016, 0.128  # seconds
LOWEST_NOTE = 110.0  # Hz; the highest is 1661
NOTES_SUM = 0.05  # of a note's filter weights: brings notes to about the level of the mels


@dataclass(frozen=True)
class Layout:
    """Which features sound of a sample rate has. T code frames."""

    rate: int
    """Hz."""
    long: int
    """Log-mels of a code frame, up to half the rate."""
    short_bands: int
    """Log-mels of each of its short windows."""

    @staticmethod
    def of(rate: int) -> "Layout":
        """About one mel of a code frame per 0.45 mel of Slaney's scale."""
        top = librosa.hz_to_mel(rate / 2)
        return Layout(rate, 4 * round(top / 1.81), 4 * round(top / 9.04))

    @property
    def hop(self) -> int:
        """Samples per code frame."""
        return self.rate // FRAME_RATE

    @property
    def short(self) -> int:
        return self.short_bands * SHORT_WINDOWS

    @property
    def size(self) -> int:
        return self.long + self.short + NOTES

    def long_bank(self, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
        """Filters [bands, bins] and the window."""
        return _mel_bank(self.rate, self.long, LONG_WINDOW, 2, 30, device)

    def short_bank(self, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
        return _mel_bank(self.rate, self.short_bands, SHORT_WINDOW, 1, 60, device)

    def notes_bank(self, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
        return _notes_bank(self.rate, device)

    def features(self, samples: torch.Tensor) -> torch.Tensor:
        """Samples [B, N], N a multiple of `hop` -> log10 magnitudes [B, T, size]: long, short, notes."""
        B, N = samples.shape
        T = N // self.hop
        short = log_bands(samples, *self.short_bank(samples.device), self.hop // SHORT_WINDOWS)
        short = short.reshape(B, self.short_bands, T, SHORT_WINDOWS).permute(0, 3, 1, 2).reshape(B, self.short, T)
        notes = log_bands(samples, *self.notes_bank(samples.device), self.hop)
        return torch.cat([self.log_mels(samples), torch.cat([short, notes], 1).transpose(1, 2)], 2)

    def log_mels(self, samples: torch.Tensor) -> torch.Tensor:
        """The first `long` of the features alone: samples [B, N] -> [B, T, long]."""
        return log_bands(samples, *self.long_bank(samples.device), self.hop).transpose(1, 2)


@cache
def _mel_bank(
    rate: int, bands: int, seconds: float, padding: int, lowest: float, device: torch.device
) -> tuple[torch.Tensor, torch.Tensor]:
    """Mel filters [bands, bins] for a transform of `padding` windows' length, and the window."""
    window = round(seconds * rate)
    bank = librosa.filters.mel(sr=rate, n_fft=padding * window, n_mels=bands, fmin=lowest, fmax=rate / 2)
    return torch.tensor(bank, dtype=torch.float32, device=device), torch.hann_window(window, device=device)


@cache
def _notes_bank(rate: int, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """Triangles [NOTES, bins] from semitone to semitone, and the window."""
    window = round(NOTES_WINDOW * rate)
    centres = LOWEST_NOTE * 2 ** (np.arange(-1, NOTES + 1) / 12)
    bins = np.arange(window + 1) * rate / (2 * window)
    rising = (bins - centres[:-2, None]) / (centres[1:-1] - centres[:-2])[:, None]
    falling = (centres[2:, None] - bins) / (centres[2:] - centres[1:-1])[:, None]
    bank = np.maximum(0, np.minimum(rising, falling))
    bank *= NOTES_SUM / bank.sum(1, keepdims=True)
    return torch.tensor(bank, dtype=torch.float32, device=device), torch.hann_window(window, device=device)


def log_bands(samples: torch.Tensor, filters: torch.Tensor, window: torch.Tensor, hop: int) -> torch.Tensor:
    """Log10 magnitudes [B, bands, N / hop] of windows centred on every `hop` samples of [B, N]."""
    transform = 2 * (filters.shape[1] - 1)
    edge = transform // 2
    padded = F.pad(samples, (edge - hop // 2, edge + hop // 2))
    spectrum = torch.stft(
        padded, transform, hop, win_length=len(window), window=window, center=False, return_complex=True
    )[..., : samples.shape[1] // hop]
    return torch.log10((filters @ spectrum.abs()).clamp(min=FLOOR))
