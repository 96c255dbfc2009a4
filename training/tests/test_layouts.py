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


@pytest.mark.parametrize("table", ["a.wav,One.\n", "", "who,when\nanna,today\n"])
def test_a_table_of_another_kind_is_an_error(tmp_path, table):
    record(tmp_path / "wavs", "a")
    (tmp_path / "metadata.csv").write_text(table)
    with pytest.raises(BadInput, match="metadata.csv: expected lines NAME|text"):
        layouts.find(tmp_path)


@pytest.mark.parametrize(
    "table",
    [
        'file_name,transcription\r\na.wav,One.\r\nb.wav,"Say ""two"", please."\r\n',
        'ID|Text|Normalized_text\na|1.|One.\nb|-|Say "two", please.\n',
        'audio_file|text|speaker_name\nwavs/a.wav|One.|anna\nwavs/b.wav|Say "two", please.|anna',
        "path;sentence\na.wav;One.\nb.wav;'Say \"two\", please.'\n".replace("'Say", "Say").replace(
            "please.'", "please."
        ),
    ],
)
def test_a_header_tells_what_the_columns_of_metadata_are(tmp_path, table):
    for name in "ab":
        record(tmp_path / "anna" / "wavs", name)
    (tmp_path / "anna" / "metadata.csv").write_text(table)
    assert found(tmp_path) == {"anna": {"a.wav": "One.", "b.wav": 'Say "two", please.'}}


@pytest.mark.parametrize("row", ["{0}|Text {0}.|anna", "{0}|anna|Text {0}.", "{0}|speaker 7|Text {0}."])
def test_names_of_speakers_are_not_taken_for_texts(tmp_path, row):
    for number in range(6):
        record(tmp_path / "wavs", f"{number}")
    (tmp_path / "metadata.csv").write_text("\n".join(row.format(number) for number in range(6)))
    with pytest.raises(BadInput, match=r"metadata.csv: expected .*found a column with '(anna|speaker 7)' again"):
        layouts.find(tmp_path)


def test_columns_that_cannot_be_read_are_an_error(tmp_path):
    record(tmp_path, "a")
    (tmp_path / "metadata.csv").write_text("path,text\na," + "x" * 200_000)
    with pytest.raises(BadInput, match="metadata.csv:2: cannot be read"):
        layouts.find(tmp_path)


def vctk(folder, speaker, name, *sounds, text="Please call Stella."):
    """One sentence of VCTK."""
    (folder / "txt" / speaker).mkdir(parents=True, exist_ok=True)
    (folder / "txt" / speaker / f"{name}.txt").write_text(text)
    for place, sound, suffix in sounds or [("wav48", name, "wav")]:
        record(folder / place / speaker, sound, suffix=suffix)


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_vctk_has_its_texts_in_a_folder_beside_that_of_its_sounds(tmp_path, depth):
    folder = tmp_path.joinpath(*["sets", "VCTK"][:depth])
    vctk(folder, "p225", "p225_001"), vctk(folder, "p226", "p226_001", text="Ask her.\n")
    record(folder / "wav48" / "p226", "p226_002")
    (folder / "speaker-info.txt").write_text("ID  AGE  GENDER")
    assert found(tmp_path) == {
        "p225": {"p225_001.wav": "Please call Stella."},
        "p226": {
            "p226_001.wav": "Ask her.\n",
            "p226_002.wav": "expected p226_002.txt or p226_002.caption beside it, found neither",
        },
    }
    assert layouts.find(tmp_path).collections[0].source == f"{folder}/wav48/p225"


