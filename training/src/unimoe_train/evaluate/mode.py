"""Mode: major or minor, by chroma.

A key is a tonic and a mode. One set of weights per mode scores the chroma seen from a tonic, so that what is learned in one key
holds in all: p(tonic, mode) = softmax over the 24 keys of weights[mode] . chroma rotated by the tonic.
"""

import librosa
import numpy as np
import torch
import torch.nn.functional as F

from unimoe_train.evaluate.hearing import RATE
from unimoe_train.evaluate.statistics import of_set
from unimoe_train.plan.instruments import DRUMS
from unimoe_train.state import State

MODES = ("major", "minor")
RANGES = ((50, 200), (200, 500), (500, 2000))  # Hz: bass, middle, treble
CLIPS = 4000  # per set, to learn from


def chroma(samples: np.ndarray) -> np.ndarray:
    """Samples [n] -> pitch-class profiles [ranges, 12], each with the sum 1."""
    size = 4096
    power = np.abs(librosa.stft(samples, n_fft=size, hop_length=1024)) ** 0.7
    frequency = np.fft.rfftfreq(size, 1 / RATE)
    profiles = []
    for low, high in RANGES:
        inside = (frequency >= low) & (frequency < high)
        pitch = 12 * np.log2(frequency[inside] / 440) + 9  # C is 0
        near = np.maximum(0, 1 - 2 * np.abs(pitch - np.round(pitch)))
        profile = np.zeros(12)
        np.add.at(profile, np.round(pitch).astype(int) % 12, near * power[inside].mean(1))
        profiles.append(profile / (profile.sum() + 1e-9))
    return np.stack(profiles)


class ModeJudge:
    """Learns the modes' profiles from pieces of the training sets; drums alone have none."""

    def __init__(self, state: State, names: list[str], steps: int = 300):
        chromas, labels = [], []
        for name in names:
            for profile, clip in zip(*of_set(state, name, CLIPS, "chroma", chroma)):
                if clip["inst"] != DRUMS:
                    chromas.append(profile)
                    labels.append(12 * MODES.index(clip["mode"]) + clip["tonic"])
        self.weights = torch.zeros(len(MODES), 12 * len(RANGES), requires_grad=True)
        self.bias = torch.zeros(len(MODES), requires_grad=True)
        self._fit(self.rotations(chromas), torch.tensor(labels), steps)

    def _fit(self, rotations: torch.Tensor, labels: torch.Tensor, steps: int) -> None:
        optimizer = torch.optim.Adam([self.weights, self.bias], 0.3)
        for _ in range(steps):
            loss = F.cross_entropy(self.scores(rotations), labels) + 1e-4 * self.weights.pow(2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    @staticmethod
    def rotations(chromas: list[np.ndarray]) -> torch.Tensor:
        """[clips, 12 tonics, features], each profile seen from each tonic."""
        x = np.stack(chromas)
        turned = np.stack([np.roll(x, -step, axis=2).reshape(len(x), -1) for step in range(12)], 1)
        return torch.from_numpy(turned).float()

    def scores(self, rotations: torch.Tensor) -> torch.Tensor:
        """[clips, 24 keys], major keys first."""
        return (rotations @ self.weights.T + self.bias).transpose(1, 2).flatten(1)

    @torch.no_grad()
    def name(self, clips: list[np.ndarray]) -> list[str]:
        """The mode of each clip."""
        if not clips:
            return []
        scores = self.scores(self.rotations([chroma(samples) for samples in clips])).view(len(clips), 2, 12)
        return [MODES[index] for index in scores.logsumexp(2).argmax(1)]
