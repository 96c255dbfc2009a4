"""Import of one's own recordings: what becomes a set, what is left out, what is never replaced."""

import errno
import json
import os
import re
import signal

import numpy as np
import pytest
import soundfile
from recorded import RATE, record, speaker, spoken
from unimoe_train import cli
from unimoe_train.data import clips, recordings
from unimoe_train.data.clips import ClipSet, is_made
from unimoe_train.errors import BadInput
from unimoe_train.interruption import STOPPED
from unimoe_train.recipe import DataRecipe, Voice
from unimoe_train.state import State


def take(state, folder, **options):
    """The names of the sets and what was said."""
    said = []
    return recordings.import_folder(state, DataRecipe(), folder, said.append, **options), "\n".join(said)


def texts(state, *names):
    return sorted(clip["text"] for name in names for clip in ClipSet(state, name).clips)


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_recordings_become_sets_and_are_found_again(tmp_path):
    state, folder = State(tmp_path / "state"), tmp_path / "mine"
    for i in range(10):
        record(folder / "Anna 2", f"{i}", text=f"This is\nnumber {i}.")
    record(folder / "Anna 2", "long", text="Too long.", seconds=12)
    record(folder / "guitar", "a", caption="slow guitar\nsad guitar", seconds=14)
    record(folder / "guitar", "b", caption="fast guitar", seconds=14)
    (folder / "LICENCE").write_text("CC0")
    names, said = take(state, folder)
    assert sorted(names) == ["anna2", "guitar"]
    assert said.count("left out") == 1 and re.search(r"long.wav: left out: 1[12].\d s of sound, expected up to 9", said)
    assert texts(state, "anna2", "anna2test") == [f"This is number {i}." for i in range(10)]
    learned, held_out = (
        {tuple(clip["caps"]) for clip in ClipSet(state, name).clips} for name in ("guitar", "guitartest")
    )
    assert sorted([*learned, *held_out]) == [("fast guitar",), ("slow guitar", "sad guitar")]  # no file is in both
    recipe = DataRecipe()
    recipe.add_recordings(state.root / "data")
    assert recipe.speech_sets() == ["anna2"] and recipe.music_sets() == ["guitar"]
    assert recipe.test_sets() == ["anna2test", "guitartest"]
    assert not list(state.root.rglob(".*"))


def test_what_was_spooled_to_disk_is_what_memory_would_have_held(tmp_path):
    state, kept = State(tmp_path), [clips.ClipWriter(), clips.ClipWriter(tmp_path / "spool.npy")]
    for writer, name in zip(kept, "ab"):
        for seed in range(3):
            writer.append(spoken(0.3, seed), kind="s", voice="a", text="One.")
        writer.save(state, name)
    assert state.sound("a").read_bytes() == state.sound("b").read_bytes() and not (tmp_path / "spool.npy").exists()


def test_folders_that_differ_in_digits_stay_two_voices(tmp_path):
    state = State(tmp_path / "state")
    for name in ("p225", "p226"):
        speaker(tmp_path / "mine" / name)
    assert take(state, tmp_path / "mine")[0] == ["p225", "p226"]
    assert {clip["voice"] for clip in ClipSet(state, "p226").clips} == {"p226"}


@pytest.mark.parametrize("other", ["anna", "Änna!", "A-n.n-a"])
def test_folders_whose_names_become_one_are_refused_by_both_names(tmp_path, other):
    for name in ("Anna", other):
        speaker(tmp_path / name)
    with pytest.raises(BadInput) as error:
        take(State(tmp_path / "state"), tmp_path)
    assert f"{tmp_path}/Anna" in str(error.value) and f"{tmp_path}/{other}" in str(error.value)


@pytest.mark.parametrize("name", ["sound", "manifest", "default", "annatest", "!?", "Анна"])
def test_names_that_other_files_have_are_refused(tmp_path, name):
    speaker(tmp_path / name)
    with pytest.raises(BadInput, match="expected a name with Latin letters or digits"):
        take(State(tmp_path / "state"), tmp_path)


def test_a_name_of_the_recipe_is_refused(tmp_path):
    speaker(tmp_path / "mine" / "joe0")
    recipe = DataRecipe(voices={"joe": Voice("espeak", clips=10)})
    with pytest.raises(BadInput, match="joe0, expected a name that the recipe does not use"):
        recordings.import_folder(State(tmp_path / "state"), recipe, tmp_path / "mine", print)


