"""Sound that the engine makes of requests, kept in the state folder so that an evaluation can be interrupted."""

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import soundfile

from unimoe_train.data.resampling import resampled
from unimoe_train.errors import BadInput
from unimoe_train.evaluate.hearing import RATE
from unimoe_train.progress import progress
from unimoe_train.state import read_json, replacing, write_json


@dataclass(frozen=True)
class Request:
    """One thing to be said or played."""

    number: int
    text: str  # a sentence or a caption
    voice: str = ""  # empty: music

    @property
    def name(self) -> str:
        return f"{'speech' if self.voice else 'music'}-{self.number:04}"


@dataclass
class Take:
    """What became of a request."""

    text: str
    voice: str
    seed: int
    seconds: float
    stop: str  # end, length or watchdog, in the engine's words
    path: str

    @property
    def samples(self) -> np.ndarray:
        """float32 [n] as the judges hear it"""
        return load(Path(self.path))


def load(path: Path) -> np.ndarray:
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return resampled(samples.mean(1), rate, RATE)


class Engine:
    """The engine with one model; requests are made by `workers` processes of one thread each."""

    def __init__(self, program: Path, model: Path, folder: Path, workers: int = 1):
        """`folder` keeps what is made."""
        self.program, self.model, self.folder, self.workers = program, model, folder, workers
        folder.mkdir(parents=True, exist_ok=True)

    def takes(self, requests: list[Request]) -> list[Take]:
        """The takes of requests, those that were made before among them."""
        with ThreadPoolExecutor(self.workers) as pool:
            return list(progress(pool.map(self.take, requests), title="generated", total=len(requests), unit="clip"))

    def take(self, request: Request) -> Take:
        record, sound = self.folder / f"{request.name}.json", self.folder / f"{request.name}.wav"
        if record.exists() and sound.exists():
            take = Take(**{**read_json(record), "path": str(sound)})
            if (take.text, take.voice) == (request.text, request.voice):
                return take
        with replacing(sound) as path:
            what = ["speak", "--voice", request.voice] if request.voice else ["compose"]
            facts = self._run(*what, "--seed", str(request.number), "-o", str(path), text=request.text)
        stops = {piece["stop_reason"] for piece in facts["pieces"]}
        stop = "end" if stops == {"end"} else sorted(stops - {"end"})[0]
        take = Take(request.text, request.voice, request.number, facts["seconds"], stop, sound.name)
        write_json(record, asdict(take))
        take.path = str(sound)
        return take

    def routes(self, request: Request) -> dict:
        """Which experts each step of a request used, as `unimoe-audio routes --json` tells."""
        options = ["--voice", request.voice] if request.voice else ["--music"]
        return self._run("routes", *options, "--seed", str(request.number), text=request.text)

    def _run(self, *arguments: str, text: str) -> dict:
        """`text` comes last, behind "--": it may begin with a dash."""
        command = [str(self.program), *arguments, "--model", str(self.model), "--threads", "1", "--json", "--", text]
        answer = subprocess.run(command, check=False, capture_output=True, text=True)
        if answer.returncode != 0:
            raise BadInput(self.program, f"{arguments[0]} {text}: {answer.stderr.strip()}")
        return json.loads(answer.stdout)