def test_of_two_microphones_of_vctk_one_is_taken(tmp_path):
    place = "wav48_silence_trimmed"
    for number, microphones in ((1, "12"), (2, "1"), (3, "2"), (4, "12")):
        name = f"p225_00{number}"
        vctk(tmp_path, "p225", name, *[(place, f"{name}_mic{m}", "flac") for m in microphones])
    record(tmp_path / place / "p315", "p315_001_mic1", suffix="flac")  # whose texts were lost
    assert list(found(tmp_path)) == ["p225"]
    assert list(found(tmp_path)["p225"]) == [f"p225_00{take}.flac" for take in ("1_mic1", "2_mic1", "3_mic2", "4_mic1")]
    assert layouts.find(tmp_path).notes == [
        f"{tmp_path}/{place}/p225/p225_001_mic2.flac: passed over with 1 more, of which another microphone is taken",
        f"{tmp_path}/{place}/p315/p315_001_mic1.flac: passed over with 0 more, of whose folder there are no texts",
    ]


def test_a_voice_s_own_folders_of_sounds_and_of_texts_are_one_voice(tmp_path):
    for voice in ("anna", "bob"):
        record(tmp_path / voice / "wav", "a")
        (tmp_path / voice / "txt").mkdir()
        (tmp_path / voice / "txt" / "a.txt").write_text("One.")
    assert found(tmp_path) == {"anna": {"a.wav": "One."}, "bob": {"a.wav": "One."}}
    assert found(tmp_path / "anna") == {"anna": {"a.wav": "One."}}


@pytest.mark.parametrize("root", ["", "dev-clean", "dev-clean/1272", "dev-clean/1272/128104"])
def test_librispeech_has_a_text_for_every_chapter_and_a_voice_for_every_speaker(tmp_path, root):
    for speaker, chapter in ((1272, 128104), (1272, 135031), (84, 121123)):
        folder = tmp_path / "dev-clean" / f"{speaker}" / f"{chapter}"
        record(folder, f"{speaker}-{chapter}-0000", suffix="flac")
        lines = f"{speaker}-{chapter}-0000 MISTER QUILTER ISN'T WHAT I'M USED TO\r\n{speaker}-{chapter}-0001 GONE\n"
        (folder / f"{speaker}-{chapter}.trans.txt").write_text(lines)
    (tmp_path / "SPEAKERS.TXT").write_text("; ID")
    made = found(tmp_path / root)
    assert list(made) == (["1272"] if "1272" in root else ["1272", "84"])
    assert made["1272"]["1272-128104-0000.flac"] == "Mister quilter isn't what I'm used to"
    assert made["1272"]["1272-128104-0001"] == "1272-128104.trans.txt line 2 names it, it is not there"
    assert len(made["1272"]) == (2 if root.endswith("104") else 4)
    assert "1272: its texts are in capitals alone, taken as small letters" in layouts.find(tmp_path / root).notes


def test_words_in_capitals_among_others_stay_so(tmp_path):
    record(tmp_path / "anna", "a", text="BBC NEWS FROM THE USA"), record(tmp_path / "anna", "b", text="So it is.")
    record(tmp_path / "bob", "a", text="BBC"), record(tmp_path / "bob", "b", text="A B C D E F")
    assert found(tmp_path) == {
        "anna": {"a.wav": "BBC NEWS FROM THE USA", "b.wav": "So it is."},
        "bob": {"a.wav": "BBC", "b.wav": "A B C D E F"},
    }


def test_libritts_has_its_texts_as_they_are_read_beside_its_sounds(tmp_path):
    folder = tmp_path / "LibriTTS" / "dev-clean" / "84" / "121123"
    path = record(folder, "84_121123_000007_000001")
    path.with_suffix(".normalized.txt").write_text("Mister One.")
    path.with_suffix(".original.txt").write_text("Mr. 1.")
    (folder / "84_121123.trans.tsv").write_text("84_121123_000007_000001\tMr. 1.\tMister One.\n")
    assert found(tmp_path) == {"84": {"84_121123_000007_000001.wav": "Mister One."}}
    assert layouts.find(tmp_path).notes == []


@pytest.mark.parametrize("root", ["", "cmu_us_awb_arctic"])
def test_festvox_has_its_prompts_in_etc(tmp_path, root):
    voice = tmp_path / "cmu_us_awb_arctic"
    record(voice / "wav", "arctic_a0001"), record(voice / "wav", "arctic_a0002")
    (voice / "etc").mkdir()
    prompts = '( arctic_a0001 "Author of the \\"danger\\" trail." )\n( arctic_a0002 Lost. )\n'
    (voice / "etc" / "txt.done.data").write_text(prompts)
    made = found(tmp_path / root)["cmuusawbarctic"]
    assert made["arctic_a0001.wav"] == 'Author of the "danger" trail.'
    assert made["txt.done.data:2"] == "line 2: expected ( NAME \"text\" ), found '( arctic_a0002 Lost. )'"


