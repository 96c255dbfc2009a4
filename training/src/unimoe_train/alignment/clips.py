"""Alignment of whole data sets: the speech channels of their plans."""

import re
from collections.abc import Callable, Iterator

import numpy as np
import torch
from unimoe_train.alignment.aligner import Aligner
from unimoe_train.codec.features import Layout
from unimoe_train.data.clips import ClipSet, is_made
from unimoe_train.errors import BadInput
from unimoe_train.plan import stored
from unimoe_train.plan.channels import SPEECH_CHANNELS
from unimoe_train.plan.sentence import Sentence
from unimoe_train.state import State


def align_sets(state: State, names: list[str], log: Callable[[str], None] = lambda line: None) -> None:
    """Aligns every speech clip of the data sets with its text and writes plan/NAME.npz of them all, unless each is there. A
    clip whose text nobody can say, or that is too short for it, stays unknown.

    All voices teach the sounds together: what a voice of few clips sounds like is learned from the others.
    """
    if all(state.plan(name).exists() for name in names):
        log(f"{len(names)} sets: aligned before")
        return
    names = [name for name in names if is_made(state, name) or not state.plan(name).exists()]  # not what was unpacked
    for name in names:
        if not is_made(state, name):
            raise BadInput(state.clips(name), "is not there yet: run `unimoe-train data`")
    lengths, features, sentences, known = {}, [], [], {}
    mels = normalised(state, names)
    for name in names:
        words = stored.read_words(state, name, len(mels[name]))
        lengths[name] = [len(clip) for clip in mels[name]]
        known[name] = [index for index, of_clip in enumerate(words) if of_clip and any(w.phonemes for w in of_clip)]
        features += [mels[name][index] for index in known[name]]
        sentences += [Sentence.of(words[index], pauses_everywhere=True) for index in known[name]]
    if not sentences:
        log("no clip whose text is known to sound")
        return
    aligner = Aligner(features, sentences)
    aligner.fit(log=log)
    aligned = iter(zip(sentences, map(aligner.state_frames, range(len(sentences)))))
    for name in names:
        plan = [np.full((length, len(SPEECH_CHANNELS)), stored.UNKNOWN) for length in lengths[name]]
        for index in known[name]:
            sentence, walk = next(aligned)
            if walk is not None:
                plan[index] = sentence.codes(walk)
        columns = np.concatenate(plan).T if plan else []
        stored.write(state, name, dict(zip(SPEECH_CHANNELS, columns)))
    total = sum(map(len, lengths.values()))
    lost = total - sum(path is not None for path in aligner.paths)
    log(f"{len(names)} sets: {total - lost} of {total} clips aligned")


def normalised(state: State, names: list[str]) -> dict[str, list[np.ndarray]]:
    """Log-mels of the clips of each set, each band less its mean in the voice and in its deviations there: so all voices
    sound more alike."""
    mels = {name: list(clip_mels(state, name)) for name in names}
    voices: dict[str, list[np.ndarray]] = {}
    for name, clips in mels.items():
        voices.setdefault(re.sub(r"(\d+|test)$", "", name), []).extend(clips)
    for clips in filter(None, voices.values()):
        mean, deviation = np.concatenate(clips).mean(0), np.concatenate(clips).std(0) + 1e-3
        for clip in clips:
            clip -= mean
            clip /= deviation
    return mels


def clip_mels(state: State, name: str) -> Iterator[np.ndarray]:
    """Log-mels [code frames, bands] of each clip of a set."""
    sound = ClipSet(state, name)
    layout = Layout.of(sound.rate)
    for index in range(len(sound)):
        yield layout.log_mels(torch.from_numpy(sound.padded(index))[None])[0].numpy()
