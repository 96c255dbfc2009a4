"""What training teaches is what generation does: a miniature learned by heart is spoken and played again."""

import pytest
import torch
from miniature import make_state, sounding
from unimoe_train import tokenizer as tokenizers
from unimoe_train.batches.epochs import Epochs
from unimoe_train.batches.row_maker import RowMaker
from unimoe_train.clips import load_clips
from unimoe_train.curriculum.optimizer import Optimizer
from unimoe_train.curriculum.step import Objective, Weights
from unimoe_train.generate import Generator, Voice
from unimoe_train.model.configuration import ModelConfiguration
from unimoe_train.model.decoder import LanguageModel
from unimoe_train.plan.sentence import Sentence
from unimoe_train.prompts import Prompts
from unimoe_train.recipe import MUSIC, SPEECH, Recipe, SamplingDefaults

STEPS = 140
GREEDY = SamplingDefaults(do_sample=False, cfg_scale=0.0, min_tokens=0, max_tokens=120)


@pytest.fixture(scope="module")
def learned(tmp_path_factory):
    """Generator, clips and last losses of the miniature's dense model, trained without disturbances."""
    torch.manual_seed(0)
    recipe = Recipe.load("miniature")
    for name in ("noise", "unconditional", "unplanned_voices", "partly_planned"):
        setattr(recipe.curriculum, name, 0.0)
    state = make_state(tmp_path_factory.mktemp("state"), recipe)
    tokenizer = tokenizers.make(state.tokenizer())
    c = ModelConfiguration.from_recipe(recipe.model, tokenizer.size, tokenizer.placeholder)
    clips = load_clips(state, recipe.data.speech_sets() + recipe.data.music_sets(), tokenizer, c)
    model = LanguageModel(c.specialist())
    objective, maker = Objective(model).train(), RowMaker(Prompts(tokenizer), c, recipe.curriculum)
    epochs = {domain: Epochs(maker, clips, {domain: 600}, seed=0) for domain in (SPEECH, MUSIC)}
    optimizer = Optimizer(objective, kind="muon", rate=0.02, adam_rate=1e-2, weight_decay=0.0)
    for step in range(STEPS):
        losses = {domain: objective(one.next(), Weights()) for domain, one in epochs.items()}
        sum(loss.total for loss in losses.values()).backward()
        optimizer.step(1 - step / STEPS)
        optimizer.zero_grad()
    return Generator(model, tokenizer), clips, losses


def test_codes_and_decisions_are_learned_together(learned):
    for losses in learned[2].values():
        assert losses.cross_entropy.max() < 0.2 and max(losses.plan.values()) < 1
    assert set(learned[2][SPEECH].plan) == {"phoneme"} and "beat" not in learned[2][MUSIC].plan


def test_a_sentence_is_spoken_as_it_was_learned(learned):
    generator, clips, _ = learned
    decode, alike = generator.tokenizer.backend.decode, []
    for clip, other in zip(clips.speech, clips.speech[1:]):
        voice = Voice(decode(other.text), other.codes, other.plan)
        sentence = Sentence.of(sounding(decode(clip.text)))
        (result,) = generator.speak([decode(clip.text)], voice, GREEDY, sentences=[sentence])
        assert result.ended and abs(len(result.codes) - clip.length) <= 0.2 * clip.length + 2
        same = len(result.codes) == clip.length and (result.plan == clip.plan).all()
        alike.append(same and (result.codes == clip.codes).mean() > 0.9)
    assert sum(alike) >= 6


def test_a_score_is_played_as_it_was_learned(learned):
    generator, clips, _ = learned
    channels = generator.layouts[MUSIC].channels
    for clip in clips.music[:4]:
        given = {
            channel.name: codes for channel, codes in zip(channels, clip.plan.T) if (codes != channel.unknown).all()
        }
        caption = generator.tokenizer.backend.decode(clip.captions[0])
        (result,) = generator.compose([caption], GREEDY, plans=[given])
        assert (result.plan == clip.plan).all() and len(result.codes) == clip.length
        assert (result.codes == clip.codes).mean() > 0.9
