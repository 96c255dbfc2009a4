"""What tests share. They run against the installed package: `Tests/wheel/run` says with what."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import unimoe_audio


@pytest.fixture(scope="session")
def tree() -> Path:
    """The source tree, for fixtures and headers."""
    return Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def program() -> str:
    """The program `unimoe-audio` of the same tree."""
    return os.environ["UNIMOE_AUDIO_PROGRAM"]


@pytest.fixture(scope="session")
def engine() -> Iterator[unimoe_audio.Engine]:
    """The default model."""
    with unimoe_audio.Engine() as opened:
        yield opened


@pytest.fixture(scope="session")
def telling(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[unimoe_audio.Engine]:
    """A model that tells words and plays notes."""
    folder = tmp_path_factory.mktemp("models") / "telling"
    subprocess.run([tree / "Tests/tools/plan-model", folder], check=True)
    with unimoe_audio.Engine(folder) as opened:
        yield opened


@pytest.fixture(scope="session")
def broken(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that opens, and fails on its way: some of its weights are no numbers."""
    folder = tmp_path_factory.mktemp("models") / "broken"
    subprocess.run([tree / "Tests/installed/break-model", tree / "Tests/Fixtures/random-model", folder], check=True)
    return folder


@pytest.fixture(scope="session", autouse=True)
def data_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the user's voices are: in no user's folder."""
    folder = tmp_path_factory.mktemp("data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(folder))
        patch.delenv("UNIMOE_AUDIO_MODEL", raising=False)
        yield folder
