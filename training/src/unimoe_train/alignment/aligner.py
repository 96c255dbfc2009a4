"""A frame classifier and a hidden Markov model that teach each other which state of its sentence a code frame is in.

Nothing but the sounds and their texts is needed: the first guess spreads a sentence's phonemes evenly over its
frames, Gaussians are fitted and the best paths found anew, then a small network replaces the Gaussians.
"""

import numpy as np
import torch
import torch.nn.functional as F
from unimoe_train.alignment.viterbi import best_paths
from unimoe_train.plan.phonemes import SILENCE, sounds
from unimoe_train.plan.sentence import Sentence

CONTEXT = 4  # code frames on each side that the network sees
COMPONENTS = 32  # principal components of a frame's features
BATCH = 256  # sentences aligned at once


class Aligner:
    """Aligns clips with their texts.  features: per clip log magnitudes [code frames, features].

    The stresses of a vowel are one sound.
    """

    def __init__(self, features: list[np.ndarray], sentences: list[Sentence], seed: int = 0):
        of_phoneme = np.array(sounds())
        self.states = [(of_phoneme[sentence.phonemes], sentence.optional) for sentence in sentences]
        self.sounds = int(of_phoneme.max()) + 1
        self.lengths = [len(f) for f in features]
        self.seed = seed
        self.random = torch.Generator().manual_seed(seed)
        together = np.concatenate(features)
        self.mean, basis = principal(together)
        self.points = ((together - self.mean) @ basis).astype(np.float32)
        self.points /= self.points.std(0)
        self.loudness = together.mean(1)
        self.offsets = np.concatenate([[0], np.cumsum(self.lengths)])
        self.paths = [self._even(i) for i in range(len(sentences))]

    def fit(self, gaussian_rounds: int = 6, network_rounds: int = 3, log=lambda line: None) -> None:
        for round in range(gaussian_rounds):
            log(f"Gaussians {round + 1} of {gaussian_rounds}: {self._realign(self._gaussian_scores()):.3f} a frame")
        for round in range(network_rounds):
            log(f"network {round + 1} of {network_rounds}: {self._realign(self._network_scores()):.3f} a frame")

    def state_frames(self, clip: int) -> np.ndarray | None:
        """The state of the sentence in every code frame of a clip, if it could be aligned."""
        return self.paths[clip]

    def _even(self, clip: int) -> np.ndarray:
        """Pauses where the clip's ends are quiet, the phonemes spread evenly between."""
        names, _ = self.states[clip]
        loud = self.loudness[self.offsets[clip] : self.offsets[clip + 1]]
        floor = np.quantile(loud, 0.05)
        speaking = np.flatnonzero(loud > floor + 0.35 * (np.quantile(loud, 0.95) - floor))
        first, last = (speaking[0], speaking[-1] + 1) if len(speaking) else (0, len(loud))
        spoken = np.flatnonzero(names != SILENCE)
        path = np.empty(len(loud), np.int64)
        path[:first] = 0
        path[last:] = len(names) - 1
        if len(spoken):
            path[first:last] = spoken[np.arange(last - first) * len(spoken) // max(1, last - first)]
        return path

    def _labels(self) -> np.ndarray:
        """The sound of every code frame; -1 where it is not known."""
        return np.concatenate(
            [
                np.full(length, -1) if path is None else states[0][path]
                for length, path, states in zip(self.lengths, self.paths, self.states)
            ]
        )

    def _gaussian_scores(self) -> np.ndarray:
        labels, points = self._labels(), self.points
        scores = np.full((len(points), self.sounds), -1e4, np.float32)
        shared = np.cov(points.T)
        for p in range(self.sounds):
            mine = points[labels == p]
            if len(mine) < 20:
                continue
            weight = len(mine) / (len(mine) + 200)
            covariance = weight * np.cov(mine.T) + (1 - weight) * shared + 1e-3 * np.eye(points.shape[1])
            triangle = np.linalg.cholesky(np.linalg.inv(covariance))
            distance = ((points - mine.mean(0)) @ triangle.astype(np.float32)) ** 2
            scores[:, p] = np.log(np.diag(triangle)).sum() - 0.5 * distance.sum(1)
        return scores

    def _network_scores(self, epochs: int = 2, width: int = 256) -> np.ndarray:
        """Log of posterior over prior of a network with one hidden layer, trained on the present paths."""
        labels = torch.from_numpy(self._labels().astype(np.int64))
        padded = F.pad(torch.from_numpy(self.points), (0, 0, CONTEXT, CONTEXT))
        around = torch.arange(2 * CONTEXT + 1)
        known = (labels >= 0).nonzero()[:, 0]
        with torch.random.fork_rng():
            torch.manual_seed(self.seed)
            network = self._network(width)
        optimizer = torch.optim.AdamW(network.parameters(), lr=2e-3)
        steps = epochs * (len(known) // 1024)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=steps + 1)
        for _ in range(steps):
            rows = known[torch.randint(len(known), (1024,), generator=self.random)]
            output = network(padded[rows[:, None] + around].flatten(1))
            loss = F.cross_entropy(output, labels[rows], label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        network.eval()
        prior = torch.bincount(labels[known], minlength=self.sounds).float().add(10).log()
        prior -= prior.logsumexp(0)
        with torch.no_grad():
            rows = torch.arange(len(self.points)).split(8192)
            scores = torch.cat([network(padded[r[:, None] + around].flatten(1)).log_softmax(1) - prior for r in rows])
        return scores.numpy()

    def _network(self, width: int) -> torch.nn.Module:
        """Frames with their context [n, (2 * CONTEXT + 1) * COMPONENTS] -> logits [n, phonemes]."""
        inputs = self.points.shape[1] * (2 * CONTEXT + 1)
        return torch.nn.Sequential(torch.nn.Linear(inputs, width), torch.nn.ReLU(), torch.nn.Linear(width, self.sounds))

    def _realign(self, scores: np.ndarray) -> float:
        """New paths for all clips; returns the mean score of a frame."""
        order = sorted(range(len(self.states)), key=lambda i: self.lengths[i])
        total = 0.0
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            pieces = [scores[self.offsets[i] : self.offsets[i + 1]] for i in batch]
            for i, piece, path in zip(batch, pieces, best_paths(pieces, [self.states[i] for i in batch])):
                self.paths[i] = path
                if path is not None:
                    total += float(piece[np.arange(len(piece)), self.states[i][0][path]].sum())
        return total / len(scores)


def principal(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean [features] and basis [features, COMPONENTS] of the largest variance."""
    sample = points[:: max(1, len(points) // 100_000)]
    mean = sample.mean(0)
    _, vectors = np.linalg.eigh(np.cov((sample - mean).T))
    return mean, vectors[:, ::-1][:, :COMPONENTS]
