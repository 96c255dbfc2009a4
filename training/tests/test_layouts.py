"""The layouts that people's recordings have."""

import json
import os

import pytest
from recorded import record
from unimoe_train.data import layouts
from unimoe_train.errors import BadInput


def found(folder):
    """By collection what is said in its files, problems instead where there are some."""
    made = layouts.find(folder)
    return {
        one.name: {r.path.name: r.problem or r.text or list(r.captions) for r in one.recordings}
        for one in made.collections
    }


def test_sessions_are_of_their_speaker(tmp_path):
    for session in ("1", "2"):
        record(tmp_path / "19" / session, f"a{session}", text="One.")
    record(tmp_path / "26" / "1", "b", text="Two.")
    assert found(tmp_path) == {"19": {"a1.wav": "One.", "a2.wav": "One."}, "26": {"b.wav": "Two."}}


def test_files_directly_in_a_folder_are_of_its_name(tmp_path):
    record(tmp_path / "Anna", "a", text="One.")
    assert found(tmp_path / "Anna") == {"anna": {"a.wav": "One."}}
    (tmp_path / "link").symlink_to(tmp_path / "Anna")
    assert list(found(tmp_path / "link")) == ["link"]


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_ljspeech_s_last_column_is_what_is_read_aloud(tmp_path, mark):
    for name in ("LJ1", "LJ2", "LJ3"):
        record(tmp_path / "Linda" / "wavs", name)
    rows = ["LJ1|In 1990.|In nineteen ninety.", "LJ2|Two.", "LJ3.wav|Three.|", "LJ4|Four.", "LJ5", "a|b|c|d"]
    (tmp_path / "Linda" / "metadata.csv").write_text(mark + "\r\n".join(rows), encoding="utf-8")
    assert found(tmp_path / "Linda") == {
        "linda": {
            "LJ1.wav": "In nineteen ninety.",
            "LJ2.wav": "Two.",
            "LJ3.wav": "Three.",
            "LJ4": "metadata.csv line 4 names it, it is not there",
            "metadata.csv:5": "line 5: expected 2 or 3 columns with | between them, found 1",
            "metadata.csv:6": "line 6: expected 2 or 3 columns with | between them, found 4",
        }
    }
    assert list(found(tmp_path)) == ["linda"]


def test_a_table_of_another_kind_is_an_error(tmp_path):
    record(tmp_path / "wavs", "a")
    (tmp_path / "metadata.csv").write_text("file_name,text\na.wav,One.\n")
    with pytest.raises(BadInput, match="metadata.csv: expected lines NAME|text"):
        layouts.find(tmp_path)


def test_common_voice_has_a_voice_for_every_client(tmp_path):
    for name in "abcd":
        record(tmp_path / "clips", name, suffix="mp3")
    header, long = "client_id\tpath\tsentence\tup_votes\n", "0f" * 64
    rows = [f"{long}\ta.mp3\tOne.\t2", f'{long}\tb.mp3\t"Say ""two""."\t2', "77\tc\tThree.\t2"]
    (tmp_path / "validated.tsv").write_text(header + "\n".join(rows))
    (tmp_path / "train.tsv").write_text(header + "77\td.mp3\tNot validated.\t0\n")
    (tmp_path / "reported.tsv").write_text("sentence\treason\nOne.\tspelling\n")
    assert found(tmp_path) == {long[:16]: {"a.mp3": "One.", "b.mp3": 'Say "two".'}, "77": {"c.mp3": "Three."}}
    assert layouts.find(tmp_path).notes == [f"{tmp_path}/clips/d.mp3: passed over with 0 more, which no table names"]


def test_a_table_without_speakers_has_a_voice_for_every_folder(tmp_path):
    for name in ("p225", "p226"):
        record(tmp_path / "all" / name, "a")
    (tmp_path / "all" / "list.tsv").write_text("path\tsentence\np225/a.wav\tOne.\np226/a.wav\tTwo.\n")
    assert found(tmp_path / "all") == {"p225": {"a.wav": "One."}, "p226": {"a.wav": "Two."}}


def test_a_file_with_two_texts_is_an_error(tmp_path):
    record(tmp_path / "wavs", "a")
    (tmp_path / "metadata.csv").write_text("a|One.\na|One.\na|Two.\n")
    (collection,) = layouts.find(tmp_path).collections
    assert [r.problem for r in collection.recordings] == ["", "named twice, with other words"]


