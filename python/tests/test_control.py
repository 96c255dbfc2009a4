"""Cancelling, interrupting, sharing and forgetting."""

import _thread
import multiprocessing
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import unimoe_audio
from unimoe_audio import ArgumentError, Audio, Cancelled, End, Engine, Progress

LINE = "Good morning. This sentence is for a test."
CAPTION = "Slow strings."
# Long enough that nothing here waits for its end.
LONG = 60


def stop_after(count: int, action: Callable[[], object]) -> Callable[[Progress], None]:
    """A progress function that acts once, when it is called for that time."""
    calls = 0

    def progress(_: Progress) -> None:
        nonlocal calls
        calls += 1
        if calls == count:
            action()

    return progress


def test_a_cancelled_stream_ends_before_its_sound_does(engine: Engine) -> None:
    with engine.stream_music(CAPTION, seconds=LONG) as stream:
        next(stream)
        stream.cancel()
        stream.cancel()
        assert len(list(stream)) <= 1
        assert stream.wait()
        assert stream.end is End.CANCELLED
        assert stream.progress.seconds < LONG


def test_another_thread_may_cancel_a_stream_that_is_read(engine: Engine) -> None:
    with engine.stream_music(CAPTION, seconds=LONG, chunk=LONG) as stream:
        threading.Timer(0.1, stream.cancel).start()
        assert sum(len(samples) for samples in stream) < LONG * stream.sample_rate
        assert stream.end is End.CANCELLED


def test_leaving_the_block_cancels(engine: Engine) -> None:
    with engine.stream_music(CAPTION, seconds=LONG) as stream:
        next(stream)
    assert stream.end is End.CANCELLED
    stream.cancel()
    stream.close()
    assert stream.wait() and list(stream) == []


def test_what_progress_raises_ends_the_music(engine: Engine) -> None:
    def refuse() -> None:
        raise LookupError("enough")

    with pytest.raises(LookupError, match="enough"):
        engine.compose(CAPTION, seconds=LONG, progress=stop_after(2, refuse))


def test_a_wait_has_a_limit(engine: Engine) -> None:
    with engine.stream_music(CAPTION, seconds=LONG) as stream:
        assert stream.wait(0) is False
        assert stream.wait(0.01) is False
        assert stream.end is End.NONE


@pytest.mark.parametrize("call", ["compose", "wait", "next"])
def test_ctrl_c_interrupts(engine: Engine, call: str) -> None:
    with engine.stream_music(CAPTION, seconds=LONG, chunk=LONG) as stream:
        threading.Timer(0.1, _thread.interrupt_main).start()
        with pytest.raises(KeyboardInterrupt):
            if call == "compose":
                engine.compose(CAPTION, seconds=LONG)
            elif call == "wait":
                stream.wait()
            else:
                next(stream)
        assert stream.end is End.NONE


def test_a_stream_that_was_interrupted_goes_on_where_it_was(engine: Engine) -> None:
    whole = engine.compose(CAPTION, seconds=20)
    with engine.stream_music(CAPTION, seconds=20, chunk=LONG) as stream:
        threading.Timer(0.1, _thread.interrupt_main).start()
        with pytest.raises(KeyboardInterrupt):
            next(stream)
        assert np.array_equal(next(stream), whole.samples)


def test_ctrl_c_interrupts_the_making_of_a_voice(engine: Engine) -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, 48_000 * 29).astype(np.float32)
    threading.Timer(0.1, _thread.interrupt_main).start()
    with pytest.raises(KeyboardInterrupt):
        engine.make_voice(Audio(noise, 48_000), "Hello world.")
    working = [thread for thread in threading.enumerate() if thread.name == "unimoe-audio"]
    assert len(working) == 1, "it was not waited for"
    working[0].join()


def test_closing_ends_the_reading_of_another_thread(engine: Engine) -> None:
    stream = engine.stream_music(CAPTION, seconds=LONG, chunk=LONG)
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(list, stream)
        assert stream.wait(0.05) is False
        stream.close()
        assert sum(len(samples) for samples in reading.result()) < LONG * stream.sample_rate


