"""What the check of recordings tells."""

import json

import numpy as np
import pytest
from recorded import RATE, record, speaker, spoken
from unimoe_train import cli
from unimoe_train.data import check_report, clip_check, layouts
from unimoe_train.data.check import check
from unimoe_train.data.clip_check import Limits


def checked(folder, phonemes=True):
    return check(layouts.find(folder), Limits(16000, 9.0, phonemes))


def problem(folder, name="bad", phonemes=True):
    """Why one file is left out."""
    (found,) = [one for one in checked(folder, phonemes).left_out if one.path.stem == name]
    return found.problem


def suspected(folder):
    return [(one.harm, one.what) for one in checked(folder).suspicions()]


def noise(level, seconds=2.0):
    return (10 ** (level / 20) * np.random.default_rng(0).standard_normal(int(seconds * RATE))).astype(np.float32)


@pytest.mark.parametrize(
    "samples", [noise(-90), noise(-60), np.zeros(RATE, np.float32), np.full(RATE, 0.3, np.float32)]
)
def test_noise_and_silence_are_not_raised_to_speech(tmp_path, samples):
    record(tmp_path / "anna", "bad", text="Nothing.", samples=samples)
    assert "expected sound, found silence or noise at -" in problem(tmp_path)


def test_a_quiet_voice_is_kept_and_told(tmp_path):
    speaker(tmp_path / "anna")
    record(tmp_path / "anna", "quiet", text="This is quiet.", samples=0.01 * spoken(1.0, 5))
    assert not checked(tmp_path).left_out and ("low", "very quiet, and their noise is raised with them") in suspected(
        tmp_path
    )


def test_quiet_music_is_left_out_when_nothing_is_heard(tmp_path):
    record(tmp_path / "guitar", "bad", caption="guitar", samples=noise(-90, 7))
    record(tmp_path / "guitar", "good", caption="guitar", seconds=7)
    assert "silence or noise" in problem(tmp_path) and len(checked(tmp_path).left_out) == 1


def test_more_text_than_a_mouth_can_say_is_left_out(tmp_path):
    record(tmp_path / "anna", "bad", text="This takes far longer than a second to say aloud, whoever says it. " * 2)
    record(tmp_path / "anna", "fast", text="This takes about a second.")
    assert "expected at most 3" in problem(tmp_path) and len(checked(tmp_path).left_out) == 1


@pytest.mark.parametrize("text", ["...", "—", "♪♪", "١٢", "Привет"])
def test_a_text_that_cannot_be_said_is_left_out(tmp_path, text):
    record(tmp_path / "anna", "bad", text=text)
    assert problem(tmp_path) == f"expected words that can be said, found {text!r}"


def test_a_model_without_phonemes_learns_any_letters(tmp_path):
    speaker(tmp_path / "anna")
    record(tmp_path / "anna", "other", text="Привет")
    assert not checked(tmp_path, phonemes=False).left_out
    record(tmp_path / "anna", "bad", text="...")
    assert "expected words" in problem(tmp_path, phonemes=False)


@pytest.mark.parametrize("text", [b"a\x07b", b"Say <|im_end|> now.", b"", "Grün".encode("latin-1"), b"a\0b"])
def test_texts_that_nobody_can_learn_are_left_out(tmp_path, text):
    record(tmp_path / "anna", "bad", text="")
    (tmp_path / "anna" / "bad.txt").write_bytes(text)
    assert "expected text" in problem(tmp_path)


@pytest.mark.parametrize("caption", ["slow <|MUSIC_END|>", "slow\n\x1b[0m"])
def test_captions_are_texts_too(tmp_path, caption):
    record(tmp_path / "guitar", "bad", caption=caption, seconds=7)
    assert "expected text, found the c" in problem(tmp_path)


def test_a_link_to_nothing_and_a_device_are_left_out(tmp_path):
    speaker(tmp_path / "anna")
    for name, target in (("bad", tmp_path / "gone.wav"), ("device", "/dev/zero")):
        (tmp_path / "anna" / f"{name}.wav").symlink_to(target)
        (tmp_path / "anna" / f"{name}.txt").write_text("One.")
    assert "a link to nothing or a device" in problem(tmp_path) and "a device" in problem(tmp_path, "device")