def test_one_bad_clip_among_many_is_left_out_by_its_name(tmp_path):
    speaker(tmp_path / "mine" / "anna")
    (tmp_path / "mine" / "anna" / "clip3.wav").write_bytes(b"RIFF no sound")
    state = State(tmp_path / "state")
    _, said = take(state, tmp_path / "mine")
    assert "clip3.wav: left out: cannot be read as WAV" in said and len(texts(state, "anna", "annatest")) == 11


def test_more_than_a_tenth_bad_stops_the_import_and_names_all(tmp_path):
    speaker(tmp_path / "mine" / "anna")
    (tmp_path / "mine" / "anna" / "clip3.wav").write_bytes(b"RIFF no sound")
    (tmp_path / "mine" / "anna" / "clip4.txt").unlink()
    state, said = State(tmp_path / "state"), []
    with pytest.raises(BadInput, match="collection anna: 2 of 12 recordings are of no use, at most one in 10"):
        recordings.import_folder(state, DataRecipe(), tmp_path / "mine", said.append)
    assert "clip3.wav" in "\n".join(said) and "clip4.txt or clip4.caption beside it, found neither" in "\n".join(said)
    assert not is_made(state, "anna") and not list(state.root.rglob("*.npy"))


def test_a_second_import_of_the_same_changes_nothing(tmp_path):
    speaker(tmp_path / "mine" / "anna")
    state = State(tmp_path / "state")
    take(state, tmp_path / "mine")
    state.codes("anna").write_text("of these recordings")
    before = contents(state.root)
    _, said = take(state, tmp_path / "mine")
    assert "anna: imported before, nothing new" in said and contents(state.root) == before


def test_new_recordings_are_added_and_what_was_held_out_stays_so(tmp_path):
    speaker(tmp_path / "mine" / "anna", 30)
    state = State(tmp_path / "state")
    take(state, tmp_path / "mine")
    held_out, learned = texts(state, "annatest"), texts(state, "anna")
    made = (state.codes("anna"), state.code_offsets("anna"), state.plan("anna"), state.phonemes("anna"))
    for path in made:
        path.write_text("of the first recordings")
    speaker(tmp_path / "mine" / "anna", 30, first=30)
    _, said = take(state, tmp_path / "mine")
    assert "anna, annatest: 30 files added" in said and len(texts(state, "anna", "annatest")) == 60
    assert set(held_out) < set(texts(state, "annatest")) and set(learned) < set(texts(state, "anna"))
    assert not any(path.exists() for path in made)


@pytest.mark.parametrize("change", ["other clips", "another text", "fewer clips"])
def test_what_was_imported_is_replaced_only_when_asked(tmp_path, change):
    folder = tmp_path / "mine" / "anna"
    speaker(folder)
    state = State(tmp_path / "state")
    take(state, tmp_path / "mine")
    if change == "other clips":
        for path in folder.iterdir():
            path.unlink()
        speaker(folder, first=50)
    elif change == "another text":
        (folder / "clip1.txt").write_text("This is another.")
    else:
        (folder / "clip1.wav").unlink(), (folder / "clip1.txt").unlink()
    before = contents(state.root)
    with pytest.raises(BadInput, match="anna was imported before, and .* of its 12 files are not here.*--replace"):
        take(state, tmp_path / "mine")
    assert contents(state.root) == before
    take(state, tmp_path / "mine", replace=True)
    assert texts(state, "anna", "annatest") == sorted(path.read_text() for path in folder.glob("*.txt"))


def test_the_same_sound_is_not_both_learned_and_held_out(tmp_path):
    folder, state = tmp_path / "mine" / "anna", State(tmp_path / "state")
    speaker(folder, 30)
    for number in range(30):
        sound, rate = soundfile.read(folder / f"clip{number}.wav", dtype="int16")
        record(folder, f"copy{number}", text=f"This is number {number}.", samples=sound, rate=rate, suffix="flac")
    _, said = take(state, tmp_path / "mine")
    assert said.count("left out: the same sound as") == 30 and len(texts(state, "anna", "annatest")) == 30
    speaker(tmp_path / "again" / "bob", 0)
    (tmp_path / "again").mkdir(exist_ok=True)
    (tmp_path / "again" / "bob").symlink_to(folder)
    with pytest.raises(BadInput, match="bob: expected at least two usable files, found 0"):
        take(state, tmp_path / "again")


