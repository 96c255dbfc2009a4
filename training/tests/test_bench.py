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


@pytest.mark.parametrize("fast", [True, False])
def test_nothing_is_multiplied_in_a_precision_that_the_machine_emulates(monkeypatch, fast):
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: False)
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: fast)
    usable = fast and torch.ops.mkldnn._is_mkldnn_bf16_supported()
    assert machine.precision(torch.device("cpu")) is (torch.bfloat16 if usable else None)
    assert orthogonalised(torch.randn(2, 8, 8)).dtype is (torch.bfloat16 if usable else torch.float32)
    assert machine.products().endswith("bfloat16" if usable else "float32")


def test_status_tells_what_products_are_computed_in(tmp_path, capsys):
    main(["status", "--recipe", "miniature", "--state", str(tmp_path)])
    assert f"products      {machine.products()}" in capsys.readouterr().out