@pytest.mark.parametrize(
    "table",
    [
        {"a.wav": "slow", "b.wav": ["fast", "loud"]},
        [{"path": "a.wav", "caption": "slow"}, {"file": "b.wav", "captions": ["fast", "loud"]}],
    ],
)
def test_one_json_has_the_captions_of_all_music(tmp_path, table):
    for name in "ab":
        record(tmp_path / "guitar", name)
    (tmp_path / "guitar" / "captions.json").write_text(json.dumps(table))
    assert found(tmp_path) == {"guitar": {"a.wav": ["slow"], "b.wav": ["fast", "loud"]}}
    assert layouts.find(tmp_path).collections[0].kind == "music"


@pytest.mark.parametrize("text", ['{"a.wav": ["slow"', '{"a.wav": 3}', "[]"])
def test_captions_that_are_none_are_an_error(tmp_path, text):
    record(tmp_path / "guitar", "a")
    (tmp_path / "guitar" / "captions.json").write_text(text)
    with pytest.raises(BadInput, match=r"captions.json: (cannot be read|expected \{)"):
        layouts.find(tmp_path)


def test_settings_in_json_are_no_captions(tmp_path):
    record(tmp_path / "anna", "a", text="One.")
    (tmp_path / "anna" / "recorder.json").write_text('{"device": "microphone"}')
    (tmp_path / "anna" / "said.json").write_text('[{"path": "a.wav", "text": "One."}]')
    assert found(tmp_path) == {"anna": {"a.wav": "One."}}


def test_speech_and_music_in_one_folder_are_an_error(tmp_path):
    record(tmp_path / "mine", "a", text="One."), record(tmp_path / "mine", "b", caption="slow")
    with pytest.raises(BadInput, match="mine: expected speech or music, found both"):
        layouts.find(tmp_path)


def test_hidden_files_and_what_an_archiver_adds_are_skipped(tmp_path):
    record(tmp_path / "anna", "a", text="One.")
    record(tmp_path / "anna", "._a", text="No."), record(tmp_path / ".trash", "b", text="No.")
    record(tmp_path / "__MACOSX" / "anna", "c", text="No.")
    assert found(tmp_path) == {"anna": {"a.wav": "One."}}


def test_links_are_followed_once_and_without_loops(tmp_path):
    real, mine = tmp_path / "real", tmp_path / "mine"
    record(real / "somewhere", "a", text="One."), record(mine / "bob", "b", text="Two.")
    (mine / "anna").symlink_to(real / "somewhere")
    (mine / "bob" / "loop").symlink_to(mine)
    (mine / "also").symlink_to(mine / "bob")
    (mine / "bob" / "linked.wav").symlink_to(real / "somewhere" / "a.wav")
    (mine / "bob" / "linked.txt").write_text("One.")
    assert found(mine) == {"bob": {"b.wav": "Two.", "linked.wav": "One."}, "anna": {"a.wav": "One."}}
    assert len(layouts.find(mine).notes) == 2


def test_of_one_sound_in_two_formats_the_better_is_taken(tmp_path):
    record(tmp_path / "anna", "a", text="One."), record(tmp_path / "anna", "a", suffix="mp3")
    assert found(tmp_path) == {"anna": {"a.wav": "One."}}
    assert layouts.find(tmp_path).notes == [f"{tmp_path}/anna/a.mp3: passed over for a.wav"]


def test_a_sound_with_nothing_beside_it_is_told_with_the_others(tmp_path):
    record(tmp_path / "anna", "a"), record(tmp_path / "anna", "b", text="Two.")
    assert found(tmp_path)["anna"]["a.wav"] == "expected a.txt or a.caption beside it, found neither"
    assert found(tmp_path)["anna"]["b.wav"] == "Two."


def test_a_folder_without_sounds_is_an_error(tmp_path):
    os.mkdir(tmp_path / "anna")
    with pytest.raises(BadInput, match=r"expected sound files \(.wav, .*found none"):
        layouts.find(tmp_path)
    with pytest.raises(BadInput, match="expected a folder of recordings, found none"):
        layouts.find(tmp_path / "nowhere")
