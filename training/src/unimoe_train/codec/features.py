"""The spectral target: what a code has to say about 20 ms of sound. It has no phase; the decoder invents one.

Per code frame, of windows centred on it: LONG log-mels of 64 ms for timbre, NOTES log magnitudes of 128 ms, a semitone
apart, for pitch and harmony, which mels of that height cannot tell; and 20 log-mels each of four 16 ms windows inside
it, for the time of onsets.
"""

from functools import cache

import librosa
import numpy as np
import torch
import torch.nn.functional as F

from unimoe_train.data.clips import HOP, RATE

LONG = 100
SHORT_BANDS, SHORT_WINDOWS = 20, 4
SHORT = SHORT_BANDS * SHORT_WINDOWS
NOTES = 48
FEATURES = LONG + SHORT + NOTES
FLOOR = 3e-4  # magnitude below which nothing is heard
LONG_WINDOW, LONG_TRANSFORM = 1024, 2048  # samples
SHORT_WINDOW, SHORT_HOP = 256, 80
NOTES_WINDOW, NOTES_TRANSFORM = 2048, 4096
LOWEST_NOTE = 110.0  # Hz; the highest is 1661
NOTES_SUM = 0.05  # of a note's filter weights: brings notes to about the level of the mels


@cache
def _long_bank(device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """Mel filters [LONG, bins] and the window."""
    bank = librosa.filters.mel(sr=RATE, n_fft=LONG_TRANSFORM, n_mels=LONG, fmin=30, fmax=8000)
    return torch.tensor(bank, dtype=torch.float32, device=device), torch.hann_window(LONG_WINDOW, device=device)


@cache
def _notes_bank(device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """Triangles [NOTES, bins] from semitone to semitone and the window."""
    centres = LOWEST_NOTE * 2 ** (np.arange(-1, NOTES + 1) / 12)
    bins = np.arange(NOTES_TRANSFORM // 2 + 1) * RATE / NOTES_TRANSFORM
    rising = (bins - centres[:-2, None]) / (centres[1:-1] - centres[:-2])[:, None]
    falling = (centres[2:, None] - bins) / (centres[2:] - centres[1:-1])[:, None]
    bank = np.maximum(0, np.minimum(rising, falling))
    bank *= NOTES_SUM / bank.sum(1, keepdims=True)
    return torch.tensor(bank, dtype=torch.float32, device=device), torch.hann_window(NOTES_WINDOW, device=device)


@cache
def _short_bank(device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """Mel filters [SHORT_BANDS, bins] and the window."""
    bank = librosa.filters.mel(sr=RATE, n_fft=SHORT_WINDOW, n_mels=SHORT_BANDS, fmin=60, fmax=8000)
    return torch.tensor(bank, dtype=torch.float32, device=device), torch.hann_window(SHORT_WINDOW, device=device)


def features(samples: torch.Tensor) -> torch.Tensor:
    """Samples [B, N], N a multiple of 320 -> log10 magnitudes [B, N / 320, FEATURES]: LONG, SHORT, NOTES."""
    B, N = samples.shape
    T = N // HOP
    short = log_bands(samples, *_short_bank(samples.device), SHORT_WINDOW, SHORT_HOP)
    short = short.reshape(B, SHORT_BANDS, T, SHORT_WINDOWS).permute(0, 3, 1, 2).reshape(B, SHORT, T)
    notes = log_bands(samples, *_notes_bank(samples.device), NOTES_TRANSFORM, HOP)
    return torch.cat([log_mels(samples), torch.cat([short, notes], 1).transpose(1, 2)], 2)


def log_mels(samples: torch.Tensor) -> torch.Tensor:
    """The first LONG of the features alone: samples [B, N] -> [B, N / 320, LONG]."""
    return log_bands(samples, *_long_bank(samples.device), LONG_TRANSFORM, HOP).transpose(1, 2)


def log_bands(
    samples: torch.Tensor, filters: torch.Tensor, window: torch.Tensor, transform: int, hop: int
) -> torch.Tensor:
    """Log10 magnitudes [B, bands, N / hop] of windows centred on every `hop` samples of [B, N]."""
    edge = transform // 2
    padded = F.pad(samples, (edge - hop // 2, edge + hop // 2))
    spectrum = torch.stft(
        padded, transform, hop, win_length=len(window), window=window, center=False, return_complex=True
    )[..., : samples.shape[1] // hop]
    return torch.log10((filters @ spectrum.abs()).clamp(min=FLOOR))
