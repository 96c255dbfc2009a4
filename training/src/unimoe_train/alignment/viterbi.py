"""The best way through a sentence's phonemes: a hidden Markov model with one state per phoneme and optional pauses."""

import numpy as np
from unimoe_train.plan.phonemes import SILENCE

IMPOSSIBLE = -1e30
PAUSE_COST = 2.0  # log probability that a pause between two words costs, so that no frame hides in one


def best_paths(scores: list[np.ndarray], states: list[tuple[np.ndarray, np.ndarray]]) -> list[np.ndarray | None]:
    """The likeliest state of every frame, for a batch of sentences.

    scores: per sentence log likelihoods [frames, sounds].  states: per sentence the sound of each state, and whether it
    may be left out; no two such states stand side by side.  Returns per sentence the state of each frame [frames], or
    None where the frames are too few for the sentence.  Every state that is not optional takes at least one frame.
    """
    count, longest = len(scores), max(len(s) for s in scores)
    width = max(len(s[0]) for s in states)
    phonemes = np.zeros((count, width), np.int64)
    skip = np.full((count, width), IMPOSSIBLE, np.float32)
    for row, (sounds, optional) in enumerate(states):
        phonemes[row, : len(sounds)] = sounds
        skip[row, 2 : len(sounds)][optional[1 : len(sounds) - 1]] = 0
    best = np.full((count, width), IMPOSSIBLE, np.float32)
    cost = np.where(phonemes == SILENCE, -PAUSE_COST, 0).astype(np.float32)
    came = np.zeros((longest, count, width), np.int8)
    ends = np.zeros((count, width), np.float32)
    rows = np.arange(count)[:, None]
    padded = np.zeros((count, longest, scores[0].shape[1]), np.float32)
    for row, score in enumerate(scores):
        padded[row, : len(score)] = score
    lengths = np.array([len(s) for s in scores])
    for t in range(longest):
        emission = padded[rows, t, phonemes]
        if t == 0:
            best[:, 0] = emission[:, 0]
            best[:, 1] = emission[:, 1]
        else:
            one = np.full_like(best, IMPOSSIBLE)
            one[:, 1:] = best[:, :-1] + cost[:, 1:]
            two = np.full_like(best, IMPOSSIBLE)
            two[:, 2:] = best[:, :-2]
            two += skip
            step = np.where(one > best, 1, 0).astype(np.int8)
            value = np.maximum(best, one)
            step = np.where(two > value, 2, step).astype(np.int8)
            best = np.maximum(value, two) + emission
            came[t] = step
        last = lengths == t + 1
        ends[last] = best[last]
    return [_trace(came[:, row], ends[row], int(lengths[row]), len(states[row][0])) for row in range(count)]


def _trace(came: np.ndarray, ends: np.ndarray, frames: int, states: int) -> np.ndarray | None:
    """Back from the last pause or the last phoneme, whichever scores better."""
    state = states - 1 if ends[states - 1] > ends[states - 2] else states - 2
    if ends[state] < IMPOSSIBLE / 2:
        return None
    path = np.empty(frames, np.int64)
    for t in range(frames - 1, -1, -1):
        path[t] = state
        state -= int(came[t, state])
    return path
