"""The inputs that both sides compute on; `Workload.swift` holds the same formulas."""

import math

import torch


def token_ids(config, streams, positions):
    """[streams, positions]; no id is the placeholder of a code frame."""
    position = torch.arange(positions)
    ids = torch.stack([(position * 7919 + stream * 104729 + 17) % config.vocabulary for stream in range(streams)])
    return torch.where(ids == config.placeholder, (ids + 1) % config.vocabulary, ids)


def code_frames(config, step, requests):
    """[2 * requests, codebooks]: both streams of a request receive the same code frame."""
    codebook = torch.arange(config.codebooks)
    size = config.code_vocabulary - 3
    frames = torch.stack([(step * 37 + codebook * 101 + request * 11 + 5) % size for request in range(requests)])
    return frames.repeat_interleave(2, 0)


def signal(samples, rate):
    """[samples]: two tones."""
    time = torch.arange(samples, dtype=torch.float64) / rate
    return (0.3 * torch.sin(2 * math.pi * 220 * time) + 0.1 * torch.sin(2 * math.pi * 1370 * time)).float()


def codes(config, frames):
    """[codebooks, frames]"""
    frame, book = torch.arange(frames)[None], torch.arange(config["n_codebooks"])[:, None]
    return (frame * 37 + book * 101 + 5) % config["codebook_size"]
