"""What the tests share: one compute thread, and the fixtures of the reference implementation."""

from pathlib import Path

import pytest
import torch

REPOSITORY = Path(__file__).resolve().parents[2]

torch.set_num_threads(1)


@pytest.fixture(scope="session")
def reference() -> Path:
    return REPOSITORY / "Tests" / "Reference"