def test_the_same_sound_with_other_words_is_an_error_in_one_of_them(tmp_path):
    folder = tmp_path / "mine" / "anna"
    speaker(folder, 20)
    record(folder, "other", text="Something else.", samples=soundfile.read(folder / "clip1.wav")[0])
    assert "with other words: one of the two texts is wrong" in take(State(tmp_path / "state"), tmp_path / "mine")[1]


def test_a_licence_in_latin_1_is_read(tmp_path):
    speaker(tmp_path / "mine" / "anna")
    (tmp_path / "mine" / "LICENCE").write_bytes("Für alle.".encode("latin-1"))
    state = State(tmp_path / "state")
    take(state, tmp_path / "mine")
    assert json.loads(state.path("data", "anna.recordings.json").read_text())["licence"] == "Für alle."


def test_importing_alone_makes_no_other_set_and_asks_for_no_teacher(tmp_path, monkeypatch, capsys):
    speaker(tmp_path / "mine" / "anna")
    monkeypatch.setenv("PATH", "")  # no synthesizer, no dictionary, no engine
    state = State(tmp_path / "state")
    cli.main(["data", "--data", str(tmp_path / "mine"), "--recipe", "miniature", "--state", str(state.root)])
    assert "anna, annatest: imported" in capsys.readouterr().out and state.made() == ["anna", "annatest"]
    manifest = json.loads(state.path("data", "manifest.json").read_text())
    assert manifest["recordings"]["anna"]["clips"] == 12 and "files" not in manifest["recordings"]["anna"]


def fails(capsys, *arguments):
    """The one line that a command leaves on standard error."""
    with pytest.raises(SystemExit) as end:
        cli.main(list(map(str, arguments)))
    lines = capsys.readouterr().err.splitlines()
    assert end.value.code == 1 and len(lines) == 1 and "Traceback" not in lines[0]
    return lines[0]


def test_names_that_no_set_has_are_refused_with_those_that_there_are(tmp_path, capsys):
    line = fails(capsys, "data", "--only", "mini0", "mimi1", "--recipe", "miniature", "--state", tmp_path)
    assert "--only: expected one of " in line and "mini0" in line and "found mimi1" in line


def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path, capsys, monkeypatch):
    speaker(tmp_path / "mine" / "anna")

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(clips.ClipWriter, "append", full)
    command = ("data", "--data", tmp_path / "mine", "--recipe", "miniature", "--state", tmp_path / "state")
    assert fails(capsys, *command) == f"unimoe-train: {tmp_path / 'state'}: No space left on device"
    assert not list((tmp_path / "state").rglob("*.npy"))


def test_a_missing_right_to_write_is_one_line(tmp_path, capsys):
    speaker(tmp_path / "mine" / "anna")
    (tmp_path / "state").write_text("a file where the folder should be")
    command = ("data", "--data", tmp_path / "mine", "--recipe", "miniature", "--state", tmp_path / "state")
    assert str(tmp_path / "state") in fails(capsys, *command)


@pytest.mark.parametrize("cut", ["anna.recordings.json", "sound.json", "anna.json"])
def test_cut_json_of_the_state_is_one_line_with_its_path(tmp_path, capsys, cut):
    speaker(tmp_path / "mine" / "anna")
    state = State(tmp_path / "state")
    take(state, tmp_path / "mine")
    state.path("data", cut).write_text('{"kind": "spe')
    line = fails(capsys, "data", "--data", tmp_path / "mine", "--recipe", "miniature", "--state", state.root)
    assert f"{cut}: is cut or no JSON" in line


def test_an_offset_is_taken_off_before_silence_is_looked_for(tmp_path):
    folder, state = tmp_path / "mine" / "anna", State(tmp_path / "state")
    speaker(folder)
    quiet = np.concatenate([np.zeros(RATE), spoken(1.0), np.zeros(RATE)]).astype(np.float32)
    record(folder, "offset", text="Off it goes.", samples=0.2 + quiet)
    _, said = take(state, tmp_path / "mine")
    (clip,) = [clip for clip in ClipSet(state, "anna").clips if clip["text"] == "Off it goes."]
    assert clip["n"] < 1.3 * 16000 and "a constant offset, which was taken off" in said


