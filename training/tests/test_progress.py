"""What is seen of a long computation."""

from unimoe_train import progress


def test_progress_in_a_pipe_is_a_line_now_and_then(monkeypatch, capsys):
    clock = iter(range(0, 10_000, 7))  # seconds, each time somebody looks
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    bar = progress.progress(title="clips", total=100, unit="clip")
    for _ in range(100):
        bar.update(1)
        bar.refresh()
    bar.close()
    lines = capsys.readouterr().err.splitlines()
    assert 5 < len(lines) < 50 and all(line.startswith("clips: ") for line in lines)
    assert "100 %, 100 of 100 clip" in lines[-1] and "\r" not in "".join(lines)


def test_what_is_quickly_done_says_nothing_in_a_pipe(capsys):
    assert list(progress.progress(range(1000), title="clips")) == list(range(1000))
    assert capsys.readouterr().err == ""
