"""`unimoe-train bench` and what the machine is said to multiply fast."""

import re

import pytest
import torch
from unimoe_train import machine
from unimoe_train.cli import main
from unimoe_train.curriculum.optimizer import orthogonalised


@pytest.mark.parametrize("options", [[], ["--sparse", "--domain", "music"]])
def test_a_benchmark_tells_positions_a_second_and_where_the_time_went(capsys, options):
    main(["bench", "--recipe", "miniature", "--steps", "2", "--threads", "1", *options])
    products, speed, parts = capsys.readouterr().out.splitlines()
    assert float(re.search(r"([\d.]+) GFLOP/s", products)[1]) > 0
    assert float(re.search(r"([\d.]+) of a core's time", speed)[1]) > 0
    shares = [int(share) for share in re.findall(r"(\d+)%", parts)]
    assert len(shares) == 4 and 95 <= sum(shares) <= 105


@pytest.fixture
def measured_anew():
    machine.measured_faster_in_bf16.cache_clear()
    yield
    machine.measured_faster_in_bf16.cache_clear()


@pytest.mark.parametrize(
    ("has_instructions", "milliseconds", "fast"),
    [(False, 1, False), (True, 1, True), (True, 3, False)],
    ids=["emulated", "faster", "slower"],
)
def test_products_are_computed_in_the_type_that_the_machine_multiplies_fastest(
    monkeypatch, measured_anew, has_instructions, milliseconds, fast
):
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: False)
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: has_instructions)
    monkeypatch.setattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: True, raising=False)
    monkeypatch.setattr(machine, "product_seconds", lambda dtype: 2 if dtype is torch.float32 else milliseconds)
    assert machine.precision(torch.device("cpu")) is (torch.bfloat16 if fast else None)
    assert orthogonalised(torch.randn(2, 8, 8)).dtype is (torch.bfloat16 if fast else torch.float32)
    assert machine.products().endswith("bfloat16" if fast else "float32")


def test_a_product_is_timed_in_either_type():
    assert all(0 < machine.product_seconds(dtype) < 1 for dtype in (torch.float32, torch.bfloat16))


def test_status_tells_what_products_are_computed_in(tmp_path, capsys):
    main(["status", "--recipe", "miniature", "--state", str(tmp_path)])
    assert f"products      {machine.products()}" in capsys.readouterr().out
