"""Sound files of every kind, whole and cut."""

import os
import sys

import numpy as np
import pytest
import soundfile
from recorded import RATE, record, spoken
from unimoe_train.data import sound_file
from unimoe_train.data.resampling import resampled
from unimoe_train.errors import BadInput

FORMATS = "wav flac aiff caf w64 rf64 au ogg mp3".split()


def whole(path, rate=16000):
    sound_file.duration(path)
    (stretch,) = sound_file.stretches(path, rate)
    return stretch


def m4a(path, samples):
    """AAC by FFmpeg."""
    av = pytest.importorskip("av")
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=RATE)
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray((samples * 32767).astype(np.int16)[None], format="s16", layout="mono")
        frame.rate = RATE
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)


@pytest.mark.parametrize("suffix", [*FORMATS, "opus", "m4a", "MP3"])
def test_every_format_is_read(tmp_path, suffix):
    rate, path = 24000 if suffix == "opus" else RATE, tmp_path / f"a.{suffix}"
    samples = spoken(2.0, rate=rate)
    if suffix == "m4a":
        m4a(path, samples)
    elif suffix == "opus":
        soundfile.write(path, samples, rate, format="OGG", subtype="OPUS")
    else:
        record(tmp_path, "a", samples=samples, suffix=suffix)
    made = whole(path, rate).samples
    assert abs(len(made) / rate - 2) < 0.15
    assert made.std() == pytest.approx(samples.std(), rel=0.2)


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("share", [0.5, 0.9])
def test_a_file_that_is_shorter_than_its_header_promises_is_an_error(tmp_path, suffix, share):
    path = record(tmp_path, "a", seconds=2.0, suffix=suffix)
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    with pytest.raises(BadInput, match="is cut"):
        whole(path)


def test_a_cut_m4a_is_an_error(tmp_path):
    m4a(tmp_path / "a.m4a", spoken(2.0))
    data = (tmp_path / "a.m4a").read_bytes()
    (tmp_path / "a.m4a").write_bytes(data[: len(data) // 2])
    with pytest.raises(BadInput, match="a.m4a: (is cut|cannot be read as M4A)"):
        whole(tmp_path / "a.m4a")


@pytest.mark.parametrize("suffix", sound_file.SUFFIXES)
def test_an_empty_file_is_an_error_in_every_format(tmp_path, suffix):
    (tmp_path / f"a{suffix}").touch()
    with pytest.raises(BadInput, match="expected sound, found an empty file"):
        whole(tmp_path / f"a{suffix}")


@pytest.mark.parametrize("suffix", sound_file.SUFFIXES)
def test_what_is_no_sound_is_an_error_in_every_format(tmp_path, suffix):
    (tmp_path / f"a{suffix}").write_bytes(b"no sound\n")
    try:
        whole(tmp_path / f"a{suffix}")
    except BadInput:
        return
    assert suffix == ".g722"  # which never has a header


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.wav")
    with pytest.raises(BadInput, match="expected a file, found a link to nothing or a device"):
        sound_file.duration(tmp_path / "a.wav")


def test_stereo_at_96_khz_and_24_bits_becomes_mono_at_the_wanted_rate(tmp_path):
    samples = spoken(2.0, rate=96000)
    soundfile.write(tmp_path / "a.wav", np.stack([samples, 0.5 * samples], 1), 96000, subtype="PCM_24")
    made = whole(tmp_path / "a.wav").samples
    assert made.shape == (32000,)
    expected = soundfile.read(record(tmp_path, "b", samples=0.75 * samples, rate=96000))[0]
    np.testing.assert_allclose(made, resampled(expected.astype(np.float32), 96000, 16000), atol=1e-3)


@pytest.mark.parametrize("rate", [1, 999, 768_001, 1_073_764_174])
def test_a_rate_that_nobody_records_at_is_an_error(tmp_path, rate):
    path = record(tmp_path, "a")
    data = bytearray(path.read_bytes())
    data[24:28] = rate.to_bytes(4, "little")
    path.write_bytes(data)
    with pytest.raises(BadInput, match=f"expected 1000 to 768000 Hz, found {rate}"):
        sound_file.duration(path)
    with pytest.raises(BadInput, match="expected 1000 to 768000 Hz"):
        next(sound_file.stretches(path, 16000))


def test_a_wav_of_an_unknown_codec_is_an_error(tmp_path):
    pytest.importorskip("av")
    path = record(tmp_path, "a")
    data = bytearray(path.read_bytes())
    data[20:22] = b"\x21\x43"  # the format tag, of which nobody heard
    path.write_bytes(data)
    with pytest.raises(BadInput, match="cannot be read as WAV: .*; FFmpeg has no decoder for its sound"):
        whole(path)


def test_a_header_written_into_a_pipe_promises_nothing(tmp_path):
    path = record(tmp_path, "a")
    data = bytearray(path.read_bytes())
    data[4:8] = data[40:44] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    assert len(whole(path).samples) == 16000


@pytest.mark.parametrize("suffix", ["m4a", "wma", "mp3"])
def test_a_format_that_nothing_reads_is_named(tmp_path, suffix, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)  # not installed
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(os.urandom(2000) if suffix != "mp3" else b"\0" * 2000)
    with pytest.raises(BadInput, match=f"cannot be read as {suffix.upper()}: .*the Python package av may read it"):
        whole(path)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_samples_that_are_no_numbers_are_an_error(tmp_path, value):
    samples = spoken()
    samples[500] = value
    soundfile.write(tmp_path / "a.wav", samples, RATE, subtype="FLOAT")
    with pytest.raises(BadInput, match="expected finite samples"):
        whole(tmp_path / "a.wav")


def test_channels_that_cancel_each_other_are_heard(tmp_path):
    one = spoken()
    soundfile.write(tmp_path / "a.wav", np.stack([one, -one], 1), RATE)
    assert np.abs(whole(tmp_path / "a.wav").samples).max() > 0.1
    soundfile.write(tmp_path / "b.wav", np.stack([one, 0 * one], 1), RATE)
    assert np.abs(whole(tmp_path / "b.wav").samples).max() == pytest.approx(
        np.abs(whole(tmp_path / "a.wav").samples).max() / 2, rel=0.01
    )


def test_stretches_are_the_whole(tmp_path):
    path = record(tmp_path, "a", seconds=3.0, rate=16000)
    parts = [stretch.samples for stretch in sound_file.stretches(path, 16000, 0.8)]
    assert [len(part) for part in parts] == [12800, 12800, 12800, 9600]
    np.testing.assert_allclose(np.concatenate(parts), whole(path).samples, atol=1e-3)
