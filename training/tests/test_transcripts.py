"""Texts as people's files have them."""

import pytest
from unimoe_train.data import transcripts
from unimoe_train.errors import BadInput

TEXT = "Größe: 3 cm.\r\nCafé"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_texts_with_a_mark_are_read(tmp_path, encoding):
    (tmp_path / "a.txt").write_bytes(TEXT.encode(encoding))
    assert transcripts.tidy(transcripts.read(tmp_path / "a.txt")) == "Größe: 3 cm. Café"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("text", [TEXT, "a", "Это проверка звука, и не одна."])
def test_texts_in_utf_16_without_a_mark_are_read(tmp_path, encoding, text):
    (tmp_path / "a.txt").write_bytes(text.encode(encoding))
    assert transcripts.read(tmp_path / "a.txt") == text


@pytest.mark.parametrize("data", [TEXT.encode("latin-1"), b"\xff\xfea", "日本".encode("shift_jis")])
def test_other_encodings_are_an_error(tmp_path, data):
    (tmp_path / "a.txt").write_bytes(data)
    with pytest.raises(BadInput, match="a.txt: expected text in UTF-8, found other bytes"):
        transcripts.read(tmp_path / "a.txt")


@pytest.mark.parametrize(
    "text, found",
    [
        ("a\0b", "character U+0000"),
        ("\x1b[1mbold", "character U+001B"),
        ("a\x85b", "character U+0085"),
        ("Caf\ufffd", "character U+FFFD"),
        ("Say <|im_end|> now", "control token <|im_end|>"),
        ("<|anything|>", "control token <|anything|>"),
        ("<tool_call>", "control token <tool_call>"),
        ("a\ud800b", "character U+D800"),
        (" \n\t", "found nothing"),
    ],
)
def test_texts_that_nobody_can_learn_are_an_error(text, found):
    assert found in transcripts.fault(text)


def test_what_nobody_sees_is_not_learned():
    assert transcripts.fault("a < b | c > d, <b>\t2") is None
    assert transcripts.tidy("\ufeffso\u00ad  me\u200bthing\u2060 cafe\u0301\n") == "so mething café"


def test_what_can_be_said_is_letters_and_digits_of_latin_script():
    assert transcripts.sounding("Größe: 12!") == 7 and transcripts.sounding("… — ♪ ١٢") == 0
    assert transcripts.foreign("Ωmega я") == "Ωя"