def test_an_aligner_s_lab_is_a_text_and_times_of_phonemes_are_none(tmp_path):
    for name, text in (
        ("a", "One.\r\n"),
        ("b", "0 2500000 pau\n2500000 3100000 w\n"),
        ("c", "0.000000\t1.500000\tOne.\n1,5\t2.5\n"),
        ("d", "1984 2001"),
    ):
        record(tmp_path / "anna", name, suffix="mp3").with_suffix(".lab").write_bytes(text.encode())
    made = found(tmp_path)["anna"]
    assert made["a.mp3"] == "One.\r\n" and made["d.mp3"] == "1984 2001"
    assert made["b.mp3"] == "b.lab: expected what is said, found labels with times, such as '0 2500000 pau'"
    assert made["c.mp3"].startswith("c.lab: expected what is said, found labels with times")


def test_texts_without_a_sound_are_told(tmp_path):
    record(tmp_path / "anna", "a", text="One."), record(tmp_path / "anna", "b", text="Two.").unlink()
    (tmp_path / "bob").mkdir()
    for path in ("bob/c.txt", "anna/README.txt", "LICENCE.txt", "notes.txt"):
        (tmp_path / path).write_text("Three.")
    assert found(tmp_path) == {"anna": {"a.wav": "One."}}
    assert layouts.find(tmp_path).notes == [f"{tmp_path}/anna/b.txt: passed over with 1 more, which have no sound"]


def test_common_voice_has_a_voice_for_every_client(tmp_path):
    for name in "abcde":
        record(tmp_path / "clips", name, suffix="mp3")
    header, long = "client_id\tpath\tsentence\tup_votes\n", "0f" * 64
    rows = [f"{long}\ta.mp3\tOne.\t2", f'{long}\tb.mp3\t"Say ""two""."\t2', "77\tc\tThree.\t2", "77\te\tFour.\t2"]
    (tmp_path / "validated.tsv").write_text(header + "\n".join(rows))
    (tmp_path / "train.tsv").write_text(header + "77\td.mp3\tNot validated.\t0\n")
    (tmp_path / "reported.tsv").write_text("sentence\treason\nOne.\tspelling\n")
    assert found(tmp_path) == {
        long[:16]: {"a.mp3": "One.", "b.mp3": 'Say "two".'},
        "77": {"c.mp3": "Three.", "e.mp3": "Four."},
    }
    assert layouts.find(tmp_path).notes == [f"{tmp_path}/clips/d.mp3: passed over with 0 more, which no table names"]


def test_a_text_of_two_lines_in_a_table_is_one(tmp_path):
    for name in "abcd":
        record(tmp_path / "wavs", name)
    rows = ["path\tsentence", 'a\t"One', 'and ""a half""."', 'b\t"Two" it is.', 'c\t"Three is open.', "d\tFour."]
    (tmp_path / "anna.tsv").write_text("\r\n".join(rows))
    texts = next(iter(found(tmp_path).values()))
    assert list(texts.values()) == ['One and "a half".', '"Two" it is.', '"Three is open.', "Four."]


@pytest.mark.parametrize("sounds", ["", "wavs"])
def test_a_table_without_speakers_has_a_voice_for_every_folder(tmp_path, sounds):
    for name in ("p225", "p226"):
        record(tmp_path / "all" / sounds / name, "a")
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


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a.wav": ["slow"', '{"a.wav": 3}', "[]"])
def test_captions_that_are_none_are_an_error(tmp_path, text):
    record(tmp_path / "guitar", "a")
    (tmp_path / "guitar" / "captions.json").write_text(text)
    with pytest.raises(BadInput, match=r"captions.json: (cannot be read|expected \{)"):
        layouts.find(tmp_path)


