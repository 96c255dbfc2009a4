"""That batches made ahead are those that would be made when asked for."""

import pytest
import torch
from miniature import make_state
from unimoe_train import tokenizer as tokenizers
from unimoe_train.batches.epochs import Epochs
from unimoe_train.batches.row_maker import RowMaker
from unimoe_train.clips import load_clips
from unimoe_train.curriculum.feed import Feed
from unimoe_train.model.configuration import ModelConfiguration
from unimoe_train.prompts import Prompts
from unimoe_train.recipe import MUSIC, SPEECH, Recipe

STEPS = 7


@pytest.fixture(scope="module")
def epochs(tmp_path_factory):
    """Makes the epochs of a mix of both domains."""
    recipe = Recipe.load("miniature")
    state = make_state(tmp_path_factory.mktemp("state"), recipe)
    tokenizer = tokenizers.make(state.tokenizer())
    c = ModelConfiguration.from_recipe(recipe.model, tokenizer.size, tokenizer.placeholder)
    maker = RowMaker(Prompts(tokenizer), c, recipe.curriculum)
    clips = load_clips(state, recipe.data.speech_sets() + recipe.data.music_sets(), tokenizer, c)
    return lambda: [Epochs(maker, clips, {domain: 400}, seed=i) for i, domain in enumerate((SPEECH, MUSIC))]


def taken(feed, workers):
    steps = feed.steps(workers, pinned=False)
    return [next(steps) for _ in range(STEPS)]


@pytest.mark.parametrize("workers", [0, 2])
def test_every_number_of_processes_makes_the_batches_that_the_epochs_would(epochs, workers):
    plain = epochs()
    for made in taken(Feed(epochs(), 2), workers):
        expected = [one.next() for _ in range(2) for one in plain]
        assert [batch.domain for batch in made.batches] == [batch.domain for batch in expected]
        assert all(
            torch.equal(a.frames, b.frames) and torch.equal(a.labels, b.labels) and torch.equal(a.plan, b.plan)
            for a, b in zip(made.batches, expected)
        )
        assert made.places == [one.state() for one in plain]


def test_a_feed_goes_on_where_its_places_say(epochs):
    whole, later = taken(Feed(epochs(), 1), 2), epochs()
    for one, place in zip(later, whole[2].places):
        one.restore(place)
    for a, b in zip(whole[3:], taken(Feed(later, 1), 2)):
        assert all(torch.equal(x.frames, y.frames) for x, y in zip(a.batches, b.batches))