def test_long_music_never_is_in_memory_at_once(tmp_path, monkeypatch):
    from unimoe_train.data import sound_file

    for name in "ab":
        record(tmp_path / "mine" / "guitar", name, caption="guitar", seconds=150, rate=8000)
    longest = []
    stretch = sound_file._stretch
    monkeypatch.setattr(
        sound_file, "_stretch", lambda block, *rest: longest.append(len(block)) or stretch(block, *rest)
    )
    state = State(tmp_path / "state")
    take(state, tmp_path / "mine")
    assert max(longest) <= 64 * 8000 and ClipSet(state, "guitar").seconds == pytest.approx(150, abs=3)


def test_file_names_that_are_no_text_are_imported_and_told(tmp_path, capsys):
    folder = tmp_path / "mine" / "anna"
    speaker(folder, 20)
    for number in range(2):
        path = record(folder, f"odd{number}", text="An odd name.")
        for old in (path, path.with_suffix(".txt")):
            old.rename(folder / os.fsdecode(b"caf\xe9%d" % number + old.suffix.encode()))
    (folder / os.fsdecode(b"caf\xe90.txt")).write_bytes(b"Gr\xfcn")
    state, mine = State(tmp_path / "state"), str(tmp_path / "mine")
    for options in (["--check", mine], ["--check", mine, "--json"], ["--data", mine]):
        cli.main(["data", *options, "--recipe", "miniature", "--state", str(state.root)])
        assert "caf\\" in capsys.readouterr().out
    assert len(texts(state, "anna", "annatest")) == 21


def test_a_stopped_import_leaves_nothing(tmp_path, monkeypatch, capsys):
    speaker(tmp_path / "mine" / "anna")
    state, append = State(tmp_path / "state"), clips.ClipWriter.append

    def stopped(*arguments, **fields):
        signal.raise_signal(signal.SIGTERM)
        append(*arguments, **fields)

    monkeypatch.setattr(clips.ClipWriter, "append", stopped)
    with pytest.raises(SystemExit) as end:
        take(state, tmp_path / "mine")
    assert end.value.code == STOPPED and not list(state.root.rglob("*.npy"))
    assert "the import begins anew next time" in capsys.readouterr().err


@pytest.mark.parametrize("licence", ["a folder", "a device"])
def test_a_licence_that_is_no_file_is_not_read(tmp_path, licence):
    speaker(tmp_path / "mine" / "anna")
    place = tmp_path / "mine" / "LICENCE"
    place.mkdir() if licence == "a folder" else place.symlink_to("/dev/zero")
    state = State(tmp_path / "state")
    take(state, tmp_path / "mine")
    assert json.loads(state.path("data", "anna.recordings.json").read_text())["licence"] == "not stated"


def test_names_with_line_ends_are_told_on_one_line(tmp_path, capsys):
    speaker(tmp_path / "mine" / "anna")
    record(tmp_path / "mine" / "anna", "no\ntext"), record(tmp_path / "mine" / "anna", "a:b\r", text="A colon.")
    state = State(tmp_path / "state")
    lines = take(state, tmp_path / "mine")[1].splitlines()
    assert [line for line in lines if "left out" in line] == [
        f"{tmp_path}/mine/anna/no\\ntext.wav: left out: expected no\\ntext.txt or no\\ntext.caption beside it, found neither"
    ]
    assert "A colon." in texts(state, "anna", "annatest")
    record(tmp_path / "mine" / "default\n", "a", text="One.")
    line = fails(capsys, "data", "--data", tmp_path / "mine", "--recipe", "miniature", "--state", state.root)
    assert "/default\\n: expected a name" in line


def test_nothing_is_written_where_the_recordings_are(tmp_path):
    speaker(tmp_path / "mine" / "anna")
    before = contents(tmp_path / "mine")
    folders = [tmp_path / "mine", tmp_path / "mine" / "anna"]
    times = [folder.stat().st_mtime_ns for folder in folders]
    take(State(tmp_path / "state"), tmp_path / "mine")
    assert contents(tmp_path / "mine") == before and [folder.stat().st_mtime_ns for folder in folders] == times
