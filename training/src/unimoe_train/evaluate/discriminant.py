"""Linear discriminant analysis: classes are Gaussians with one covariance (Fisher 1936), shrunk towards a diagonal one."""

import numpy as np


class Discriminant:
    def __init__(self, points: np.ndarray, labels: list[str], shrinkage: float = 0.1):
        """points [clips, dimensions], one label each."""
        self.names = sorted(set(labels))
        labels = np.array(labels)
        self.mean, self.scale = points.mean(0), points.std(0) + 1e-9
        z = (points - self.mean) / self.scale
        self.centres = np.stack([z[labels == name].mean(0) for name in self.names])
        within = z - self.centres[[self.names.index(label) for label in labels]]
        covariance = within.T @ within / len(z)
        covariance = (
            (1 - shrinkage) * covariance + shrinkage * np.diag(np.diag(covariance)) + 1e-6 * np.eye(len(covariance))
        )
        self.weights = np.linalg.solve(covariance, self.centres.T).T
        self.bias = -0.5 * (self.weights * self.centres).sum(1)

    def scores(self, points: np.ndarray) -> np.ndarray:
        """Log-likelihoods [clips, classes] up to a constant, all classes equally likely beforehand."""
        return ((points - self.mean) / self.scale) @ self.weights.T + self.bias

    def classify(self, points: np.ndarray) -> list[str]:
        return [self.names[index] for index in self.scores(points).argmax(1)]
