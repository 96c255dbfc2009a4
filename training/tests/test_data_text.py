"""Sentences from text packages and from templates."""

import random

import pytest
from unimoe_train.data.sentences import clean, collect, is_sentence
from unimoe_train.data.templates import Templates, spoken_number, spoken_ordinal

VOCABULARY = set("the cat sat on a mat i think that it is old".split())


def test_only_sentences_of_known_plain_words_are_kept():
    assert is_sentence("The cat sat on a mat.", VOCABULARY)
    assert not is_sentence("The cat sat on a zyx.", VOCABULARY)
    assert not is_sentence("The cat sat on a mat", VOCABULARY)
    assert not is_sentence("The cat sat on 12 mats.", VOCABULARY)
    assert not is_sentence("The b cat sat on a mat.", VOCABULARY | {"b"})


def test_sentences_are_distinct_and_their_order_is_fixed():
    paragraphs = ["the cat sat on a mat. I think that it is old!", "The cat sat on a mat."]
    found = collect(iter(paragraphs), VOCABULARY)
    assert sorted(found) == ["I think that it is old!", "The cat sat on a mat."]
    assert found == collect(iter(reversed(paragraphs)), VOCABULARY)


def test_brackets_accents_and_line_ends_are_cleaned():
    assert clean('  The caf\u00e9 [1] (old)\n is "open" , now. ') == "The cafe is open, now."


@pytest.mark.parametrize(
    "number, words",
    [
        (0, "zero"),
        (13, "thirteen"),
        (40, "forty"),
        (342, "three hundred forty two"),
        (1900, "one thousand nine hundred"),
        (120_005, "one hundred twenty thousand five"),
    ],
)
def test_numbers_in_words(number, words):
    assert spoken_number(number) == words


@pytest.mark.parametrize("number, words", [(1, "first"), (20, "twentieth"), (23, "twenty third"), (30, "thirtieth")])
def test_ordinals_in_words(number, words):
    assert spoken_ordinal(number) == words


def test_templates_make_whole_sentences_and_the_same_ones_again():
    words = ["quaint", "osprey", "zeal"]
    first, second = (Templates(random.Random(3), words) for _ in range(2))
    sentences = [first.sentence() for _ in range(300)]
    assert sentences == [second.sentence() for _ in range(300)]
    assert all(text[-1] in ".?!" and not text[0].islower() and text.isascii() for text in sentences)
    assert any("spelled" in text for text in sentences) and any(any(c.isdigit() for c in text) for text in sentences)
