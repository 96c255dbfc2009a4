"""What a batch holds, and that every epoch holds every clip."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch
from miniature import make_state, played_plan, sounding
from unimoe_train import tokenizer as tokenizers
from unimoe_train.batches.disturbance import SLIP, noisy, slipped
from unimoe_train.batches.epochs import Epochs, part_of
from unimoe_train.batches.held_out import held_out
from unimoe_train.batches.item import Item
from unimoe_train.batches.row_maker import RowMaker
from unimoe_train.clips import Clip, Clips, load_clips
from unimoe_train.errors import BadInput
from unimoe_train.model.configuration import ModelConfiguration
from unimoe_train.model.heads import IGNORE
from unimoe_train.plan import stored
from unimoe_train.plan.phonemes import PHONEMES
from unimoe_train.plan.sentence import Sentence
from unimoe_train.prompts import Prompts
from unimoe_train.recipe import MUSIC, SPEECH, Recipe

EOS = 2 * len(PHONEMES)  # of the phonemes
UNKNOWN = {"phoneme": EOS + 3, "ahead1": 214, "beat": 195, "melody": 260, "bass": 100}


@pytest.fixture(scope="module")
def recipe():
    return Recipe.load("miniature")


@pytest.fixture(scope="module")
def state(recipe, tmp_path_factory):
    return make_state(tmp_path_factory.mktemp("state"), recipe)


@pytest.fixture(scope="module")
def maker(recipe, state):
    tokenizer = tokenizers.make(state.tokenizer())
    c = ModelConfiguration.from_recipe(recipe.model, tokenizer.size, tokenizer.placeholder)
    return RowMaker(Prompts(tokenizer), c, recipe.curriculum)


@pytest.fixture(scope="module")
def clips(recipe, state, maker):
    sets = recipe.data.speech_sets() + recipe.data.music_sets()
    return load_clips(state, sets, maker.prompts.tokenizer, maker.configuration)


def blank(length: int, voice: str, text: list[int]) -> Clip:
    return Clip(np.zeros((length, 3), np.int64), np.zeros((length, 3), np.int64), voice, text)


def speech_item(clips, unconditional=False, **changes) -> Item:
    return Item(SPEECH, clips.speech[0], clips.speech[1], [], unconditional, 0, **changes)


def music_item(clip: Clip, unconditional=False) -> Item:
    return Item(MUSIC, clip, None, clip.captions[0] if clip.captions else [], unconditional, 0)


def test_an_epoch_holds_every_clip_once(maker, clips):
    epochs = Epochs(maker, clips, {SPEECH: 400, MUSIC: 400}, seed=1)
    found = [item.clip for batch in epochs.arranged(0) for item in batch]
    assert sorted(map(id, found)) == sorted(map(id, clips.speech + clips.music))


def test_recorded_prompts_are_heard_and_never_spoken(maker):
    heard = blank(400, "a", [1])
    clips = Clips([blank(40, "a", [1]) for _ in range(20)], prompts=[heard])
    recipe = replace(maker.recipe, recorded_voices=0.5)
    epochs = Epochs(RowMaker(maker.prompts, maker.configuration, recipe), clips, {SPEECH: 4000}, seed=1)
    items = [item for epoch in range(5) for batch in epochs.arranged(epoch) for item in batch]
    assert len(items) == 100 and all(item.clip is not heard for item in items)
    assert 30 < sum(item.voice is heard for item in items) < 70


def test_clips_of_rarer_voices_come_more_often_up_to_a_limit():
    clips = Clips([blank(1, voice, []) for voice in ["often"] * 12 + ["half"] * 6 + ["rare"]])
    assert Counter(c.voice for c in clips.repeated(3).speech) == {"often": 12, "half": 12, "rare": 3}
    assert clips.repeated(1).speech == clips.speech


def test_a_share_of_the_voice_prompts_is_long_and_a_share_has_no_plan(maker):
    clips = Clips([blank(length, "one", [1]) for length in (40, 80, 120, 299, 400) for _ in range(40)])
    for share, low, high in ((0.0, 0, 0), (0.25, 30, 70)):
        recipe = replace(maker.recipe, long_voices=share, unplanned_voices=share)
        some = RowMaker(maker.prompts, maker.configuration, recipe)
        items = [item for batch in Epochs(some, clips, {SPEECH: 4000}, seed=1).arranged(0) for item in batch]
        prompts = Counter(item.voice.length for item in items)
        assert low <= prompts[120] + prompts[299] <= high and sum(prompts.values()) == 200
        assert prompts[400] == 0 and min(prompts[40], prompts[80]) > 50
        assert low <= sum(not item.voice_is_planned for item in items) <= high


def test_batches_are_as_long_as_arranged_and_hold_one_domain(maker, clips):
    epochs = Epochs(maker, clips, {SPEECH: 400, MUSIC: 400}, seed=1)
    for items in epochs.arranged(0):
        batch = maker.batch(items, None)
        assert len({item.domain for item in items}) == 1 and batch.domain == items[0].domain
        assert batch.valid.sum(1).tolist() == [item.length for item in items]
        assert batch.ids.numel() <= 400 or len(items) == 1
        assert len(batch.frames) == (batch.ids == maker.configuration.placeholder).sum()


def test_processes_share_out_the_batches_and_go_on_where_they_were(maker, clips):
    alone = Epochs(maker, clips, {SPEECH: 200}, seed=1)
    pair = [Epochs(maker, clips, {SPEECH: 200}, 1, rank, 2) for rank in range(2)]
    expected = [alone.next().ids for _ in range(4)]
    found = [pair[i % 2].next().ids for i in range(4)]
    assert all(torch.equal(a, b) for a, b in zip(expected, found))
    again = Epochs(maker, clips, {SPEECH: 200}, seed=1)
    again.restore(alone.state())
    assert torch.equal(again.next().frames, alone.next().frames)


def test_speech_reads_its_plan_ahead_of_its_codes_and_is_asked_for_both(maker, clips):
    item = speech_item(clips)
    clip, row = item.clip, maker.speech(item)
    T, start = clip.length, len(row.ids) - clip.length - 5
    rows = row.frames[-(T + 5) :]  # the longest delay is 5
    assert (rows[0] == [EOS + 2, 213, 213, 1026, 1026, 1026]).all()
    assert (rows[1 : T + 1, :3] == clip.plan).all() and (rows[4 : T + 4, 3] == clip.codes[:T, 0]).all()
    assert rows[T + 1, 0] == EOS and (rows[T + 2 :, 0] == EOS + 1).all()
    assert (row.plan[start : start + T, 0] == clip.plan[:, 0]).all() and row.plan[start + T, 0] == EOS
    assert (row.plan[start + T + 1 :] == IGNORE).all()
    for codebook, delay in enumerate((3, 4, 5)):
        assert (row.labels[start + delay : start + delay + T, codebook] == clip.codes[:, codebook]).all()
    assert row.labels[start + T + 3, 0] == 1024 and (row.labels[start : start + 3, 0] == IGNORE).all()
    assert not (row.labels[:, 1:] == 1024).any()


def test_an_unplanned_voice_is_unknown_in_every_row_and_asked_for_its_codes_only(maker, clips):
    told, untold = maker.speech(speech_item(clips)), maker.speech(speech_item(clips, voice_is_planned=False))
    n = clips.speech[1].length + 6
    assert (untold.frames[:n, 0] == UNKNOWN["phoneme"]).all() and (untold.frames[:n, 1:3] == UNKNOWN["ahead1"]).all()
    assert (untold.frames[n:] == told.frames[n:]).all() and (untold.frames[:n, 3:] == told.frames[:n, 3:]).all()
    assert (untold.labels == told.labels).all()
    assert (untold.plan != IGNORE).sum() == clips.speech[0].length + 1
    assert (told.plan != IGNORE).sum() == clips.speech[0].length + clips.speech[1].length + 2


def test_an_unconditional_row_has_no_text_and_no_plan(maker, clips):
    row = maker.speech(speech_item(clips, unconditional=True))
    assert (row.frames[:, 0] == UNKNOWN["phoneme"]).all() and (row.plan == IGNORE).all()
    assert (row.labels != IGNORE).any() and len(row.ids) < len(maker.speech(speech_item(clips)).ids)
    piece = maker.music(music_item(clips.music[0], unconditional=True), np.random.default_rng(0))
    assert (piece.frames[:, 0] == UNKNOWN["beat"]).all() and (piece.plan == IGNORE).all()


def test_music_is_asked_for_decisions_only(maker):
    plan = played_plan(200, np.random.default_rng(1))
    channels = maker.layouts[MUSIC].channels
    columns = [plan.get(channel.name, np.full(200, channel.unknown)) for channel in channels]
    clip = Clip(np.ones((200, 3), np.int64), np.stack(columns, 1), captions=[[1, 2]])
    row = maker.music(music_item(clip), None)
    start = len(row.ids) - 205
    asked = (row.plan != IGNORE).sum(0)
    beat = plan["beat"]
    moves, beats = 1 + int((np.diff(beat) != 0).sum()), 1 + int((np.diff(beat // 12) != 0).sum())
    assert asked.tolist() == [1, 1, beats, moves, 0, moves]  # tempo, lead, chord, melody, no bass, drums
    assert beats == 7 and 60 < moves < 90
    assert row.plan[start, 0] == 28 and row.plan[start + 1, 2] == plan["chord"][0]  # chords lag one row
    assert (row.frames[:, 5] == UNKNOWN["bass"]).all() and row.frames[0, 4] == 259


def test_some_channels_of_some_pieces_are_hidden_while_training(maker, clips):
    rng, piece = np.random.default_rng(0), clips.music[0]
    rows = [maker.music(music_item(piece), rng) for _ in range(200)]
    hidden = np.stack([(row.frames[:, :7] == maker.layouts[MUSIC].unknown).all(0) for row in rows])
    assert hidden[:, 5].all()  # nobody knows the bass
    partly = hidden[:, :5].any(1)
    assert 20 < partly.sum() < 70 and 0.3 < hidden[partly, 4].mean() < 0.8
    chosen = np.flatnonzero(hidden[:, 4])[0]
    assert (rows[chosen].plan[:, 3] == IGNORE).all()
    assert not any(row.plan[:, 3].max() == IGNORE for row, gone in zip(rows, hidden) if not gone[4])


def test_a_part_of_a_piece_reads_as_if_it_began_there_and_does_not_end(maker):
    codes = np.arange(900).reshape(300, 3)
    beat = played_plan(300, np.random.default_rng(0))["beat"]
    plan = np.concatenate([beat[:, None], np.tile(maker.layouts[MUSIC].unknown[1:], (300, 1))], 1)
    whole = Clip(codes, plan, captions=[[1]])
    rng, ends = np.random.default_rng(0), []
    for _ in range(40):
        part = part_of(whole, 100, rng)
        row = maker.music(music_item(part), None)
        n = 100 + 5 * part.ends
        assert len(row.frames) == n and (row.frames[0, 7:] == 1026).all() and row.frames[0, 0] == 194
        assert (row.frames[4:100, 7] == part.codes[:96, 0]).all()
        assert (row.labels == 1024).sum() == part.ends and ((row.frames == 1024).sum() > 0) == part.ends
        assert row.labels[-n + 3, 0] == part.codes[0, 0]
        ends.append(part.codes[0, 0] == 0)
    assert 3 < sum(ends) < 22 and part_of(whole, 300, rng) is whole
    last = part_of(replace(whole, codes=codes[:101], plan=plan[:101]), 100, np.random.default_rng(8))
    assert last.ends == (last.codes[-1, 0] == 300)


def test_music_without_a_plan_still_trains(maker, recipe, state):
    name = recipe.data.music_sets()[0]
    state.plan(name).rename(state.plan(name).with_suffix(".kept"))
    bare = load_clips(state, [name], maker.prompts.tokenizer, maker.configuration)
    state.plan(name).with_suffix(".kept").rename(state.plan(name))
    assert (bare.music[0].plan == maker.layouts[MUSIC].unknown).all()
    row = maker.music(music_item(bare.music[0]), None)
    assert (row.plan == IGNORE).all() and (row.labels != IGNORE).any()


def test_noise_changes_codes_only():
    rows = np.full((4000, 5), 7)
    rows[:, 3] = 1026
    changed = noisy(rows, 0.12, 1024, 2, np.random.default_rng(0))
    assert (changed[:, [0, 1, 3]] == rows[:, [0, 1, 3]]).all()
    assert 0.09 < (changed[:, 2] != 7).mean() < 0.15 and changed[:, 2].max() < 1024


def test_slips_are_whole_frames_from_nearby_and_the_plan_stays():
    rows = np.repeat(np.arange(1000)[:, None], 4, 1)
    rows[500, 3] = 1026
    changed = slipped(rows, 0.1, 1024, 1, np.random.default_rng(0))
    moved = (changed != rows).any(1)
    assert 0.07 < moved.mean() < 0.13 and (changed[500] == rows[500]).all() and (changed[:, 3] < 1024).sum() == 999
    assert (changed[moved, 1] == changed[moved, 2]).all() and (changed[:, 0] == rows[:, 0]).all()
    assert abs(changed[moved, 1] - rows[moved, 1]).max() <= SLIP
    assert (slipped(rows, 0.0, 1024, 1, np.random.default_rng(0)) == rows).all()


def test_held_out_batches_are_always_the_same(maker, clips, state, recipe):
    test = load_clips(state, recipe.data.test_sets(), maker.prompts.tokenizer, maker.configuration)
    first, second = ([b.ids for b in held_out(maker, test, clips, SPEECH, 6, 300)] for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))
    assert sum(map(len, first)) == 6


def test_what_is_held_out_is_judged_without_the_training_clip_that_speaks_before_it(maker, clips, recipe, state):
    test = load_clips(state, recipe.data.test_sets(), maker.prompts.tokenizer, maker.configuration)
    assert maker.recipe.prompt_loss > 0
    batches = list(held_out(maker, test, clips, SPEECH, 4, 400))
    learned = sum(int((batch.labels[..., 0] != IGNORE).sum()) for batch in batches)
    frames = sum(clip.length for clip in (test.speech[i] for i in np.linspace(0, len(test.speech) - 1, 4).astype(int)))
    assert learned == frames + 4  # and the end of each


def test_sets_that_do_not_fit_are_named(maker, state, recipe):
    tokenizer, sets = maker.prompts.tokenizer, recipe.data.speech_sets()
    with pytest.raises(BadInput, match="expected at least 9 codebooks"):
        load_clips(state, sets, tokenizer, replace(maker.configuration, codebooks=9))
    with pytest.raises(BadInput, match="is not there yet"):
        load_clips(state, ["nothing"], tokenizer, maker.configuration)
    kept = dict(np.load(state.plan(sets[0])))
    for wrong, message in (
        (kept["phoneme"][1:], "phoneme: expected .* code frames"),
        (kept["phoneme"] + 140, "phoneme: expected codes below 140"),
    ):
        stored.write(state, sets[0], {**kept, "phoneme": wrong})
        with pytest.raises(BadInput, match=message):
            load_clips(state, sets, tokenizer, maker.configuration)
    stored.write(state, sets[0], kept)


def test_the_miniature_speaks_its_sentences(clips):
    sentence = Sentence.of(sounding("the cat."))
    assert sentence.phonemes.tolist() == [0, *sounding("the cat.")[0].phonemes, *sounding("the cat.")[1].phonemes, 0]
    assert all(clip.plan.shape == (clip.length, 3) for clip in clips.speech)
