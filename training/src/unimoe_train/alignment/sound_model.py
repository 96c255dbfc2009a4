"""What the sounds of speech look like in code frames: what an alignment of many voices learned, for clips that come later."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from unimoe_train.errors import BadInput
from unimoe_train.plan.phonemes import sounds
from unimoe_train.state import replacing

CONTEXT = 4  # code frames on each side that the network sees
COMPONENTS = 32  # principal components of a frame's features
WIDTH = 256  # of the network's hidden layer
SAMPLE = 100_000  # frames that the principal components are taken from
ROWS = 65_536  # frames that are worked on at once


@dataclass(frozen=True)
class Projection:
    """Features [..., F] -> their principal components, each of deviation 1."""

    mean: np.ndarray  # float32 [F]
    basis: np.ndarray  # float32 [F, components], up to COMPONENTS

    @staticmethod
    def of(features: Sequence[np.ndarray]) -> "Projection":
        """That of the largest variance in about SAMPLE frames of clips from everywhere. features: [code frames, F] each."""
        clips, frames = [], 0
        for index in np.random.default_rng(0).permutation(len(features)):
            clips.append(features[index])
            frames += len(clips[-1])
            if frames >= SAMPLE:
                break
        sample = np.concatenate(clips)
        variances, vectors = np.linalg.eigh(covariance(sample))
        basis = vectors / (np.sqrt(np.maximum(variances, 0)) + 1e-6)
        return Projection(sample.mean(0), np.ascontiguousarray(basis[:, ::-1][:, :COMPONENTS], np.float32))

    @property
    def components(self) -> int:
        return self.basis.shape[1]

    def __call__(self, features: np.ndarray) -> np.ndarray:
        return (features - self.mean) @ self.basis


class SoundModel:
    """A network with one hidden layer from a frame and its context to the sounds, and how often each sound is heard."""

    def __init__(self, projection: Projection, network: torch.nn.Module, prior: torch.Tensor):
        self.projection, self.network = projection, network.eval()
        self.prior = prior  # log probabilities [sounds]

    def scores(self, padded: torch.Tensor, first: int, last: int) -> np.ndarray:
        """Log of posterior over prior [last - first, sounds]; padded: components of all frames, CONTEXT zeros at both ends."""
        with torch.no_grad():
            return (self.network(around(padded, torch.arange(first, last))).log_softmax(1) - self.prior).numpy()

    def save(self, path: Path) -> None:
        """Writes a safetensors file."""
        tensors = {f"network.{name}": value for name, value in self.network.state_dict().items()} | {
            "mean": torch.from_numpy(self.projection.mean),
            "basis": torch.from_numpy(self.projection.basis),
            "prior": self.prior,
        }
        with replacing(path) as temporary:
            save_file(tensors, temporary)
            temporary.chmod(0o644)

    @staticmethod
    def load(path: Path) -> "SoundModel":
        try:
            tensors = load_file(path)
            projection = Projection(tensors["mean"].numpy(), tensors["basis"].numpy())
            network = network_of(projection.components)
            network.load_state_dict(
                {n.removeprefix("network."): value for n, value in tensors.items() if n.startswith("network.")}
            )
            return SoundModel(projection, network, tensors["prior"])
        except (OSError, SafetensorError, KeyError, RuntimeError) as error:
            raise BadInput(path, f"is no whole model of sounds: {error}") from None


def network_of(components: int) -> torch.nn.Module:
    """Frames with their context [n, (2 * CONTEXT + 1) * components] -> logits [n, sounds], untrained."""
    return torch.nn.Sequential(
        torch.nn.Linear(components * (2 * CONTEXT + 1), WIDTH),
        torch.nn.ReLU(),
        torch.nn.Linear(WIDTH, max(sounds()) + 1),
    )


def around(padded: torch.Tensor, frames: torch.Tensor) -> torch.Tensor:
    """Some frames [n] of all, each with its context [n, (2 * CONTEXT + 1) * components]."""
    return padded[frames[:, None] + torch.arange(2 * CONTEXT + 1)].flatten(1)


def covariance(points: np.ndarray) -> np.ndarray:
    """That of points [n, F], which no second array of their size is made for: float64 [F, F]."""
    mean = points.mean(0, dtype=np.float64)
    total = np.zeros((points.shape[1],) * 2)
    for start in range(0, len(points), ROWS):
        part = points[start : start + ROWS] - mean
        total += part.T @ part
    return total / max(1, len(points) - 1)
