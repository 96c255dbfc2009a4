"""Instrument family: which kind of instrument stands in front, by a classifier that has heard the renderer."""

import librosa
import numpy as np

from unimoe_train.data.clips import RATE
from unimoe_train.data.instruments import family
from unimoe_train.evaluate.discriminant import Discriminant
from unimoe_train.evaluate.statistics import of_set
from unimoe_train.state import State

BANDS = 64
CEPSTRUM = 24
CLIPS = 1500  # per set, to learn from


def statistics(samples: np.ndarray) -> np.ndarray:
    """Samples [n] -> quantiles of the log-mel spectrum and of its cepstrum, and how fast they change."""
    mel = librosa.feature.melspectrogram(y=samples, sr=RATE, n_fft=1024, hop_length=320, n_mels=BANDS, fmin=50, fmax=8000)
    mel = np.log10(mel + 1e-4)
    mel = mel - mel.mean()
    cepstrum = librosa.feature.mfcc(S=mel, n_mfcc=CEPSTRUM)
    change = np.abs(np.diff(cepstrum, axis=1))
    rise = np.maximum(np.diff(mel, axis=1), 0)
    return np.concatenate([
        np.quantile(mel, 0.5, axis=1), np.quantile(mel, 0.9, axis=1), cepstrum.std(1), change.mean(1),
        rise.mean(1), np.quantile(rise, 0.95, axis=1)])


class InstrumentJudge:
    """Learns the families from pieces of the training sets."""

    def __init__(self, state: State, names: list[str]):
        points, labels = [], []
        for name in names:
            values, clips = of_set(state, name, CLIPS, "instrument", statistics)
            points.append(values)
            labels += [family(clip["inst"]) for clip in clips]
        self.discriminant = Discriminant(np.concatenate(points), labels)

    def name(self, clips: list[np.ndarray]) -> list[str]:
        """The family of each clip."""
        return self.discriminant.classify(np.stack([statistics(samples) for samples in clips])) if clips else []
