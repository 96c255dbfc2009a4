"""Measures PyTorch for the benchmark program: one JSON request per line on standard input, one JSON answer per line.

echo '{"op": "about"}' | python3 benchmarks/pytorch/worker.py
"""

import gc
import json
import sys
import time

import numpy
import torch
import workload
from codec import Codec
from decoder import Decoder

GUIDANCE, TEMPERATURE, TOP_K = 1.0, 1.0, 45


class Worker:
    """Holds one model and one codec at a time."""

    def about(self, threads=0, clock="wall"):
        self.now = time.perf_counter if clock == "wall" else time.process_time
        if threads:
            torch.set_num_threads(threads)
        torch.set_flush_denormal(True)
        return {"version": torch.__version__, "threads": torch.get_num_threads()}

    def open(self, model, dtype, fused=True):
        self.close()
        self.decoder = Decoder(model, getattr(torch, dtype), fused)
        return {}

    def open_codec(self, directory, dtype):
        self.codec = Codec(directory, getattr(torch, dtype))
        return {}

    def close(self):
        self.decoder = self.caches = self.codec = self.signal = self.codes = None
        gc.collect()
        return {}

    def timed(self, body):
        start = self.now()
        body()
        return {"seconds": self.now() - start}

    def prefill(self, positions):
        """One request's prompt: both guidance streams."""
        ids = workload.token_ids(self.decoder.config, 2, positions)
        caches = self.decoder.make_caches(2, positions)
        return self.timed(lambda: self.decoder.prefill(ids, caches))

    def prepare_steps(self, requests, context, steps):
        config = self.decoder.config
        self.requests, self.context = requests, context
        self.frames = [workload.code_frames(config, step, requests) for step in range(steps)]
        self.caches = self.decoder.make_caches(2 * requests, context + steps)
        self.decoder.prefill(workload.token_ids(config, 2 * requests, context), self.caches)
        counts = []
        for step, frames in enumerate(self.frames):
            self.decoder.step(frames, self.caches, context + step, counts)
        return {"routed_experts": sum(counts) / steps}

    def steps(self):
        """All prepared steps with guidance and drawing; the code frames fed are the prepared ones."""

        def run():
            for step, frames in enumerate(self.frames):
                self.last = self.decoder.step(frames, self.caches, self.context + step)
                self.decoder.draw(self.last, GUIDANCE, TEMPERATURE, TOP_K)

        return self.timed(run)

    def logits(self, path):
        """The last step's logits [streams, codebooks, codeVocabulary] as raw float32."""
        self.last.numpy().astype(numpy.float32).tofile(path)
        return {}

    def encode(self, samples, frames):
        if self.signal is None:
            self.signal = workload.signal(samples, self.codec.config["sample_rate"])
        return self.timed(lambda: self.codec.encode(self.signal))

    def decode(self, samples, frames):
        if self.codes is None:
            self.codes = workload.codes(self.codec.config, frames)
        return self.timed(lambda: self.codec.decode(self.codes))

    def codec_results(self, path, samples, frames):
        """Codes of the signal, then audio of the codes, as raw float32."""
        codes = self.codec.encode(workload.signal(samples, self.codec.config["sample_rate"]))
        audio = self.codec.decode(workload.codes(self.codec.config, frames))
        torch.cat([codes.T.flatten().float(), audio]).numpy().tofile(path)
        return {}


def once(model, dtype, threads):
    """For start-up and memory: a short prompt, then steps; prints a line after the first step and at the end."""
    worker = Worker()
    worker.about(threads)
    worker.open(model, dtype, fused=False)
    worker.prepare_steps(1, 32, 1)
    print("first step", flush=True)
    worker.prepare_steps(1, 128, 32)
    print(json.dumps(peak_memory()), flush=True)


def peak_memory():
    """Kilobytes of this process: the most resident ever, and what is not of files now."""
    with open("/proc/self/status", encoding="ascii") as file:
        values = dict(line.split(":", 1) for line in file)
    return {"peak": int(values["VmHWM"].split()[0]), "anonymous": int(values["RssAnon"].split()[0])}


def serve():
    worker = Worker()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = getattr(worker, request.pop("op"))(**request)
        except Exception as error:  # the caller shows it and goes on without this row
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] == "once":
        once(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    else:
        serve()
