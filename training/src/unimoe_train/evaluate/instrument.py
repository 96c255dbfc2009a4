"""Instrument family: which kind of instrument stands in front, by a classifier that has heard the renderer."""

import librosa
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from unimoe_train.evaluate.hearing import RATE
from unimoe_train.evaluate.statistics import of_set
from unimoe_train.plan.instruments import family
from unimoe_train.state import State

BANDS = 64
CEPSTRUM = 24
CLIPS = 4000  # per set, to learn from


def statistics(samples: np.ndarray) -> np.ndarray:
    """Samples [n] -> quantiles of the log-mel spectrum and of its cepstrum, and how fast they change."""
    mel = librosa.feature.melspectrogram(
        y=samples, sr=RATE, n_fft=1024, hop_length=320, n_mels=BANDS, fmin=50, fmax=8000
    )
    mel = np.log10(mel + 1e-4)
    mel = mel - mel.mean()
    cepstrum = librosa.feature.mfcc(S=mel, n_mfcc=CEPSTRUM)
    change = np.abs(np.diff(cepstrum, axis=1))
    rise = np.maximum(np.diff(mel, axis=1), 0)
    return np.concatenate(
        [
            np.quantile(mel, 0.5, axis=1),
            np.quantile(mel, 0.9, axis=1),
            cepstrum.std(1),
            change.mean(1),
            rise.mean(1),
            np.quantile(rise, 0.95, axis=1),
        ]
    )


class InstrumentJudge:
    """A small network that learns the families from pieces of the training sets."""

    HIDDEN, DROPOUT, STEPS, BATCH = 128, 0.3, 1500, 128

    def __init__(self, state: State, names: list[str]):
        points, labels = [], []
        for name in names:
            values, clips = of_set(state, name, CLIPS, "instrument", statistics)
            points.append(values)
            labels += [family(clip["inst"]) for clip in clips]
        self.names = sorted(set(labels))
        x = torch.from_numpy(np.concatenate(points)).float()
        self.mean, self.scale = x.mean(0), x.std(0) + 1e-6
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)  # the same judge for every model
            self.network = nn.Sequential(
                nn.Linear(x.shape[1], self.HIDDEN),
                nn.ReLU(),
                nn.Dropout(self.DROPOUT),
                nn.Linear(self.HIDDEN, len(self.names)),
            )
            self._fit((x - self.mean) / self.scale, torch.tensor([self.names.index(label) for label in labels]))

    def _fit(self, x: torch.Tensor, labels: torch.Tensor) -> None:
        optimizer = torch.optim.AdamW(self.network.parameters(), 2e-3, weight_decay=0.05)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, self.STEPS)
        for _ in range(self.STEPS):
            rows = torch.randint(len(x), (self.BATCH,))
            loss = F.cross_entropy(self.network(x[rows]), labels[rows], label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        self.network.eval()

    @torch.no_grad()
    def name(self, clips: list[np.ndarray]) -> list[str]:
        """The family of each clip."""
        if not clips:
            return []
        x = torch.from_numpy(np.stack([statistics(samples) for samples in clips])).float()
        return [self.names[index] for index in self.network((x - self.mean) / self.scale).argmax(1)]
