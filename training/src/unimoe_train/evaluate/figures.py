"""Figures with their uncertainty."""

import numpy as np
from scipy import stats

RESAMPLES = 1000


def share(hits: list[bool] | np.ndarray) -> dict:
    """A share of hits with its 95 % interval."""
    return proportion(float(np.mean(hits)), len(hits)) if len(hits) else {"value": None, "count": 0}


def proportion(p: float, n: int) -> dict:
    """A share `p` of `n` independent things with its 95 % interval (Wilson)."""
    z = 1.96
    centre, half = (
        (p + z * z / (2 * n)) / (1 + z * z / n),
        z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n),
    )
    return {
        "value": round(p, 4),
        "low": round(float(centre - half), 4),
        "high": round(float(centre + half), 4),
        "count": n,
    }


def ratio(parts: list[int], wholes: list[int], seed: int = 0) -> dict:
    """A ratio of sums, such as wrong words of all words, with its 95 % interval over the clips (bootstrap)."""
    part, whole = np.array(parts), np.array(wholes)
    if whole.sum() == 0:
        return {"value": None, "count": 0}
    rows = np.random.default_rng(seed).integers(len(part), size=(RESAMPLES, len(part)))
    values = part[rows].sum(1) / np.maximum(whole[rows].sum(1), 1)
    low, high = np.quantile(values, (0.025, 0.975))
    return {
        "value": round(float(part.sum() / whole.sum()), 4),
        "low": round(float(low), 4),
        "high": round(float(high), 4),
        "count": len(part),
    }


def mean(values: list[float]) -> dict:
    """A mean with its 95 % interval (Student's t), values being independent; one value alone has none."""
    v = np.array([value for value in values if np.isfinite(value)])
    if len(v) == 0:
        return {"value": None, "count": 0}
    if len(v) == 1:
        return {"value": round(float(v[0]), 4), "count": 1}
    half = stats.t.ppf(0.975, len(v) - 1) * v.std(ddof=1) / np.sqrt(len(v))
    return {
        "value": round(float(v.mean()), 4),
        "low": round(float(v.mean() - half), 4),
        "high": round(float(v.mean() + half), 4),
        "count": len(v),
    }