def test_two_threads_share_an_engine(engine: Engine) -> None:
    alone = [engine.speak(LINE, seed=seed).samples for seed in range(2)]
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(lambda seed: engine.speak(LINE, seed=seed).samples, range(2)))
    assert all(np.array_equal(one, other) for one, other in zip(alone, together))


def test_two_threads_that_read_one_stream_get_each_chunk_once(engine: Engine) -> None:
    whole = engine.speak(LINE).samples
    with engine.stream_speech(LINE, chunk=0.02) as stream, ThreadPoolExecutor(2) as pool:
        parts = list(pool.map(lambda _: list(stream), range(2)))
    assert sum(len(chunk) for part in parts for chunk in part) == len(whole)
    assert sorted(np.concatenate(parts[0] + parts[1])) == sorted(whole)


def test_other_threads_run_while_the_library_works(engine: Engine) -> None:
    turns = 0
    with engine.stream_music(CAPTION, seconds=LONG, chunk=60) as stream, ThreadPoolExecutor(1) as pool:
        reading = pool.submit(next, stream, None)
        while stream.progress.seconds == 0:
            turns += 1
        stream.cancel()
        reading.result()
    assert turns > 1


def test_closing_an_engine_cancels_what_another_thread_waits_for() -> None:
    engine = Engine()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(engine.compose, CAPTION, seconds=LONG, progress=stop_after(1, engine.close))
        with pytest.raises(Cancelled, match="cancelled before its end"):
            waiting.result()
    engine.close()
    assert engine.is_closed
    with pytest.raises(ArgumentError, match="engine: expected an open one, found one that was closed"):
        engine.voices()


def test_a_stream_outlives_its_engines_name_and_its_engines_end() -> None:
    with Engine().stream_speech(LINE) as stream:
        assert sum(len(samples) for samples in stream) > 0
    engine = Engine()
    stream = engine.stream_music(CAPTION, seconds=LONG)
    engine.close()
    assert stream.end is End.CANCELLED and list(stream) == []
    stream.close()


def test_the_default_engine_opens_again_after_it_was_closed() -> None:
    unimoe_audio.default_engine().close()
    assert unimoe_audio.speak(LINE).duration > 0
    assert unimoe_audio.default_engine() is unimoe_audio.default_engine()


@pytest.mark.parametrize("way", ["fork", "spawn"])
def test_another_process_makes_the_same(way: str) -> None:
    ours = unimoe_audio.speak(LINE)
    with multiprocessing.get_context(way).Pool(1) as pool:
        assert np.array_equal(pool.apply(unimoe_audio.speak, (LINE,)).samples, ours.samples)


ENDS = {
    "a stream that runs": "stream = engine.stream_music('Slow strings.', seconds=60); next(stream)",
    "the engine before its stream": "stream = engine.stream_speech('Good morning.'); engine.close(); del engine, stream",
    "the engine's name before its stream's": "stream = engine.stream_speech('Good morning.'); del engine; del stream",
    "a circle": "circle = [engine, engine.stream_speech('Good morning.')]; circle.append(circle); del circle, engine",
    "a thread that reads": (
        "import threading, time; stream = engine.stream_music('Slow strings.', seconds=60, chunk=60);"
        "threading.Thread(target=next, args=[stream], daemon=True).start(); time.sleep(0.2)"
    ),
    "a voice after its engine": "voice = engine.voice(); engine.close(); del engine; voice.close()",
    "nothing given back": "engine.speak('Good morning.'); voice = engine.voice()",
}


@pytest.mark.parametrize("end", ENDS)
def test_an_interpreter_ends_quietly_with(end: str) -> None:
    code = f"import unimoe_audio; engine = unimoe_audio.Engine(); {ENDS[end]}"
    command = [sys.executable, "-X", "dev", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
