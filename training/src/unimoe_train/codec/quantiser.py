"""Residual quantiser of the features in closed form: principal components and k-means, two minutes, no gradients.

DAC looks codes up by cosine in eight projected dimensions. Seven carry the principal components of what is left, the eighth a
constant: on that hyperplane the largest cosine is nearly the smallest Euclidean distance, so that plain k-means codebooks work
under the published rule.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from unimoe_train import torch_file
from unimoe_train.codec.features import NOTES, Layout
from unimoe_train.data.clips import ClipSet
from unimoe_train.errors import BadInput
from unimoe_train.state import FIRST_RATE, State

CODEBOOK_SIZE, DIMENSIONS = 1024, 8
LIFT = 3.0  # the constant, in deviations of the first principal component
ROUNDS = 25  # of k-means
COMPONENT_FRAMES = 40_000  # that principal components are taken from
SHORT_WEIGHT, NOTES_WEIGHT = 0.55, 0.5  # how much their errors count, beside the long windows' 1

Stage = dict[str, torch.Tensor]
"""One codebook: in [8, F], in_bias [8], codebook [1024, 8], out [F, 8], out_bias [F], F features."""


class Quantiser:
    """Scaled features [..., F] to codes [..., codebooks] and back."""

    def __init__(self, stages: list[Stage], mean: torch.Tensor, deviation: torch.Tensor, rate: int):
        self.stages, self.mean, self.deviation = stages, mean, deviation
        self.layout = Layout.of(rate)
        self.weights = torch.cat(
            [
                torch.ones(self.layout.long),
                torch.full((self.layout.short,), SHORT_WEIGHT),
                torch.full((NOTES,), NOTES_WEIGHT),
            ]
        ).to(mean.device)

    @staticmethod
    def load(path: Path) -> "Quantiser":
        if not path.exists():
            raise BadInput(path, "is not there yet: run `unimoe-train codec quantiser`")
        saved = torch_file.read(path, "stages", "mean", "deviation")
        return Quantiser(saved["stages"], saved["mean"], saved["deviation"], saved.get("rate", FIRST_RATE))

    def save(self, path: Path) -> None:
        scale = {"mean": self.mean, "deviation": self.deviation}
        torch_file.write(path, {"stages": self.stages, **scale, "rate": self.layout.rate})

    def to(self, device: torch.device) -> "Quantiser":
        stages = [{name: value.to(device) for name, value in stage.items()} for stage in self.stages]
        return Quantiser(stages, self.mean.to(device), self.deviation.to(device), self.layout.rate)

    @property
    def digests(self) -> list[str]:
        """What tells the codes of each codebook from another codec's."""
        return codebook_digests([stage["codebook"] for stage in self.stages])

    @property
    def codebooks(self) -> int:
        return len(self.stages)

    def scale(self, raw: torch.Tensor) -> torch.Tensor:
        """Features -> latents, in which the squared error is what matters."""
        return (raw - self.mean) * self.weights / self.deviation

    def unscale(self, latents: torch.Tensor) -> torch.Tensor:
        return latents * self.deviation / self.weights + self.mean

    def encode(self, latents: torch.Tensor, codebooks: int | None = None) -> torch.Tensor:
        codes, residual = [], latents
        for stage in self.stages[:codebooks]:
            code = nearest(residual @ stage["in"].T + stage["in_bias"], stage["codebook"])
            codes.append(code)
            residual = residual - self._vectors(stage, code)
        return torch.stack(codes, -1)

    def decode(self, codes: torch.Tensor) -> torch.Tensor:
        """Codes [..., n], n up to the number of codebooks -> latents [..., F]."""
        return sum(self._vectors(stage, codes[..., i]) for i, stage in enumerate(self.stages[: codes.shape[-1]]))

    @staticmethod
    def _vectors(stage: Stage, code: torch.Tensor) -> torch.Tensor:
        return stage["codebook"][code] @ stage["out"].T + stage["out_bias"]


