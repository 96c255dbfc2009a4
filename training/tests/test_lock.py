"""One process at a time does a kind of work in a state folder."""

import os
import signal
import subprocess
import sys

import pytest
from commands import options
from miniature import make_state
from unimoe_train.cli import WORK, main
from unimoe_train.errors import BadInput
from unimoe_train.recipe import Recipe
from unimoe_train.state import State

HOLDER = """
import sys, time, os
from unimoe_train.state import State
with State(sys.argv[1]).locked(sys.argv[2]):
    if os.fork() == 0:  # as a process that makes batches
        time.sleep(60)
        os._exit(0)
    print("there", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def other(tmp_path):
    """Starts another process that does some work in the state folder."""
    running = []

    def start(work: str) -> subprocess.Popen:
        command = [sys.executable, "-c", HOLDER, str(tmp_path), work]
        running.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True))
        assert running[-1].stdout.readline() == "there\n"
        return running[-1]

    yield start
    for process in running:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.mark.parametrize("command", ["naive", "joint", "specialists", "integrate", "data", "codec", "align"])
def test_a_second_process_is_refused_that_names_the_first(command, other, tmp_path, capsys):
    process = other(WORK[command])
    with pytest.raises(SystemExit) as end:
        main([command, *options(tmp_path)])
    errors = capsys.readouterr().err
    assert end.value.code == 1 and f"found process {process.pid}\n" in errors and errors.count("\n") == 1


def test_other_work_and_what_only_reads_goes_on_beside_it(other, tmp_path, capsys):
    make_state(tmp_path, Recipe.load("miniature"))
    for work in ("data", "codec", "alignment"):
        other(work)
    main(["naive", *options(tmp_path), "--steps", "2"])
    other("training")
    main(["status", *options(tmp_path)])
    assert "naive         done" in capsys.readouterr().out


def test_a_lock_goes_with_its_process(other, tmp_path):
    process = other("training")
    with pytest.raises(BadInput), State(tmp_path).locked("training"):
        pass
    os.kill(process.pid, signal.SIGKILL)
    process.wait()  # what it started is still there
    with State(tmp_path).locked("training"):
        pass
    with State(tmp_path).locked("training"):
        pass