def test_settings_in_json_are_no_captions(tmp_path):
    record(tmp_path / "anna", "a", text="One.")
    (tmp_path / "anna" / "recorder.json").write_text('{"device": "microphone"}')
    (tmp_path / "anna" / "said.json").write_text('[{"path": "a.wav", "text": "One."}]')
    (tmp_path / "anna" / "deep.json").write_text("[" * 100_000)
    assert found(tmp_path) == {"anna": {"a.wav": "One."}}


def test_speech_and_music_in_one_folder_are_an_error(tmp_path):
    record(tmp_path / "mine", "a", text="One."), record(tmp_path / "mine", "b", caption="slow")
    with pytest.raises(BadInput, match="mine: expected speech or music, found both"):
        layouts.find(tmp_path)


def test_a_sound_with_a_text_and_a_caption_is_neither(tmp_path):
    record(tmp_path / "songs", "a", text="La la la.", caption="a song"), record(tmp_path / "songs", "b", text="Two.")
    assert found(tmp_path)["songs"] == {"a.wav": "expected a.txt or a.caption, found both", "b.wav": "Two."}


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


def test_names_that_differ_in_unicode_s_normal_form_alone_are_told(tmp_path):
    for name in ("Ren\u00e9", "Rene\u0301"):
        record(tmp_path / name, "a", text="One.")
    with pytest.raises(BadInput, match=r"Ren\S+ twice, its accents in two encodings \(Unicode's NFC and NFD\)"):
        layouts.find(tmp_path)


def test_a_text_is_found_in_the_other_normal_form_of_its_sound_s_name(tmp_path):
    record(tmp_path / "anna", "cafe\u0301")
    (tmp_path / "anna" / "caf\u00e9.txt").write_text("One.")
    record(tmp_path / "bob", "cafe\u0301")
    (tmp_path / "bob" / "metadata.csv").write_text("caf\u00e9|Two.")
    assert found(tmp_path) == {"anna": {"cafe\u0301.wav": "One."}, "bob": {"cafe\u0301.wav": "Two."}}


def test_links_to_themselves_to_nothing_and_to_devices_are_no_texts(tmp_path):
    record(tmp_path / "anna", "a", text="One.")
    for name, target in (("b", "b.txt"), ("c", "gone.txt"), ("d", "/dev/zero")):
        record(tmp_path / "anna", name).with_suffix(".txt").symlink_to(target)
    for name in ("e.wav", "f"):
        (tmp_path / "anna" / name).symlink_to(name)
    made = found(tmp_path)["anna"]
    assert made.pop("a.wav") == "One." and made.pop("e.wav").startswith("expected e.txt")
    assert made == {f"{n}.wav": f"{n}.txt: expected a file, found a link to nothing or a device" for n in "bcd"}


def test_speakers_with_one_recording_are_passed_over_where_others_have_more(tmp_path):
    for name in "abcd":
        record(tmp_path / "clips", name)
    rows = ["a\tOne.\t7", "b\tTwo.\t7", "c\tThree.\t8", "d\tFour.\t9"]
    (tmp_path / "validated.tsv").write_text("path\tsentence\tclient_id\n" + "\n".join(rows))
    assert found(tmp_path) == {"7": {"a.wav": "One.", "b.wav": "Two."}}
    assert layouts.find(tmp_path).notes == [
        f"{tmp_path}/clips/c.wav: passed over with 1 more, the only ones of their speakers"
    ]


def test_a_table_may_name_what_cannot_be_a_file(tmp_path):
    record(tmp_path / "wavs", "a")
    names = ["/", "..", ".", "x" * 300 + ".wav"]
    (tmp_path / "metadata.csv").write_text("a|One.\n" + "".join(f"{name}|Two.\n" for name in names))
    (collection,) = layouts.find(tmp_path).collections
    problems = [recording.problem for recording in collection.recordings]
    assert problems == ["", *[f"metadata.csv line {n} names it, it is not there" for n in range(2, 6)]]