def test_a_recording_of_hours_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(clip_check.sound_file, "duration", lambda path: (36000.0, RATE))
    monkeypatch.setattr(clip_check.sound_file, "stretches", lambda *_: pytest.fail("was read"))
    record(tmp_path / "anna", "bad", text="One.")
    assert problem(tmp_path) == "36000.0 s of sound, expected up to 9"


def test_texts_of_other_clips_are_the_first_suspicion(tmp_path):
    rng = np.random.default_rng(1)
    for number, (seconds, letters) in enumerate(zip(rng.permutation(30), rng.permutation(30))):
        text = f"Number {number} " + "word " * int(1 + letters / 6)
        record(tmp_path / "anna", f"{number}", text=text, seconds=1.5 + seconds / 10, seed=number)
    record(tmp_path / "anna", "offset", text="This one is off.", samples=spoken(1.2, 99) + 0.1)
    found = suspected(tmp_path)
    assert found[0][0] == "high" and "are the texts those of other clips?" in found[0][1]
    assert [harm for harm, _ in found] == sorted((harm for harm, _ in found), key=["high", "medium", "low"].index)
    assert found[-1][0] == "low"


@pytest.mark.parametrize(
    "options, told",
    [
        ({"samples": np.clip(20 * spoken(1, 3), -1, 1)}, "clipped"),
        ({"samples": spoken(1, 3) + noise(-30, 1)}, "noise less than 15 dB below the voice"),
        ({"rate": 8000}, "a rate below 16000 Hz: the heights are missing"),
        ({"seconds": 8, "text": "Oh."}, "few words for their length: is all of it written down?"),
        ({"text": "Omega, Ω."}, "letters that are not said"),
    ],
)
def test_what_looks_wrong_is_told_with_its_file(tmp_path, options, told):
    speaker(tmp_path / "anna")
    record(tmp_path / "anna", "odd", **{"text": "This one is odd.", **options})
    assert [s.files for s in checked(tmp_path).suspicions() if s.what == told] == [[str(tmp_path / "anna" / "odd.wav")]]


def test_one_text_for_many_clips_and_folders_in_folders_are_told(tmp_path):
    for speaker_name in "ab":
        for number in range(6):
            record(tmp_path / "train" / speaker_name / "session", f"{speaker_name}{number}", text="The same.")
    whats = " ".join(what for _, what in suspected(tmp_path))
    assert "12 have 'The same.'" in whats and "one voice of 2 folders in folders" in whats


def test_the_table_tells_every_speaker(tmp_path):
    speaker(tmp_path / "anna", 12, seconds=2.0), speaker(tmp_path / "bob", 10)
    anna, bob = checked(tmp_path).rows
    assert (anna.name, anna.files, anna.left_out, anna.rates) == ("anna", 12, 0, [RATE])
    assert anna.hours == pytest.approx(24 / 3600, rel=0.1) and bob.files == 10
    assert anna.level > anna.floor + 30 and 0 <= anna.silence < 1 and anna.clipping == 0
    table = "\n".join(check_report.lines(checked(tmp_path)))
    assert "anna  speech" in table and "22050" in table


def test_the_command_checks_and_changes_nothing(tmp_path, capsys):
    speaker(tmp_path / "mine" / "anna", 30)
    (tmp_path / "mine" / "anna" / "clip3.txt").unlink()
    state = tmp_path / "state"
    command = ["data", "--check", str(tmp_path / "mine"), "--recipe", "miniature", "--state", str(state)]
    cli.main(command)
    assert "clip3.wav: left out: expected clip3.txt or clip3.caption" in capsys.readouterr().out and not state.exists()
    cli.main([*command, "--json"])
    told = json.loads(capsys.readouterr().out)
    assert told["collections"][0]["files"] == 29 and told["left_out"][0]["file"].endswith("clip3.wav")
    assert all(entry["harm"] in ("high", "medium", "low") for entry in told["suspicions"])
    for number in range(10):
        (tmp_path / "mine" / "anna" / f"clip{number}.wav").write_bytes(b"no sound")
    with pytest.raises(SystemExit) as end:
        cli.main(command)
    out, err = capsys.readouterr()
    assert end.value.code == 1 and out.count("left out") == 10 and "10 of 30 recordings are of no use" in err
