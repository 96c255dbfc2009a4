"""When words are said, by a model that tells."""

from pathlib import Path

import pytest
from unimoe_audio import Engine, MarkKind, RequestError

# With signs of more than one byte, which the library counts and Python does not.
TEXT = "Dr. Smith paid $5 — at the “station”."
WORDS = ["Dr.", "Smith", "paid", "$5", "$5", "at", "the", "station"]


def test_words_are_those_of_the_text_in_order_within_the_sound(telling: Engine) -> None:
    sound = telling.speak(TEXT, seed=7)
    assert [word.text for word in sound.words] == WORDS
    assert all(TEXT[word.text_start : word.text_end] == word.text for word in sound.words)
    times = [time for word in sound.words for time in (word.start, word.end)]
    assert times == sorted(times) and times[0] >= 0 and times[-1] <= sound.duration
    assert all(word.start < word.end for word in sound.words)


def test_marks_are_known_before_their_sound_and_stay_after_it(telling: Engine) -> None:
    read = 0
    heard = []
    with telling.stream_speech(TEXT, seed=7, chunk=0.05) as stream:
        for samples in stream:
            read += len(samples)
            heard.append((read, stream.marks))
        marks = stream.marks
    assert stream.marks == marks
    for place, known in heard:
        assert known == marks[: len(known)]
        assert all(mark.frame > place for mark in marks[len(known) :])
    assert [mark.frame for mark in marks] == sorted(mark.frame for mark in marks)
    assert [mark.kind for mark in marks] == [MarkKind.WORD_START, MarkKind.WORD_END] * len(WORDS)
    assert [mark.word for mark in marks[::2]] == list(range(len(WORDS)))
    assert marks[-1].frame <= read + 16
    assert marks[3].time == pytest.approx(marks[3].frame / stream.sample_rate)


def test_marks_are_at_the_sounds_rate(telling: Engine) -> None:
    own, other = telling.speak(TEXT), telling.speak(TEXT, sample_rate=3 * telling.info.sample_rate)
    assert [word.start for word in other.words] == pytest.approx([word.start for word in own.words])


def test_music_has_no_words(telling: Engine) -> None:
    assert telling.compose("A piano.", longest=0.5).words == ()


def test_a_speed_changes_the_length_and_keeps_the_words(telling: Engine) -> None:
    slow, fast = telling.speak(TEXT, speed=0.7, spread=0), telling.speak(TEXT, speed=1.5, spread=0)
    assert slow.duration > fast.duration
    assert [word.text for word in slow.words] == [word.text for word in fast.words] == WORDS


def test_a_speed_out_of_range_is_refused(telling: Engine) -> None:
    with pytest.raises(RequestError, match="speed"):
        telling.speak(TEXT, speed=1.6)


def test_notes_are_taken_as_bytes_and_as_a_file(telling: Engine, tree: Path) -> None:
    file = tree / "Tests/Fixtures/midi/joy.mid"
    of_file = telling.compose("A piano.", notes=file, longest=2)
    of_bytes = telling.compose("A piano.", notes=file.read_bytes(), longest=2)
    of_caption = telling.compose("A piano.", longest=2)
    assert of_file.samples.tobytes() == of_bytes.samples.tobytes() != of_caption.samples.tobytes()
