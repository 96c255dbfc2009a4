"""Compares the PyTorch side with the reference fixtures, so that it is known to do the same work.

python3 benchmarks/pytorch/test_parity.py
"""

import os
import sys

import torch
from codec import Codec
from decoder import Decoder
from safetensors.torch import load_file

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "Tests", "Reference")
FIXTURES = os.environ.get("UNIMOE_REFERENCE_DIR", ROOT)


def test_decoder():
    """Prefill and four teacher-forced steps, each stream by itself as the streams' lengths differ."""
    fixture = load_file(os.path.join(FIXTURES, "lm_t2m.safetensors"))
    decoder = Decoder(os.path.join(FIXTURES, "tiny-model"), torch.float32)
    frames = fixture["decode.frames"].long()
    worst = 0.0
    for row, mask in enumerate(fixture["attention_mask"].bool()):
        ids = fixture["input_ids"][row][mask].long()[None]
        caches = decoder.make_caches(1, ids.shape[1] + len(frames))
        decoder.prefill(ids, caches)
        for step, frame in enumerate(frames):
            logits = decoder.step(frame[None], caches, ids.shape[1] + step)
        worst = max(worst, (logits[0] - fixture["decode.codec_logits_last"][row]).abs().max().item())
    return "decoder logits", worst, 2e-3


def test_codec_codes():
    fixture = load_file(os.path.join(FIXTURES, "dac_main.safetensors"))
    codes = Codec(os.path.join(FIXTURES, "dac-tiny")).encode(fixture["signal"])
    return "codec codes that differ", float((codes != fixture["codes"]).sum()), 0


def test_codec_audio():
    fixture = load_file(os.path.join(FIXTURES, "dac_main.safetensors"))
    audio = Codec(os.path.join(FIXTURES, "dac-tiny")).decode(fixture["codes"].long())
    return "codec audio", (audio - fixture["audio"]).abs().max().item(), 1e-4


if __name__ == "__main__":
    failed = False
    for test in (test_decoder, test_codec_codes, test_codec_audio):
        what, found, limit = test()
        failed |= not found <= limit
        print(f"{what}: {found:.3g} (limit {limit:g})")
    sys.exit(failed)