def codebook_digests(codebooks: list[torch.Tensor]) -> list[str]:
    """SHA-256 of each of some codebooks [1024, 8], rounded to float16 as a model's codec has them."""
    rounded = [codebook.detach().to(torch.float16).contiguous().numpy() for codebook in codebooks]
    return [hashlib.sha256(numbers.tobytes()).hexdigest() for numbers in rounded]


def nearest(projected: torch.Tensor, codebook: torch.Tensor) -> torch.Tensor:
    """Index [...] of the codebook row with the largest cosine to each projected vector [..., 8]."""
    rows = F.normalize(codebook, dim=-1).T
    flat = F.normalize(projected.reshape(-1, projected.shape[-1]), dim=-1)
    return torch.cat([(part @ rows).argmax(1) for part in flat.split(8192)]).view(projected.shape[:-1])


def fit(raw: torch.Tensor, codebooks: int, rate: int, log: Callable[[str], None] = lambda line: None) -> Quantiser:
    """A quantiser for features [frames, F] of sound at `rate` Hz."""
    quantiser = Quantiser([], raw.mean(0), raw.std(), rate)
    latents = quantiser.scale(raw[torch.randperm(len(raw))])
    variance, residual = latents.var(0).sum(), latents
    for index in range(codebooks):
        stage = fit_stage(residual)
        code = nearest(residual @ stage["in"].T + stage["in_bias"], stage["codebook"])
        residual = residual - Quantiser._vectors(stage, code)
        quantiser.stages.append(stage)
        log(f"{index + 1} codebooks leave {residual.var(0).sum() / variance:.4f} of the variance")
    return quantiser


def fit_stage(residual: torch.Tensor) -> Stage:
    """One codebook for vectors [frames, F] in random order."""
    mean = residual.mean(0)
    components = torch.linalg.svd((residual - mean)[:COMPONENT_FRAMES], full_matrices=False)[2][: DIMENSIONS - 1]
    projected = (residual - mean) @ components.T
    constant = float(LIFT * projected.std(0).max())
    points = torch.cat([projected, torch.full((len(projected), 1), constant)], 1)
    none = torch.zeros(1, components.shape[1])
    return {
        "in": torch.cat([components, none]),
        "in_bias": torch.cat([-(components @ mean), torch.tensor([constant])]),
        "codebook": k_means(points, constant),
        "out": torch.cat([components, none]).T.contiguous(),
        "out_bias": mean,
    }


def k_means(points: torch.Tensor, constant: float) -> torch.Tensor:
    """Codebook [1024, 8] for points [frames, 8] whose last coordinate is `constant`."""
    codebook = points[torch.arange(CODEBOOK_SIZE) % len(points)].clone()
    for _ in range(ROUNDS):
        code = nearest(points, codebook)
        count = torch.zeros(CODEBOOK_SIZE).index_add_(0, code, torch.ones(len(code)))
        total = torch.zeros_like(codebook).index_add_(0, code, points)
        codebook[count > 0] = total[count > 0] / count[count > 0, None]
        rare = torch.nonzero(count < 3)[:, 0]
        codebook[rare] = points[torch.randint(len(points), (len(rare),))]
        codebook[:, -1] = constant
    return codebook


def sample_features(clips: ClipSet, seconds: float, rng: np.random.Generator) -> torch.Tensor:
    """Features [frames, F] of so many seconds of whole clips drawn at random."""
    layout, parts, total = Layout.of(clips.rate), [], 0.0
    for index in rng.permutation(len(clips)):
        whole = clips.clips[index]["n"] // clips.hop * clips.hop
        parts.append(layout.features(torch.from_numpy(clips.audio(index, count=whole))[None])[0])
        total += whole / clips.rate
        if total >= seconds:
            break
    return torch.cat(parts)


def fit_to_sets(
    state: State, groups: list[list[str]], codebooks: int, seconds: float, log: Callable[[str], None]
) -> Quantiser:
    """A quantiser for `seconds` of the sets of each group, a group's sets all alike."""
    rng = np.random.default_rng(0)
    parts = [sample_features(ClipSet(state, name), seconds / len(names), rng) for names in groups for name in names]
    return fit(torch.cat(parts), codebooks, state.sample_rate, log)
