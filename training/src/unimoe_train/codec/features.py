"""The spectral target: what a code has to say about 20 ms of sound. It has no phase; the decoder invents one.

Per code frame LONG log-mels of one 64 ms window centred on it, for pitch and timbre, and 20 log-mels each of four 16 ms
windows inside it, for the time of onsets.
"""

from functools import cache

import librosa
import torch
import torch.nn.functional as F

from unimoe_train.data.clips import HOP, RATE

LONG = 100
SHORT_BANDS, SHORT_WINDOWS = 20, 4
SHORT = SHORT_BANDS * SHORT_WINDOWS
FEATURES = LONG + SHORT
FLOOR = 3e-4  # magnitude below which nothing is heard
LONG_WINDOW, LONG_TRANSFORM = 1024, 2048  # samples
SHORT_WINDOW, SHORT_HOP = 256, 80


@cache
def _long_bank(device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """Mel filters [LONG, bins] and the window."""
    bank = librosa.filters.mel(sr=RATE, n_fft=LONG_TRANSFORM, n_mels=LONG, fmin=30, fmax=8000)
    return torch.tensor(bank, dtype=torch.float32, device=device), torch.hann_window(LONG_WINDOW, device=device)


@cache
def _short_bank(device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """Mel filters [SHORT_BANDS, bins] and the window."""
    bank = librosa.filters.mel(sr=RATE, n_fft=SHORT_WINDOW, n_mels=SHORT_BANDS, fmin=60, fmax=8000)
    return torch.tensor(bank, dtype=torch.float32, device=device), torch.hann_window(SHORT_WINDOW, device=device)


def features(samples: torch.Tensor) -> torch.Tensor:
    """Samples [B, N], N a multiple of 320 -> log10 magnitudes [B, N / 320, FEATURES]."""
    B, N = samples.shape
    T = N // HOP
    filters, window = _long_bank(samples.device)
    edge = LONG_TRANSFORM // 2
    padded = F.pad(samples, (edge - HOP // 2, edge + HOP // 2))
    spectrum = torch.stft(
        padded, LONG_TRANSFORM, HOP, win_length=LONG_WINDOW, window=window, center=False, return_complex=True
    )
    long = torch.log10((filters @ spectrum[..., :T].abs()).clamp(min=FLOOR))

    filters, window = _short_bank(samples.device)
    edge = SHORT_WINDOW // 2
    padded = F.pad(samples, (edge - SHORT_HOP // 2, edge + SHORT_HOP // 2))
    spectrum = torch.stft(padded, SHORT_WINDOW, SHORT_HOP, window=window, center=False, return_complex=True)
    short = torch.log10((filters @ spectrum[..., : SHORT_WINDOWS * T].abs()).clamp(min=FLOOR))
    short = short.reshape(B, SHORT_BANDS, T, SHORT_WINDOWS).permute(0, 3, 1, 2).reshape(B, SHORT, T)
    return torch.cat([long, short], 1).transpose(1, 2)
