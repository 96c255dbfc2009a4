"""That batches made ahead are those that would be made when asked for."""

import pytest
import torch
from miniature import make_state
from unimoe_train import tokenizer as tokenizers
from unimoe_train.batches import Composer, Sampler
from unimoe_train.clips import load_clips
from unimoe_train.curriculum.feed import Feed
from unimoe_train.model.configuration import ModelConfiguration
from unimoe_train.prompts import Prompts
from unimoe_train.recipe import MUSIC, SPEECH, Recipe

STEPS = 7


@pytest.fixture(scope="module")
def samplers(tmp_path_factory):
    """Makes the samplers of a mix of both domains."""
    recipe = Recipe.load("miniature")
    state = make_state(tmp_path_factory.mktemp("state"), recipe)
    tokenizer = tokenizers.make(state.tokenizer())
    composer = Composer(
        Prompts(tokenizer),
        ModelConfiguration.from_recipe(recipe.model, tokenizer.size, tokenizer.placeholder),
        recipe.curriculum,
    )
    clips = load_clips(state, recipe.data.speech_sets() + recipe.data.music_sets(), tokenizer, 3)
    return lambda: [Sampler(composer, clips, {domain: 400}, seed=i) for i, domain in enumerate((SPEECH, MUSIC))]


def taken(feed, workers):
    steps = feed.steps(workers, pinned=False)
    return [next(steps) for _ in range(STEPS)]


@pytest.mark.parametrize("workers", [0, 2])
def test_every_number_of_processes_makes_the_batches_that_the_samplers_would(samplers, workers):
    plain = samplers()
    for made in taken(Feed(samplers(), None, 2, step=0), workers):
        expected = [sampler.next() for _ in range(2) for sampler in plain]
        assert [batch.domain for batch in made.batches] == [batch.domain for batch in expected]
        assert all(
            torch.equal(a.frames, b.frames) and torch.equal(a.labels, b.labels) for a, b in zip(made.batches, expected)
        )
        assert made.places == [sampler.state() for sampler in plain]


def test_a_feed_goes_on_where_its_places_say(samplers):
    whole, later = taken(Feed(samplers(), None, 1, step=0), 2), samplers()
    for sampler, place in zip(later, whole[2].places):
        sampler.restore(place)
    for a, b in zip(whole[3:], taken(Feed(later, None, 1, step=3), 2)):
        assert all(torch.equal(x.frames, y.frames) for x, y in zip(a.batches, b.batches))
