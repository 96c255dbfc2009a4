"""What is made is what the program makes, and streaming gives what making it whole gives."""

import subprocess
import wave
from pathlib import Path

import numpy as np
import pytest
import unimoe_audio
from unimoe_audio import End, Engine, Phase, Progress, Sampling

LINE = "Good morning. This sentence is for a test."


def made_by(program: str, *arguments: str, folder: Path) -> Path:
    output = folder / "program.wav"
    subprocess.run([program, *arguments, "--output", output], check=True, capture_output=True)
    return output


def test_speech_is_the_programs_to_the_byte(program: str, tmp_path: Path) -> None:
    theirs = made_by(program, "speak", LINE, "--seed", "7", folder=tmp_path)
    ours = unimoe_audio.speak(LINE, seed=7).save(tmp_path / "ours.wav")
    assert ours.read_bytes() == theirs.read_bytes()


def test_music_at_another_rate_is_the_programs_to_the_byte(program: str, tmp_path: Path) -> None:
    options = ["--seed", "3", "--seconds", "5.5", "--rate", "48000"]
    theirs = made_by(program, "compose", "Slow strings.", *options, folder=tmp_path)
    ours = unimoe_audio.compose("Slow strings.", seed=3, seconds=5.5, sample_rate=48_000).save(tmp_path / "ours.wav")
    assert ours.read_bytes() == theirs.read_bytes()


def test_a_text_of_several_pieces_is_the_programs_to_the_byte(program: str, tmp_path: Path) -> None:
    text = "The rain fell softly on the old tin roof all night. In the morning the garden was green and quiet. " * 2
    theirs = made_by(program, "speak", text, "--seed", "5", folder=tmp_path)
    heard: list[Progress] = []
    ours = unimoe_audio.speak(text, seed=5, progress=heard.append)
    assert ours.save(tmp_path / "ours.wav").read_bytes() == theirs.read_bytes()
    assert [step.seconds for step in heard] == sorted(step.seconds for step in heard)


OPTIONS: dict[str, Sampling] = {
    "--temperature 0.7 --top-k 9 --top-p 0.8 --guidance 2": {
        "temperature": 0.7,
        "top_k": 9,
        "top_p": 0.8,
        "guidance": 2,
    },
    "--greedy --min-seconds 1.5 --max-seconds 1.5": {"random": False, "shortest": 1.5, "longest": 1.5},
}


@pytest.mark.parametrize("options", OPTIONS)
def test_options_reach_the_engine_as_the_programs_do(program: str, tmp_path: Path, options: str) -> None:
    theirs = made_by(program, "speak", LINE, *options.split(), folder=tmp_path)
    ours = unimoe_audio.speak(LINE, **OPTIONS[options]).save(tmp_path / "ours.wav")
    assert ours.read_bytes() == theirs.read_bytes()


def test_voice_and_reading_are_the_programs(program: str, tmp_path: Path) -> None:
    voice = unimoe_audio.voices()[-1]
    for option in ["verbatim", "characters"]:
        theirs = made_by(program, "speak", "$5 #1", "--voice", voice, f"--{option}", folder=tmp_path)
        ours = unimoe_audio.speak(
            "$5 #1", voice=voice, verbatim=option == "verbatim", characters=option == "characters"
        )
        assert ours.save(tmp_path / "ours.wav").read_bytes() == theirs.read_bytes(), option


@pytest.mark.parametrize("chunk", [0.0137, 0.1, 30])
def test_chunks_of_any_size_make_the_whole(engine: Engine, chunk: float) -> None:
    whole = engine.speak(LINE, seed=1)
    with engine.stream_speech(LINE, seed=1, chunk=chunk) as stream:
        chunks = list(stream)
        assert np.array_equal(np.concatenate(chunks), whole.samples)
        size = round(chunk * stream.sample_rate)
        assert {len(chunk) for chunk in chunks[:-1]} <= {size} and 0 < len(chunks[-1]) <= size
        assert stream.end in (End.COMPLETE, End.LENGTH)
        assert list(stream) == []
    assert whole.samples.dtype == np.float32 and whole.samples.ndim == 1


def test_seeds_differ_and_one_seed_repeats(engine: Engine) -> None:
    first, second, again = (engine.speak(LINE, seed=seed).samples for seed in (2**64 - 1, 5, 2**64 - 1))
    assert np.array_equal(first, again) and not np.array_equal(first, second)


def test_the_number_of_threads_does_not_change_the_samples(engine: Engine) -> None:
    with Engine(threads=1) as other:
        assert np.array_equal(other.speak(LINE).samples, engine.speak(LINE).samples)


def test_progress_rises_to_the_sounds_end(engine: Engine) -> None:
    heard: list[Progress] = []
    sound = engine.speak(LINE, progress=heard.append)
    assert [step.done for step in heard] == sorted(step.done for step in heard)
    assert all(0 < step.done <= step.expected for step in heard)
    with engine.stream_speech(LINE) as stream:
        assert stream.wait()
        assert stream.progress.phase is Phase.ENDED
        assert stream.progress.seconds == pytest.approx(sound.duration)
    assert stream.progress.phase is Phase.ENDED, "facts stay after the stream is closed"


def test_a_saved_file_holds_the_samples(tmp_path: Path, engine: Engine) -> None:
    sound = engine.speak(LINE)
    with wave.open(str(sound.save(str(tmp_path / "sound.WAV")))) as file:
        assert (file.getnchannels(), file.getframerate()) == (1, sound.sample_rate)
        stored = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2") / 32768
    assert len(stored) == len(sound.samples)
    assert np.abs(stored - np.clip(sound.samples, -1, 32767 / 32768)).max() <= 0.5 / 32768
    assert [path.name for path in tmp_path.iterdir()] == ["sound.WAV"]
