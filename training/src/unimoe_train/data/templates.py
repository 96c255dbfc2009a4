"""Sentences that text collections lack: numbers, spelling, dates, times, rare words, and many short everyday ones."""

import random
from pathlib import Path

from unimoe_train.data import vocabulary as v
from unimoe_train.data.sentences import WORDS


def spoken_number(number: int) -> str:
    """A number below a million in words: 342 is "three hundred forty two"."""
    if not 0 <= number < 1_000_000:
        raise ValueError(f"number: expected 0 to 999,999, found {number}")
    if number < 20:
        return v.ONES[number]
    if number < 100:
        return v.TENS[number // 10 - 2] + (f" {v.ONES[number % 10]}" if number % 10 else "")
    unit, word = (1000, "thousand") if number >= 1000 else (100, "hundred")
    rest = f" {spoken_number(number % unit)}" if number % unit else ""
    return f"{spoken_number(number // unit)} {word}{rest}"


def spoken_ordinal(number: int) -> str:
    """A day of a month in words: 23 is "twenty third"."""
    if number <= 20:
        return v.ORDINALS[number - 1]
    tens, one = divmod(number, 10)
    return f"{v.TENS[tens - 2]} {v.ORDINALS[one - 1]}" if one else v.TENS[tens - 2][:-1] + "ieth"


def rare_words(path: Path = WORDS) -> list[str]:
    """Lower-case words of two to ten letters from a speller's list."""
    words = path.read_text().split()
    return [word for word in words if word.isascii() and word.isalpha() and word.islower() and 2 <= len(word) <= 10]


class Templates:
    """Draws sentences; the same random state gives the same ones."""

    def __init__(self, rng: random.Random, words: list[str], figures: bool = True):
        """figures: some numbers stand in figures."""
        self.rng = rng
        self.words = words
        self.figures = figures
        self.kinds = (
            (0.55, self.everyday),
            (0.03, lambda: rng.choice(v.PHRASES)),
            (0.03, self.digits),
            (0.03, self.spelling),
            (0.04, self.date),
            (0.04, self.quantity),
            (0.06, lambda: f"the {rng.choice(words)} is {rng.choice(words)}"),
            (0.22, self.word_salad),
        )

    def sentence(self) -> str:
        """One sentence with a capital and a full stop."""
        weights, makers = zip(*self.kinds)
        text = self.rng.choices(makers, weights)[0]()
        text = text[0].upper() + text[1:]
        return text if text[-1] in ".?!" else text + "."

    def noun_phrase(self) -> str:
        determiner = self.rng.choice(v.DETERMINERS)
        phrase = f"{self.rng.choice(v.ADJECTIVES)} " if self.rng.random() < 0.45 else ""
        phrase += self.rng.choice(v.NOUNS)
        return f"{'an' if determiner == 'a' and phrase[0] in 'aeiou' else determiner} {phrase}"

    def subject(self) -> str:
        draw = self.rng.random()
        if draw < 0.25:
            return self.rng.choice(v.NAMES)
        return self.rng.choice(v.PRONOUNS) if draw < 0.55 else self.noun_phrase()

    def everyday(self) -> str:
        one, noun = self.rng.choice, self.noun_phrase
        return one(
            (
                lambda: f"{self.subject()} {one(v.PAST_VERBS)} {noun()}",
                lambda: f"{self.subject()} {one(v.PAST_VERBS)} {noun()} {one(v.PREPOSITIONS)} {noun()}",
                lambda: f"{self.subject()} {one(v.PAST_MOTIONS)} {one(v.PREPOSITIONS)} {noun()}",
                lambda: f"{noun()} is {one(v.ADJECTIVES)} and {one(v.ADJECTIVES)}",
                lambda: f"please {one(v.VERBS)} {noun()} {one(v.ADVERBS)}",
                lambda: f"do you {one(v.VERBS)} {noun()}?",
                lambda: f"can {one(('you', 'we', 'I', 'they'))} {one(v.VERBS)} {noun()}?",
                lambda: f"{one(v.PRONOUNS)} will {one(v.VERBS)} {noun()} {one(v.ADVERBS)}",
                lambda: (
                    f"I want to {one(v.VERBS)} {noun()}, but {one(v.PRONOUNS)} {one(v.PAST_MOTIONS)} {one(v.ADVERBS)}"
                ),
                lambda: f"{one(v.NAMES)} and {one(v.NAMES)} {one(v.PAST_MOTIONS)} to {one(v.PLACES)} on {one(v.DAYS)}",
                lambda: (
                    f"there are {spoken_number(self.rng.randint(2, 999))} {one(v.NOUNS)}s {one(v.PREPOSITIONS)} {noun()}"
                ),
                lambda: f"{noun()} is {one(v.PREPOSITIONS)} {noun()}",
                lambda: f"why did {one(v.NAMES)} {one(v.VERBS)} {noun()}?",
                lambda: f"{one(v.VERBS)} {noun()} and {one(v.VERBS)} {noun()}",
            )
        )()

    def digits(self) -> str:
        """Digits one by one, in words or as figures."""
        digits = [self.rng.randint(0, 9) for _ in range(self.rng.randint(3, 7))]
        if self.rng.random() < 0.3 and self.figures:
            return ", ".join(map(str, digits))
        return " ".join(v.ONES[digit] for digit in digits)

    def spelling(self) -> str:
        """Letters one by one, or a word and how it is spelled."""
        if self.rng.random() < 0.6:
            return ", ".join(self.rng.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ", k=self.rng.randint(2, 5)))
        word = self.rng.choice([word for word in self.rng.choices(self.words, k=9) if len(word) <= 6] or ["word"])
        return f"{word} is spelled {', '.join(word.upper())}"

    def date(self) -> str:
        month, day, year = self.rng.choice(v.MONTHS), self.rng.randint(1, 28), self.rng.randint(1900, 2040)
        hour, minute = self.rng.randint(1, 12), self.rng.randint(10, 59)
        in_words = (
            f"{month} {spoken_ordinal(day)}, {spoken_number(year)}",
            f"on the {spoken_ordinal(day)} of {month}",
            f"it is {spoken_number(hour)} {spoken_number(minute)} in {self.rng.choice(v.PLACES)}",
        )
        in_figures = (f"{month} {day}, {year}", f"it is {hour}:{minute} on {self.rng.choice(v.DAYS)}")
        return self.rng.choice(in_words + in_figures if self.figures else in_words)

    def quantity(self) -> str:
        number = self.rng.randint(0, self.rng.choice((20, 100, 9999)))
        in_figures = (
            f"{self.noun_phrase()} costs {number} dollars",
            f"room {number % 1000}, {self.rng.choice(v.ADVERBS)}",
        )
        return self.rng.choice(
            (
                f"{self.noun_phrase()} costs {spoken_number(number)} dollars",
                f"{spoken_number(number)} plus {spoken_number(self.rng.randint(1, 20))} is more than before",
                f"chapter {spoken_number(number % 100)}, page {spoken_number(number % 1000)}",
                f"{spoken_number(number % 100)} percent of {self.noun_phrase()}",
                *(in_figures if self.figures else ()),
            )
        )

    def word_salad(self) -> str:
        """Words without grammar: each has to be read letter by letter."""
        common = v.NOUNS + v.ADJECTIVES + v.VERBS
        count = self.rng.randint(2, 4)
        return " ".join(self.rng.choice(self.words if self.rng.random() < 0.75 else common) for _ in range(count))
