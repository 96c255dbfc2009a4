"""Data sets: clips on disk, teachers, recordings, the command."""

import argparse
import gzip
import json
import random
from pathlib import Path

import librosa
import numpy as np
import pytest
import scipy.signal
import soundfile
from scores import a_score, stand_in
from unimoe_train import cli
from unimoe_train.commands import data
from unimoe_train.data import jobs, packaged, prompts, sound_file, speech, texts
from unimoe_train.data.clips import ClipSet, ClipWriter
from unimoe_train.data.loudness import LOUDNESS, normalise, trim
from unimoe_train.data.rendering import missing
from unimoe_train.data.speech import sentences_for
from unimoe_train.data.teachers import TEACHERS, kokoro_phonemes, speak
from unimoe_train.data.world import FRAME_PERIOD, moved
from unimoe_train.errors import BadInput
from unimoe_train.recipe import DataRecipe, Recipe, Recordings, Voice, build
from unimoe_train.state import State


def tone(seconds=1.0, rate=16000):
    return (0.3 * np.sin(2 * np.pi * 220 * np.arange(int(seconds * rate)) / rate)).astype(np.float32)


def test_clips_come_back_as_they_were_written(tmp_path):
    writer = ClipWriter()
    writer.append(tone(0.5), kind="s", voice="a", text="One.")
    writer.append(np.array([2.0, -2.0, 0.5]), kind="s", voice="a", text="Two.")
    writer.save(State(tmp_path), "a0")
    clips = ClipSet(State(tmp_path), "a0")
    assert [clip["text"] for clip in clips.clips] == ["One.", "Two."] and clips.clips[1]["off"] == 8000
    assert np.abs(clips.audio(0) - tone(0.5)).max() < 1e-4
    assert np.allclose(clips.audio(1, start=1, count=4), [-1, 0.5, 0, 0], atol=1e-4)
    assert len(clips.padded(1)) == 320
    assert not list(tmp_path.rglob(".*.npy"))


def test_a_cut_sound_file_is_an_error(tmp_path):
    writer = ClipWriter()
    writer.append(tone(), kind="s", voice="a", text="One.")
    writer.save(State(tmp_path), "a0")
    np.save(State(tmp_path).sound("a0"), np.zeros(10, np.int16))
    with pytest.raises(BadInput, match="expected at least 16000 samples, found 10"):
        ClipSet(State(tmp_path), "a0")


def test_loudness_and_silence():
    quiet = np.concatenate([np.zeros(8000), tone() * 0.01, np.zeros(8000)])
    assert abs(np.sqrt(np.mean(normalise(tone()) ** 2)) - LOUDNESS) < 1e-3
    assert 16000 <= len(trim(quiet, 16000)) <= 18001
    assert len(trim(np.zeros(100), 16000)) == 0


@pytest.mark.parametrize("name", TEACHERS)
def test_teachers_speak(name):
    teacher = TEACHERS[name]
    if reason := teacher.missing():
        pytest.skip(reason)
    voice = Voice(name, {"kokoro": "jm_kumo"}.get(name, ""))
    samples = trim(speak(voice, "Good morning.", random.Random(0), 24000), 24000)
    assert samples.dtype == np.float32 and 0.4 < len(samples) / 24000 < 3


