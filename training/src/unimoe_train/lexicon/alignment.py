"""Which letter of a word is heard as which phonemes: expectation maximisation over all monotonic alignments in which a
letter has at most three phonemes (after Jiampojamarn and others, 2007)."""

from collections import defaultdict

import numpy as np

from unimoe_train.lexicon.phonemes import PLAIN

LETTERS = 26
PHONEMES = sorted(set(PLAIN))
BASE = len(PHONEMES) + 1  # 0 stands for "no phoneme"
MOST = 3  # phonemes of a letter
ROUNDS = 12
PENALTY = (1.0, 1.0, 0.05, 0.0005)  # first guess: how likely a letter has so many phonemes
INDEX = {name: i + 1 for i, name in enumerate(PHONEMES)}

Pair = tuple[str, tuple[str, ...]]


def align(pairs: list[Pair]) -> list[list[tuple[str, ...]] | None]:
    """The phonemes of each letter of each word; None where a word has too many phonemes for its letters."""
    groups = defaultdict(list)
    for i, (word, phonemes) in enumerate(pairs):
        if len(phonemes) <= MOST * len(word):
            groups[len(word), len(phonemes)].append(i)
    batches = [Batch(pairs, members) for _, members in sorted(groups.items())]
    guess = np.array([PENALTY[k] for k in range(MOST + 1)])
    table = np.repeat(np.repeat(guess, [1, BASE, BASE**2, BASE**3])[None], LETTERS, 0)
    for _ in range(ROUNDS):
        counts = np.zeros_like(table)
        for batch in batches:
            batch.count(table, counts)
        table = (counts + 1e-9) / (counts + 1e-9).sum(1, keepdims=True)
    aligned = [None] * len(pairs)
    for batch in batches:
        batch.best(table, aligned)
    return aligned


START = np.cumsum([0, 1, BASE, BASE**2])  # where outputs of 0, 1, 2 and 3 phonemes begin in a letter's row


class Batch:
    """Words of as many letters and as many phonemes as each other."""

    def __init__(self, pairs: list[Pair], members: list[int]):
        self.members, self.pairs = members, pairs
        self.letters = np.array([[ord(c) - ord("a") for c in pairs[i][0]] for i in members])
        plain = [[INDEX[p.rstrip("012")] for p in pairs[i][1]] for i in members]
        self.phonemes = np.array(plain).reshape(len(members), -1)

    def outputs(self, at: int, count: int) -> np.ndarray:
        """Columns of the outputs of `count` phonemes that end before phoneme `at`."""
        value = np.zeros(len(self.members), np.int64)
        for k in range(at - count, at):
            value = value * BASE + self.phonemes[:, k]
        return START[count] + value

    def steps(self):
        """Every letter, phonemes heard by its end, and how many of them are its own."""
        n, m = self.letters.shape[1], self.phonemes.shape[1]
        for letter in range(n):
            for at in range(m + 1):
                for count in range(min(MOST, at) + 1):
                    if at - count <= MOST * letter and m - at <= MOST * (n - letter - 1):
                        yield letter, at, count

    def count(self, table: np.ndarray, counts: np.ndarray) -> None:
        n, m = self.letters.shape[1], self.phonemes.shape[1]
        forward = np.zeros((n + 1, m + 1, len(self.members)))
        backward = np.zeros_like(forward)
        forward[0, 0], backward[n, m] = 1, 1
        steps = list(self.steps())
        for letter, at, count in steps:
            forward[letter + 1, at] += (
                forward[letter, at - count] * table[self.letters[:, letter], self.outputs(at, count)]
            )
        for letter, at, count in reversed(steps):
            p = table[self.letters[:, letter], self.outputs(at, count)]
            backward[letter, at - count] += backward[letter + 1, at] * p
        total = forward[n, m]
        for letter, at, count in steps:
            columns = self.outputs(at, count)
            p = table[self.letters[:, letter], columns]
            share = forward[letter, at - count] * p * backward[letter + 1, at] / total
            np.add.at(counts, (self.letters[:, letter], columns), share)

    def best(self, table: np.ndarray, aligned: list) -> None:
        n, m = self.letters.shape[1], self.phonemes.shape[1]
        score = np.full((n + 1, m + 1, len(self.members)), -np.inf)
        score[0, 0] = 0
        taken = np.zeros(score.shape, np.int8)
        logs = np.log(table)
        for letter, at, count in self.steps():
            value = score[letter, at - count] + logs[self.letters[:, letter], self.outputs(at, count)]
            better = value > score[letter + 1, at]
            score[letter + 1, at] = np.where(better, value, score[letter + 1, at])
            taken[letter + 1, at] = np.where(better, count, taken[letter + 1, at])
        for row, i in enumerate(self.members):
            phonemes, at, parts = self.pairs[i][1], m, []
            for letter in range(n, 0, -1):
                count = taken[letter, at, row]
                parts.append(tuple(phonemes[at - count : at]))
                at -= count
            aligned[i] = parts[::-1]
