"""Voice: which of the teachers a clip sounds like, by statistics of its cepstrum and its pitch."""

import librosa
import numpy as np

from unimoe_train.evaluate.discriminant import Discriminant
from unimoe_train.evaluate.hearing import RATE
from unimoe_train.evaluate.statistics import of_set
from unimoe_train.state import State

COEFFICIENTS = 20
LOUD = 0.1  # frames below this share of the loudest tenth are pauses
CLIPS = 150  # per voice, to learn from


def statistics(samples: np.ndarray) -> np.ndarray:
    """Samples [n] -> mean and deviation of 20 cepstral coefficients but the loudness, and of log pitch, in what is loud."""
    energy = librosa.feature.rms(y=samples, frame_length=512, hop_length=160)[0]
    loud = energy > LOUD * np.quantile(energy, 0.9)
    cepstrum = librosa.feature.mfcc(y=samples, sr=RATE, n_mfcc=COEFFICIENTS, n_fft=512, hop_length=160, n_mels=64)[1:]
    cepstrum = cepstrum[:, : len(loud)][:, loud[: cepstrum.shape[1]]]
    pitch = np.log(librosa.yin(samples, fmin=60, fmax=400, sr=RATE, frame_length=1024, hop_length=160))
    pitch = pitch[: len(loud)][loud[: len(pitch)]]
    return np.concatenate([cepstrum.mean(1), cepstrum.std(1), [np.median(pitch), pitch.std()]])


class VoiceJudge:
    """Learns the voices from clips of the training sets."""

    def __init__(self, state: State, sets: dict[str, str]):
        """sets: voice -> one of its training sets."""
        points, labels = [], []
        for voice, name in sets.items():
            values, clips = of_set(state, name, CLIPS, "voice", statistics)
            points.append(values)
            labels += [voice] * len(clips)
        self.discriminant = Discriminant(np.concatenate(points), labels)

    def name(self, clips: list[np.ndarray]) -> list[str]:
        """The voice of each clip."""
        return self.discriminant.classify(np.stack([statistics(samples) for samples in clips])) if clips else []