@pytest.mark.parametrize("semitones, formants", [(5.0, 1.0), (-4.0, 0.9)])
def test_a_moved_voice_has_another_pitch_and_keeps_its_length(semitones, formants):
    pytest.importorskip("pyworld")
    rate, rng = 16000, np.random.default_rng(0)
    pulses = np.zeros(rate)
    pulses[:: rate // 125] = 1  # 125 Hz, through formants of a vowel
    vowel = scipy.signal.lfilter([1], np.poly([0.97 * np.exp(1j * a) for a in (0.28, -0.28, 0.47, -0.47)]).real, pulses)
    vowel = 0.3 * vowel / np.abs(vowel).max() + 1e-4 * rng.standard_normal(rate)
    made = moved(vowel, rate, semitones, formants)
    pitch = librosa.yin(made[4000:12000], fmin=60, fmax=400, sr=rate)
    assert abs(12 * np.log2(np.median(pitch) / 125) - semitones) < 0.3
    assert abs(len(made) - rate) <= rate * FRAME_PERIOD / 1000


def test_mixtures_are_kokoro_s_alone():
    with pytest.raises(BadInput, match="mixture: expected that of a Kokoro voice without another name, found piper"):
        build(Voice, {"teacher": "piper", "mixture": {"jf_alpha": 1.0}}, "here")
    with pytest.raises(BadInput, match="pitch: expected -12 to 12, found 20"):
        build(Voice, {"teacher": "piper", "pitch": 20}, "here")


def test_a_folder_s_rate_is_that_of_its_first_sound(tmp_path):
    state = State(tmp_path)
    assert state.sample_rate == 16000
    state.take_rate(24000)
    writer = ClipWriter()
    writer.append(tone(rate=24000), kind="s", voice="a", text="One.")
    writer.save(state, "a0")
    clips = ClipSet(state, "a0")
    assert clips.seconds == 1.0 and len(clips.padded(0)) == 50 * 480
    with pytest.raises(BadInput, match="sample_rate: expected 24000, as the folder's sound has, found 16000"):
        state.take_rate(16000)


def test_mixed_texts_have_every_kind_in_words_and_keep_the_held_out_lines():
    recipe = Recipe.load("wideband").data
    natural = [
        f"Line {chr(97 + i % 26)}{chr(97 + i // 26 % 26)}{chr(97 + i // 676 % 26)} is here." for i in range(9000)
    ]
    held_out, written = set(natural[: recipe.held_out]), ["My own words."]
    said = [text for part in range(8) for text in sentences_for(recipe, "heart", part, natural, written)]
    assert len(said) == 400 and said == [
        t for p in range(8) for t in sentences_for(recipe, "heart", p, natural, written)
    ]
    assert not any(character.isdigit() for text in said for character in text)
    assert sum(len(text.split()) <= 4 for text in said) > 40 and "My own words." in said
    assert sum(text.count(" is here.") > 1 for text in said) > 10
    assert not held_out & set(said) and set(sentences_for(recipe, "heart", None, natural)) < held_out


def test_the_first_parts_of_all_voices_come_before_the_second_ones():
    recipe = Recipe.load("wideband").data
    parts = [job.part for job in jobs.jobs(recipe) if job.part is not None]
    assert parts == sorted(parts) and len(recipe.voices) >= 40


def test_sentences_of_one_s_own_come_from_a_folder(tmp_path):
    state, folder = State(tmp_path / "state"), tmp_path / "text"
    folder.mkdir()
    (folder / "a.txt").write_text("One.\n\nTwo.\n")
    (folder / "b.tsv").write_text("Room 3.\tRoom three.\n")
    assert texts.import_lines(state, folder) == 3 and texts.written(state) == ["One.", "Room three.", "Two."]
    assert texts.import_lines(state, folder) == 3  # again: no line twice


@pytest.mark.parametrize("line", ["Say <|im_end|>.", "a\x07b"])
def test_sentences_that_nobody_can_learn_are_an_error_with_their_line(tmp_path, line):
    (tmp_path / "a.txt").write_bytes(f"One.\n{line}\n".encode("utf-16-le"))
    with pytest.raises(BadInput, match="a.txt:2: expected text, found the c"):
        texts.import_lines(State(tmp_path / "state"), tmp_path)


def packaged_files(folder):
    """Two speakers' files of 3 s, one of too low a rate, an empty one, and what some of them say."""
    for i in range(4):
        recording(folder / "one", f"{i}", seconds=3)
    recording(folder / "two", "only", seconds=3)
    soundfile.write(folder / "two" / "telephone.wav", tone(3, 8000), 8000)
    (folder / "two" / "empty.g722").write_bytes(b"")
    with gzip.open(folder / "texts.gz", "wt") as file:
        file.write('; Prompts\n\none/0: Please wait.\none/1: Press #.\ntwo/only: You said "3".\n')


def test_a_package_s_recordings_are_joined_folder_by_folder(tmp_path):
    packaged_files(tmp_path)
    state, recipe = State(tmp_path / "state"), DataRecipe()
    recipe.recordings["people"] = Recordings("a-package", str(tmp_path), "*[2v]", band=7000.0)
    packaged.make(state, recipe, "people")
    clips = ClipSet(state, "people")
    assert [round(clip["n"] / 16000) for clip in clips.clips] == [9, 3, 3] and clips.clips[0]["band"] == 7000.0
    assert recipe.recording_sets() == ["people"] and recipe.speech_sets() == []
    assert [job.set for job in jobs.jobs(recipe)] == ["people"]


def test_held_out_recordings_keep_their_words_and_are_not_learned_from(tmp_path):
    packaged_files(tmp_path)
    state, recipe = State(tmp_path / "state"), DataRecipe()
    source = Recordings("a-package", str(tmp_path), "*.wav", held_out=True, texts=str(tmp_path / "texts.gz"))
    recipe.recordings["people"] = source
    packaged.make(state, recipe, "people")
    assert [clip["text"] for clip in ClipSet(state, "people").clips] == ["Please wait."]  # plain words alone
    assert recipe.recording_sets() == []
    source.folder = str(tmp_path / "gone")
    with pytest.raises(BadInput, match="gone is not there: Debian package a-package"):
        packaged.make(state, recipe, "people")


def test_the_held_out_person_speaks_in_no_set_that_is_learned_from():
    recipe = Recipe.load("wideband").data
    assert recipe.recordings["allison"].held_out
    learned = [recipe.recordings[name] for name in recipe.recording_sets()]
    assert len(learned) == 7 and not any("Allison" in source.folder for source in learned)
    assert all(source.licence and source.speakers for source in recipe.recordings.values())


def test_an_unheard_voice_whose_synthesizer_is_missing_stops_nothing(tmp_path, monkeypatch, capsys):
    recipe, state = Recipe("mini"), State(tmp_path)
    recipe.data.unheard = {"gnu": Voice("gnuspeech")}
    monkeypatch.setattr("unimoe_train.data.teachers.missing", lambda voice: f"{voice.teacher} needs gnuspeech_sa")
    made = []
    monkeypatch.setattr("unimoe_train.data.jobs.run_all", lambda todo, *_: made.append(todo) or True)
    monkeypatch.setattr("unimoe_train.data.sentences.from_debian", list)
    data.run(argparse.Namespace(check=None, data=None, only=["gnuunheard"], threads=1, program=None), recipe, state)
    assert made == [[]]
    assert "gnuunheard: left out, nothing is learned from it: gnuspeech needs gnuspeech_sa" in capsys.readouterr().out


def test_unheard_voices_are_of_no_training_set_and_of_families_that_training_lacks(tmp_path, monkeypatch):
    recipe = Recipe.load("wideband").data
    assert len(recipe.unheard) == 14 and set(recipe.unheard_sets()).isdisjoint(
        recipe.speech_sets() + recipe.test_sets()
    )
    mixtures = [voice.mixture for voice in recipe.voices.values() if voice.mixture]
    families = [("festival", "kal_diphone"), ("festival", "ked_diphone"), ("gnuspeech", "male")]
    learned = {(voice.teacher, voice.voice) for voice in recipe.voices.values()}
    assert all(voice.mixture not in mixtures for voice in recipe.unheard.values() if voice.mixture)
    assert learned.isdisjoint(families) and not any("kal" in voice for _, voice in learned)  # flite's kal is Festival's
    state = State(tmp_path)
    state.path("sentences.txt").write_text("\n".join(f"This is sentence {i}." for i in range(2100)))
    monkeypatch.setattr(speech, "missing", lambda voice: None)
    monkeypatch.setattr(speech, "speak", lambda voice, text, rng, rate: tone(rate=rate))
    speech.make_unheard(state, recipe, "kal")
    clips = ClipSet(state, "kalunheard").clips
    assert len(clips) == recipe.test_clips and {clip["voice"] for clip in clips} == {"kal"}
    assert all(int(clip["text"].split()[-1][:-1]) < recipe.held_out // 2 for clip in clips)


def test_g722_is_read_at_16_khz():
    av = pytest.importorskip("av")
    assert "g722" in av.codecs_available
    path = Path("/usr/share/asterisk/sounds/en_US_f_Allison/activated.g722")
    if not path.exists():
        pytest.skip("needs asterisk-core-sounds-en-g722")
    samples, rate = sound_file.read(path)
    assert rate == 16000 and len(samples) == 2 * path.stat().st_size and 0.1 < np.abs(samples).max() <= 1


def test_only_the_sets_that_are_made_are_used_when_asked():
    recipe = Recipe.load("wideband").data
    recipe.only = ["heart1", "joe0", "mus2", "june", "hearttest"]
    assert recipe.speech_sets() == ["heart1", "joe0"] and recipe.music_sets() == ["mus2"]
    assert recipe.recording_sets() == ["june"] and recipe.test_sets() == ["hearttest"]


def test_prompts_are_made_of_a_voice_s_first_set_and_last_one_to_ten_seconds(tmp_path):
    state, recipe, writer = State(tmp_path), DataRecipe(prompts=12), ClipWriter()
    recipe.voices["anna"] = Voice("espeak", clips=6)
    for number in range(6):
        writer.append(tone(0.7 + number / 2), kind="s", voice="anna", text=f"Number {number}.")
    writer.save(state, "anna0")
    prompts.make(state, recipe, "anna")
    made = ClipSet(state, "annaprompts")
    lengths = [clip["n"] / 16000 for clip in made.clips]
    assert len(made) == 12 and min(lengths) >= 0.7 and max(lengths) <= 10 and max(lengths) > 2 * min(lengths)
    assert all(clip["prompt"] and clip["voice"] == "anna" for clip in made.clips)
    longest = made.clips[int(np.argmax(lengths))]["text"]
    assert longest.count("Number") > 1 and len(set(longest.split("."))) == longest.count("Number") + 1
    order = [job.set for job in jobs.jobs(recipe)]
    assert order.index("annaprompts") == order.index("anna0") + 1
    assert recipe.prompt_sets() == ["annaprompts"] and "annaprompts" not in recipe.speech_sets()


def test_rooms_last_and_noise_is_as_loud_as_it_should_be():
    rate, noise = 16000, np.random.default_rng(0)
    click = np.zeros(rate)
    click[1000] = 1
    room = prompts.in_a_room(click, rate, seconds=0.4, direct=3.0, noise=noise)
    assert np.isclose(room[1000], 1, atol=0.3) and np.isclose((room[1001:] ** 2).sum(), 10**-0.3, rtol=0.2)
    early, late = (room[1001 + start : 1001 + start + 800] for start in (0, 3200))
    assert np.isclose(10 * np.log10((early**2).sum() / (late**2).sum()), 30, atol=4)  # 60 dB in 0.4 s
    voice = tone()
    noisy = prompts.among_noise(voice, 20.0, 0.5, noise)
    assert np.isclose(10 * np.log10((voice**2).sum() / ((noisy - voice) ** 2).sum()), 20, atol=0.1)


def test_a_set_is_made_with_its_list_and_encoded_with_its_offsets(tmp_path):
    state, writer = State(tmp_path), ClipWriter()
    writer.append(tone(), kind="s", voice="a", text="One.")
    for name in ("a0", "a1"):
        writer.save(state, name)
    np.save(state.sound("half"), np.zeros(3, np.int16))
    state.code_offsets("a1").write_text("[]")
    assert state.made() == ["a0", "a1"] and state.encoded() == ["a1"]


def test_phonemes_for_kokoro():
    assert kokoro_phonemes("ɡˈʊd mˈɔːɹnɪŋ") == "ɡˈʊd mˈɔɹnɪŋ"
    assert kokoro_phonemes("tʃaɪ") == "ʧI"


def test_no_sentence_is_in_two_sets():
    recipe = Recipe.load("default").data
    natural = [f"Sentence {i}." for i in range(200_000)]
    sets = [sentences_for(recipe, voice, part, natural) for voice in recipe.voices for part in (None, 0, 1, 2)]
    seen = [text for sentences in sets for text in sentences if text.startswith("Sentence ")]
    assert len(seen) == len(set(seen))
    assert all(int(text.split()[1][:-1]) < recipe.held_out // 2 for text in sets[0])


def test_jobs_are_the_recipe_s_sets():
    recipe = Recipe.load("default").data
    recipe.voices["joe"].first = 7
    assert recipe.parts("joe")[0] == "joe7"
    made = [job.set for job in jobs.jobs(recipe)]
    assert sorted(made) == sorted(recipe.speech_sets() + recipe.music_sets() + recipe.test_sets())


def recording(folder, name, seconds=1.0):
    folder.mkdir(parents=True, exist_ok=True)
    soundfile.write(folder / f"{name}.wav", tone(seconds, 22050), 22050)


@pytest.mark.skipif(missing() is not None, reason=str(missing()))
@pytest.mark.skipif(TEACHERS["espeak"].missing() is not None, reason=str(TEACHERS["espeak"].missing()))
def test_the_command_makes_what_is_missing_and_no_more(tmp_path, capsys):
    state = State(tmp_path / "state")
    state.path("sentences.txt").write_text("\n".join(f"This is sentence {i}." for i in range(2100)))
    command = ["data", "--recipe", "miniature", "--state", str(state.root), "--threads", "2"]
    command += ["--program", stand_in(tmp_path, a_score())]
    cli.main(command)
    manifest = json.loads(state.path("data", "manifest.json").read_text())
    assert manifest["sets"]["mini0"]["clips"] == 12 and manifest["voices"]["mini"]["source"] == "Debian espeak-ng"
    before = {path.name: path.stat().st_mtime_ns for path in state.path("data", "x").parent.glob("*.npy")}
    assert len(before) == 4
    state.clips("mini0").unlink()
    cli.main(command)
    assert "3 of 4 sets are made already" in capsys.readouterr().out
    after = {path.name: path.stat().st_mtime_ns for path in state.path("data", "x").parent.glob("*.npy")}
    assert {name for name in after if after[name] != before[name]} == {"mini0.npy"}
