"""Scores as the engine writes them, and a stand-in for its program."""

import json
import sys

from unimoe_train.plan.channels import MUSIC_CHANNELS


def a_score(captions=("slow piano", "piano"), **changes) -> dict:
    """Two notes of a piano and a stroke, as the engine writes them."""
    plan = dict.fromkeys(MUSIC_CHANNELS, [0] * 50)
    parts = [
        {"role": "melody", "instrument": "piano", "program": 0, "notes": [[0, 240, 60, 90, 0.0, 0.4], [480, 240, 64, 90, 0.5, 0.4]]},
        {"role": "drums", "instrument": "drums", "notes": [[0, 48, 36, 100, 0.0, 0.05]]},
    ]  # fmt: skip
    attributes = {
        "bpm": 120, "tempo": "fast", "tonic": 0, "mode": "major", "meter": 4, "genre": "pop", "lead": "piano",
        "lead_style": "melody", "instruments": ["piano", "drums"], "drums": True,
    }  # fmt: skip
    score = {"format": "unimoe-audio-score", "version": 1, "parts": parts, "attributes": attributes, "lead_in": 0.02}
    return {**score, "captions": list(captions), "plan": {"code_rate": 50, "code_frames": 50, **plan}, **changes}


def stand_in(folder, *scores: dict) -> str:
    """A program that answers `score --random --plan ...` with as many of the scores as it is asked for."""
    path = folder / "unimoe-audio"
    path.write_text(
        f"#!{sys.executable}\nimport json, sys\na = sys.argv\n"
        "assert a[1:4] == ['score', '--random', '--plan'] and a[-2:] == ['-o', '-']\n"
        f"scores = json.loads({json.dumps(json.dumps(scores))})\n"
        "for i in range(int(a[a.index('--count') + 1])):\n    print(json.dumps(scores[i % len(scores)]))\n"
    )
    path.chmod(0o755)
    return str(path)
