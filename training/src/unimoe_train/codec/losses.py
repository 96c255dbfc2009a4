"""What the decoder is trained by: distances of spectra at four resolutions, and the judgement of discriminators."""

from functools import cache

import librosa
import torch

RESOLUTIONS = ((256, 40), (512, 64), (1024, 80), (2048, 128))
"""Window in samples (the hop is a quarter) and number of mel bands."""

MEL_FLOOR = 1e-4
CONVERGENCE_FLOOR = 0.5  # keeps silence from counting
LOG_FLOOR = 1e-3
LOG_WEIGHT = 0.3


@cache
def _mel_filters(rate: int, window: int, bands: int, device: torch.device) -> torch.Tensor:
    filters = librosa.filters.mel(sr=rate, n_fft=window, n_mels=bands, fmin=0, fmax=rate / 2)
    return torch.tensor(filters, dtype=torch.float32, device=device)


@cache
def _window(size: int, device: torch.device) -> torch.Tensor:
    return torch.hann_window(size, device=device)


def spectrum(samples: torch.Tensor, window: int) -> torch.Tensor:
    """Samples [B, N] -> complex spectrum [B, bins, windows]."""
    return torch.stft(samples, window, window // 4, window=_window(window, samples.device), return_complex=True)


def magnitude(samples: torch.Tensor, window: int) -> torch.Tensor:
    """Samples [B, N] -> magnitudes [B, bins, windows]; the gradient is finite in silence."""
    s = spectrum(samples, window)
    return torch.sqrt(s.real**2 + s.imag**2 + 1e-9)


def spectral_loss(
    made: torch.Tensor, true: torch.Tensor, rate: int, bands: torch.Tensor | None = None
) -> tuple[torch.Tensor, torch.Tensor]:
    """Samples [B, N] twice -> (log-mel L1, spectral convergence + log-magnitude L1), means over the resolutions.

    bands [B]: the highest frequency in Hz that each true row tells of; what is above is not compared.
    """
    mel = linear = torch.zeros((), device=made.device)
    for window, mels in RESOLUTIONS:
        a, b = magnitude(made, window), magnitude(true, window)
        if bands is not None:
            inside = torch.arange(a.shape[1], device=a.device) * rate / window <= bands[:, None]
            a, b = a * inside[..., None], b * inside[..., None]
        filters = _mel_filters(rate, window, mels, made.device)
        mel = mel + (_log_mel(filters, a) - _log_mel(filters, b)).abs().mean()
        missed = ((a - b).pow(2).sum((1, 2)) + 1e-9).sqrt() / (b.pow(2).sum((1, 2)).sqrt() + CONVERGENCE_FLOOR)
        log = ((a + LOG_FLOOR).log10() - (b + LOG_FLOOR).log10()).abs().mean()
        linear = linear + missed.mean() + LOG_WEIGHT * log
    return mel / len(RESOLUTIONS), linear / len(RESOLUTIONS)


def _log_mel(filters: torch.Tensor, magnitudes: torch.Tensor) -> torch.Tensor:
    return (filters @ magnitudes).clamp(min=MEL_FLOOR).log10()


Judgement = list[list[torch.Tensor]]
"""Of every discriminator: its layers' outputs, the last of which is the score."""


def discriminator_loss(true: Judgement, made: Judgement) -> torch.Tensor:
    """Least squares: 1 is true, 0 is made (Mao et al., arXiv 1611.04076)."""
    return sum((1 - t[-1]).pow(2).mean() + m[-1].pow(2).mean() for t, m in zip(true, made)) / len(true)


def adversarial_loss(made: Judgement) -> torch.Tensor:
    """How far what was made is from being taken for true."""
    return sum((1 - m[-1]).pow(2).mean() for m in made) / len(made)


def feature_loss(true: Judgement, made: Judgement) -> torch.Tensor:
    """L1 between what the discriminators' layers see, relative to the true sound's (Kumar et al., arXiv 1910.06711)."""
    total, count = torch.zeros(()), 0
    for t, m in zip(true, made):
        for a, b in zip(t[:-1], m[:-1]):
            total = total.to(b.device) + (a.detach() - b).abs().mean() / (a.detach().abs().mean() + 1e-6)
            count += 1
    return total / count
