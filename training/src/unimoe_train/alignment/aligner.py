"""A frame classifier and a hidden Markov model that teach each other which state of its sentence a code frame is in.

Nothing but the sounds and their texts is needed: the first guess spreads a sentence's phonemes evenly over its
frames, Gaussians are fitted and the best paths found anew, then a small network replaces the Gaussians.
"""

from collections.abc import Callable, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from unimoe_train.alignment.sound_model import CONTEXT, Projection, SoundModel, around, covariance, network_of
from unimoe_train.alignment.viterbi import best_paths
from unimoe_train.plan.phonemes import SILENCE, sounds
from unimoe_train.plan.sentence import Sentence
from unimoe_train.progress import progress

BATCH = 256  # sentences aligned at once
EPOCHS = 2  # of the network, each time that it is trained anew

Scores = Callable[[int, int], np.ndarray]
"""First and last code frame of all -> log likelihoods of the sounds [frames, sounds]."""


class Aligner:
    """Aligns clips with their texts.  features: per clip log magnitudes [code frames, features], at least one, which are
    asked for when they are needed; lengths: their code frames, where that costs less than to ask; model: what the sounds
    look like, where that is known.

    Of a code frame COMPONENTS float32 stay in memory: 24 hours take 0.6 GB.
    The stresses of a vowel are one sound.
    """

    def __init__(
        self,
        features: Sequence[np.ndarray],
        sentences: list[Sentence],
        lengths: list[int] | None = None,
        model: SoundModel | None = None,
        seed: int = 0,
    ):
        of_phoneme = np.array(sounds())
        self.states = [(of_phoneme[sentence.phonemes], sentence.optional) for sentence in sentences]
        self.sounds = int(of_phoneme.max()) + 1
        self.seed = seed
        self.random = torch.Generator().manual_seed(seed)
        self.lengths = [len(of_clip) for of_clip in features] if lengths is None else lengths
        self.offsets = np.concatenate([[0], np.cumsum(self.lengths, dtype=int)])
        self.model = model
        self.projection = model.projection if model else Projection.of(features)
        # Zeros at both ends are the context of the first and the last frame.
        self.padded = np.zeros((self.offsets[-1] + 2 * CONTEXT, self.projection.components), np.float32)
        self.points = self.padded[CONTEXT : CONTEXT + self.offsets[-1]]
        self.paths = []
        for clip in progress(range(len(sentences)), title="features", unit="clip"):
            of_clip = features[clip]
            self.points[self.offsets[clip] : self.offsets[clip + 1]] = self.projection(of_clip)
            self.paths.append(self._even(clip, of_clip.mean(1)))

    def fit(self, gaussian_rounds: int = 6, network_rounds: int = 3, log=lambda line: None) -> None:
        """Finds the paths, and what the sounds look like where nobody knows yet."""
        if self.model:
            log(f"known sounds: {self._realign(self._scores_of(self.model)):.3f} a frame")
            return
        for round in range(gaussian_rounds):
            log(f"Gaussians {round + 1} of {gaussian_rounds}: {self._realign(self._gaussians()):.3f} a frame")
        for round in range(network_rounds):
            model = self._trained_model()
            log(f"network {round + 1} of {network_rounds}: {self._realign(self._scores_of(model)):.3f} a frame")
            self.model = model

    def state_frames(self, clip: int) -> np.ndarray | None:
        """The state of the sentence in every code frame of a clip, if it could be aligned."""
        return self.paths[clip]

    def _even(self, clip: int, loud: np.ndarray) -> np.ndarray | None:
        """Pauses where the clip's ends are quiet, the phonemes spread evenly between; nothing of a clip without frames and
        of a sentence without phonemes.  loud: [code frames]"""
        names, _ = self.states[clip]
        if not len(loud) or (names == SILENCE).all():
            return None
        floor = np.quantile(loud, 0.05)
        speaking = np.flatnonzero(loud > floor + 0.35 * (np.quantile(loud, 0.95) - floor))
        first, last = (speaking[0], speaking[-1] + 1) if len(speaking) else (0, len(loud))
        spoken = np.flatnonzero(names != SILENCE)
        path = np.empty(len(loud), np.int64)
        path[:first] = 0
        path[last:] = len(names) - 1
        path[first:last] = spoken[np.arange(last - first) * len(spoken) // max(1, last - first)]
        return path

    def _labels(self) -> np.ndarray:
        """The sound of every code frame; -1 where it is not known."""
        return np.concatenate(
            [
                np.full(length, -1, np.int16) if path is None else states[0][path].astype(np.int16)
                for length, path, states in zip(self.lengths, self.paths, self.states)
            ]
        )

    def _gaussians(self) -> Scores:
        """Log likelihoods under a Gaussian for every sound."""
        labels, points = self._labels(), self.points
        shared = covariance(points)
        gaussians = {}
        for p in range(self.sounds):
            mine = points[labels == p]
            if len(mine) < 20:
                continue
            weight = len(mine) / (len(mine) + 200)
            blended = weight * covariance(mine) + (1 - weight) * shared + 1e-3 * np.eye(points.shape[1])
            triangle = np.linalg.cholesky(np.linalg.inv(blended))
            gaussians[p] = mine.mean(0), triangle.astype(np.float32), np.log(np.diag(triangle)).sum()

        def scores(first: int, last: int) -> np.ndarray:
            found = np.full((last - first, self.sounds), -1e4, np.float32)
            for p, (mean, triangle, constant) in gaussians.items():
                found[:, p] = constant - 0.5 * (((points[first:last] - mean) @ triangle) ** 2).sum(1)
            return found

        return scores

    def _scores_of(self, model: SoundModel) -> Scores:
        padded = torch.from_numpy(self.padded)
        return lambda first, last: model.scores(padded, first, last)

    def _trained_model(self) -> SoundModel:
        """A network that learned the present paths."""
        labels, padded = torch.from_numpy(self._labels()), torch.from_numpy(self.padded)
        known = (labels >= 0).nonzero()[:, 0]
        with torch.random.fork_rng():
            torch.manual_seed(self.seed)
            network = network_of(self.projection.components)
        optimizer = torch.optim.AdamW(network.parameters(), lr=2e-3)
        steps = EPOCHS * (len(known) // 1024)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=steps + 1)
        for _ in range(steps):
            rows = known[torch.randint(len(known), (1024,), generator=self.random)]
            loss = F.cross_entropy(network(around(padded, rows)), labels[rows].long(), label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        prior = torch.bincount(labels[known], minlength=self.sounds).float().add(10).log()
        return SoundModel(self.projection, network, prior - prior.logsumexp(0))

    def _realign(self, scores: Scores) -> float:
        """New paths for all clips; returns the mean score of a frame."""
        spoken = [i for i, (names, _) in enumerate(self.states) if self.lengths[i] and (names != SILENCE).any()]
        order = sorted(spoken, key=lambda i: self.lengths[i])
        total = 0.0
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            pieces = [scores(self.offsets[i], self.offsets[i + 1]) for i in batch]
            for i, piece, path in zip(batch, pieces, best_paths(pieces, [self.states[i] for i in batch])):
                self.paths[i] = path
                if path is not None:
                    total += float(piece[np.arange(len(piece)), self.states[i][0][path]].sum())
        return total / max(1, len(self.points))
