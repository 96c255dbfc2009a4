"""What a batch holds, and that every epoch holds every clip."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch
from miniature import make_state
from unimoe_train import tokenizer as tokenizers
from unimoe_train.alignment.pronunciation import Pronunciation
from unimoe_train.batches import AHEAD, LETTERS_AHEAD, SLIP, TEXT, Composer, Sampler, Texts, held_out, through_pauses
from unimoe_train.clips import Clip, Clips, load_clips, read_caption
from unimoe_train.curriculum.step import Objective, Weights
from unimoe_train.data.attributes import LEADS, SIZES, attributes, told
from unimoe_train.data.beats import SIZES as BEAT_SIZES
from unimoe_train.data.beats import beats, periods
from unimoe_train.errors import BadInput
from unimoe_train.model.configuration import ModelConfiguration
from unimoe_train.model.decoder import LanguageModel
from unimoe_train.model.heads import IGNORE
from unimoe_train.prompts import Prompts
from unimoe_train.recipe import MUSIC, SPEECH, Recipe


@pytest.fixture(scope="module")
def recipe():
    return Recipe.load("miniature")


@pytest.fixture(scope="module")
def state(recipe, tmp_path_factory):
    return make_state(tmp_path_factory.mktemp("state"), recipe)


@pytest.fixture(scope="module")
def composer(recipe, state):
    tokenizer = tokenizers.make(state.tokenizer())
    c = ModelConfiguration.from_recipe(recipe.model, tokenizer.size, tokenizer.placeholder)
    return Composer(Prompts(tokenizer), c, recipe.curriculum)


@pytest.fixture(scope="module")
def clips(recipe, state, composer):
    sets = recipe.data.speech_sets() + recipe.data.music_sets()
    return load_clips(state, sets, composer.prompts.tokenizer, 3, Pronunciation.load(state.words()))


def epoch(sampler):
    """The clips of one epoch, in order."""
    return [item.clip for batch in sampler.plan(0) for item in batch]


def test_an_epoch_holds_every_clip_once(composer, clips):
    sampler = Sampler(composer, clips, {SPEECH: 400, MUSIC: 400}, seed=1)
    assert sorted(map(id, epoch(sampler))) == sorted(map(id, clips.speech + clips.music))


def test_clips_of_rarer_voices_come_more_often_up_to_a_limit():
    clip = lambda voice: Clip(np.zeros((1, 3), np.int64), voice)
    clips = Clips([clip("often") for _ in range(12)] + [clip("half") for _ in range(6)] + [clip("rare")])
    counts = Counter(c.voice for c in clips.repeated(3).speech)
    assert counts == {"often": 12, "half": 12, "rare": 3}
    assert clips.repeated(1).speech == clips.speech


def test_a_share_of_the_voice_prompts_is_long(composer):
    lengths = [40, 80, 120, 299, 400]
    clips = Clips([Clip(np.zeros((length, 3), np.int64), "one", text=[1]) for length in lengths for _ in range(40)])
    for share, low, high in ((0.0, 0, 0), (0.25, 30, 70)):
        some = Composer(composer.prompts, composer.configuration, replace(composer.recipe, long_voices=share))
        items = [item for batch in Sampler(some, clips, {SPEECH: 4000}, seed=1).plan(0) for item in batch]
        prompts = Counter(item.voice.length for item in items)
        assert low <= prompts[120] + prompts[299] <= high and sum(prompts.values()) == 200
        assert prompts[400] == 0 and min(prompts[40], prompts[80]) > 50


def test_batches_are_as_long_as_planned_and_hold_one_domain(composer, clips):
    sampler = Sampler(composer, clips, {SPEECH: 400, MUSIC: 400}, seed=1)
    for items in sampler.plan(0):
        batch = sampler.make(items, None)
        assert len({item.domain for item in items}) == 1 and batch.domain == items[0].domain
        assert batch.valid.sum(1).tolist() == [item.length for item in items]
        assert batch.ids.numel() <= 400 or len(items) == 1
        assert len(batch.frames) == (batch.ids == composer.configuration.placeholder).sum()


def test_processes_share_out_the_batches_and_go_on_where_they_were(composer, clips):
    alone = Sampler(composer, clips, {SPEECH: 200}, seed=1)
    pair = [Sampler(composer, clips, {SPEECH: 200}, 1, rank, 2) for rank in range(2)]
    expected = [alone.next().ids for _ in range(4)]
    found = [pair[i % 2].next().ids for i in range(4)]
    assert all(torch.equal(a, b) for a, b in zip(expected, found))
    again = Sampler(composer, clips, {SPEECH: 200}, seed=1)
    again.restore(alone.state())
    assert torch.equal(again.next().frames, alone.next().frames)


def test_attention_is_guided_to_the_character_that_is_spoken(composer, clips):
    clip, voice = clips.speech[0], clips.speech[1]
    row = composer.speech(clip, voice, unconditional=False)
    start = len(row.ids) - clip.length - composer.configuration.maximum_delay
    for frame in range(clip.length):
        assert row.ids[int(row.centre[start + frame])] == clip.text[clip.places[frame]]
        assert row.phonemes[start + frame, 0] == clip.phonemes[frame]
        assert row.phonemes[start + frame, 1] == (clip.phonemes[frame + AHEAD] if frame + AHEAD < clip.length else -1)
    assert (row.labels[start : start + clip.length, 0] == clip.codes[:, 0]).all()
    assert (row.centre[start + clip.length :] == -1).all()


def test_attention_is_guided_in_pauses_to_what_follows_the_last_spoken_token():
    assert through_pauses(np.array([-1, 0, 0, 3, -1, -1, 5, -1])).tolist() == [0, 0, 0, 3, 4, 4, 5, 6]
    assert through_pauses(np.array([-1, -1])).tolist() == [0, 0]


def test_a_text_is_asked_how_it_sounds_some_tokens_later(composer):
    known = Pronunciation(["sil", "a", "b"], {"ab": (1, 2)}, {"ab": (0, 1)})
    batch = Texts(composer, ["Ab, xy ab."], known, [], positions=30, seed=3).batch(0)
    row, text = batch.letters[0], len(composer.prompts.head) + 1 + LETTERS_AHEAD
    assert row[text].tolist() == [1, 1] and row[text + 1].tolist() == [2, 2] and row[text + 8].tolist() == [2, 2]
    assert int((row >= 0).sum()) == 8 and batch.domain == TEXT and batch.frames.shape == (0, 3)
    assert (batch.labels == IGNORE).all()
    same = Texts(composer, ["Ab, xy ab."], known, [], positions=30, seed=3).batch(0)
    assert torch.equal(same.letters, batch.letters) and len(batch.ids) == 2


def test_music_is_asked_what_its_caption_asks_for_from_the_captions_end_on(composer, clips):
    piece = next(clip for clip in clips.music if clip.attributes[:5].min() >= 0)
    row = composer.music(piece, piece.captions[0], unconditional=False)
    end = len(composer.prompts.head) + 1 + len(piece.captions[0]) + 1
    assert (row.attributes[:end] == -1).all() and (row.attributes[end:] == piece.attributes).all()
    assert (composer.music(piece, composer.prompts.poor_caption, unconditional=True).attributes == -1).all()


def test_music_is_asked_where_in_its_rhythm_the_next_code_frame_is(composer, clips):
    piece = next(clip for clip in clips.music if clip.beats is not None)
    for unconditional in (False, True):
        row = composer.music(piece, piece.captions[0], unconditional)
        start = len(row.ids) - piece.length - composer.configuration.maximum_delay
        assert (row.beats[start : start + piece.length] == piece.beats).all()
        assert (row.labels[start : start + piece.length, 0] == piece.codes[:, 0]).all()
        assert (np.delete(row.beats, range(start, start + piece.length), 0) == -1).all()


def test_music_is_asked_which_pitch_classes_sound_in_the_next_code_frame(composer, clips):
    piece = replace(clips.music[0], notes=np.random.default_rng(0).integers(0, 2, (clips.music[0].length, 12)))
    row = composer.music(piece, piece.captions[0], unconditional=False)
    start = len(row.ids) - piece.length - composer.configuration.maximum_delay
    assert (row.notes[start : start + piece.length] == piece.notes).all()
    assert (np.delete(row.notes, range(start, start + piece.length), 0) == -1).all()
    batch = composer.batch("music", [row, composer.music(clips.music[0], [], unconditional=True)])
    assert (batch.notes[0, : len(row.ids)].numpy() == row.notes).all() and (batch.notes[1] == -1).all()


def test_not_knowing_which_notes_come_costs_what_the_weight_says(composer, clips):
    piece = replace(clips.music[0], notes=np.zeros((clips.music[0].length, 12)))
    batch = composer.batch("music", [composer.music(piece, piece.captions[0], unconditional=False)])
    model = LanguageModel(composer.configuration.specialist()).eval()
    objective = Objective(model, pitch_classes=12, guided_layers=())
    losses, silent = objective(batch, Weights(notes=0.5)), objective(batch, Weights())
    assert losses.notes.item() == pytest.approx(np.log(2), rel=1e-5)  # of a head that knows nothing yet
    cost = composer.configuration.codebooks * 0.5 * np.log(2)
    assert (losses.total - silent.total).item() == pytest.approx(cost, rel=1e-3)
    losses.total.backward()
    assert (objective.note_head.head.bias.grad > 0).all()  # towards silence


def test_music_is_led_back_to_where_it_heard_the_frame_of_a_beat_and_of_a_bar_before(composer, clips):
    piece = next(clip for clip in clips.music if clip.periods is not None)
    whole = replace(piece, codes=np.arange(3 * 320).reshape(320, 3) % 100, beats=None, periods=(25.0, 75.0))
    row = composer.music(whole, whole.captions[0], unconditional=False)
    start = len(row.ids) - whole.length - composer.configuration.maximum_delay
    for head, period in enumerate((25, 75)):
        assert (row.back[: start + period, head] == -1).all() and (row.back[start + whole.length :, head] == -1).all()
        for frame in range(period, whole.length):
            # What stands at a position is what has been heard when the next code frame is asked for.
            heard = row.frames[int(row.back[start + frame, head]) - start]
            assert heard[0] == whole.codes[frame - period, 0]


def test_a_caption_tells_where_its_number_and_its_key_stand():
    entry, caption = {"bpm": 98, "key": "F sharp minor"}, "1980s organ in F sharp minor, at 98 bpm"
    assert [caption[place] for place in told(entry, caption)] == ["9", "8", "F", "s"] and told(entry, caption)[0] > 20
    assert told(entry, "organ, slow, in a minor key").tolist() == [-1] * 4
    assert told({"caps": ["None in None"]}, "None in None").tolist() == [-1] * 4


def test_what_follows_a_caption_is_led_to_its_number_and_key_in_turn(composer):
    caption = read_caption({"bpm": 98, "key": "F major"}, "organ in F major, 98 bpm", composer.prompts.tokenizer)
    row = composer.caption(caption, np.zeros(len(SIZES), np.int64))
    start, tail = len(composer.prompts.head) + 1, len(composer.prompts.tail)
    assert (row.told[:-tail] == -1).all()
    number, key = row.told[-tail:][:2].tolist()
    assert number == [start + 18, start + 19] and key == [start + 9, start + 11]


def test_periods_of_a_waltz_at_120_are_half_a_second_and_its_three_fold():
    assert periods({"bpm": 120, "meter": 3}) == (25.0, 75.0) and periods({"caps": ["my own recording"]}) is None


def test_a_waltz_at_120_has_a_bar_of_three_beats_every_75_code_frames():
    found = beats({"bpm": 120, "meter": 3}, 320)
    assert found.shape == (320, len(BEAT_SIZES)) and beats({"caps": ["my own recording"]}, 320) is None
    starts = [frame for frame in range(1, 320) if found[frame, 1] != found[frame - 1, 1]]
    assert starts == [25 * beat + 1 for beat in range(1, 13)]  # the first beat is 0.02 s after the start
    assert found[starts[2], :3].tolist() == [0, 0, 1] and found[starts[2] - 1, :3].tolist() == [7, 2, 0]
    assert found[-1, 3] == 15 and all(found[:, i].max() < size for i, size in enumerate(BEAT_SIZES))


def test_a_sentence_without_sound_comes_before_every_three_captions(composer, clips):
    known = Pronunciation(["sil", "a", "b"], {"ab": (1, 2)}, {"ab": (0, 1)})
    batch = Texts(composer, ["Ab, xy ab."], known, clips.music, positions=200, seed=3).batch(0)
    is_spelled, is_described = (batch.letters >= 0).any(2).any(1), (batch.attributes >= 0).any(2).any(1)
    assert is_spelled.tolist() == [row % 4 == 0 for row in range(len(batch.ids))]
    assert torch.equal(is_described, ~is_spelled) and batch.frames.shape == (0, 3)
    only = Texts(composer, [], None, clips.music, positions=200, seed=3).batch(0)
    assert (only.attributes >= 0).any(2).any(1).all()


def test_a_pieces_attributes_are_those_of_its_entry():
    entry = {"inst": "drums", "tempo": "slow", "mode": "minor", "drums": True, "bpm": 100, "key": "A minor"}
    assert attributes(entry).tolist() == [LEADS.index("drums"), 0, 1, 1, 14, 9]
    assert attributes({"caps": ["my own recording"]}).tolist() == [-1] * 6
    assert all(attributes({"bpm": bpm})[4] in range(SIZES[4]) for bpm in (55, 180))


def test_an_unconditional_row_has_no_text_and_no_guide_to_it(composer, clips):
    row = composer.speech(clips.speech[0], clips.speech[1], unconditional=True)
    start = len(row.ids) - clips.speech[0].length - composer.configuration.maximum_delay
    assert (row.centre[start:] == -1).all() and (row.labels[start:] != IGNORE).any()


def test_noise_changes_codes_only(composer):
    frames = np.full((4000, 3), 7)
    frames[:, 1] = composer.configuration.bos
    noisy = composer.noisy(frames, np.random.default_rng(0))
    assert (noisy[:, 1] == composer.configuration.bos).all()
    assert 0.09 < (noisy[:, 0] != 7).mean() < 0.15 and noisy[:, 0].max() < 1024


def test_slips_are_whole_frames_from_nearby(composer, clips, recipe, state):
    frames = np.repeat(np.arange(1000)[:, None], 3, 1)
    frames[500, 2] = composer.configuration.bos
    slipping = Composer(composer.prompts, composer.configuration, replace(recipe.curriculum, slips=0.1))
    slipped = slipping.slipped(frames, np.random.default_rng(0))
    moved = (slipped != frames).any(1)
    assert 0.07 < moved.mean() < 0.13 and (slipped[500] == frames[500]).all() and (slipped[:, 2] < 1024).sum() == 999
    assert (slipped[moved, 0] == slipped[moved, 1]).all()
    assert abs(slipped[moved, 0] - frames[moved, 0]).max() <= SLIP
    assert (composer.slipped(frames, np.random.default_rng(0)) == frames).all()


def test_held_out_batches_are_always_the_same(composer, clips, state, recipe):
    test = load_clips(state, recipe.data.test_sets(), composer.prompts.tokenizer, 3)
    first, second = ([b.ids for b in held_out(composer, test, clips, SPEECH, 6, 300)] for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))
    assert sum(map(len, first)) == 6


def test_sets_that_do_not_fit_are_named(composer, state, recipe):
    with pytest.raises(BadInput, match="expected at least 9 codebooks"):
        load_clips(state, recipe.data.speech_sets(), composer.prompts.tokenizer, 9)
    with pytest.raises(BadInput, match="is not there yet"):
        load_clips(state, ["nothing"], composer.prompts.tokenizer, 3)


def test_what_is_held_out_is_judged_without_the_training_clip_that_speaks_before_it(composer, clips, recipe, state):
    test = load_clips(state, recipe.data.test_sets(), composer.prompts.tokenizer, 3)
    assert composer.recipe.prompt_loss > 0
    batches = list(held_out(composer, test, clips, SPEECH, 4, 400))
    learned = sum(int((batch.labels[..., 0] != IGNORE).sum()) for batch in batches)
    frames = sum(clip.length for clip in (test.speech[i] for i in np.linspace(0, len(test.speech) - 1, 4).astype(int)))
    assert learned == frames + 4  # and the end of each
