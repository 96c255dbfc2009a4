"""Alignment of whole data sets: the speech channels of their plans."""

from collections.abc import Callable

import numpy as np
from unimoe_train.alignment.aligner import Aligner
from unimoe_train.alignment.mels import Mels
from unimoe_train.alignment.sound_model import SoundModel
from unimoe_train.data.clips import is_made
from unimoe_train.plan import stored
from unimoe_train.plan.channels import SPEECH_CHANNELS
from unimoe_train.plan.sentence import Sentence
from unimoe_train.state import State


def align_sets(state: State, names: list[str], log: Callable[[str], None] = lambda line: None) -> None:
    """Aligns every speech clip of the data sets with its text and writes plan/NAME.npz of those that have none yet. A clip
    whose text nobody can say, or that is too short for it, stays unknown.

    All voices together teach what the sounds look like; later sets are aligned by that, however few clips they have.
    """
    todo = [name for name in names if not state.plan(name).exists()]
    if len(todo) < len(names):
        log(f"{len(names) - len(todo)} sets: aligned before")
    if not todo:
        return
    model = SoundModel.load(state.sounds) if state.sounds.exists() else None
    names = todo if model else [name for name in names if is_made(state, name) or name in todo]
    mels = Mels(state, names)
    places, lengths, sentences = [], [], []
    for name in names:
        frames = mels.frames(name)
        for clip, words in enumerate(stored.read_words(state, name, len(frames))):
            if frames[clip] and words and any(word.phonemes for word in words):
                places.append((name, clip))
                lengths.append(frames[clip])
                sentences.append(Sentence.of(words, pauses_everywhere=True))
    if not sentences:
        log("no clip whose text is known to sound")
        return
    aligner = Aligner(mels.of(places), sentences, lengths, model)
    aligner.fit(log=log)
    if aligner.model and not model:
        aligner.model.save(state.sounds)
    walks = {place: (sentence, aligner.state_frames(i)) for i, (place, sentence) in enumerate(zip(places, sentences))}
    for name in names:
        plan = [unknown(length) for length in mels.frames(name)]
        for clip in range(len(plan)):
            sentence, walk = walks.get((name, clip), (None, None))
            if walk is not None:
                plan[clip] = sentence.codes(walk).astype(np.int16)
        columns = np.concatenate([unknown(0), *plan]).T
        stored.write(state, name, dict(zip(SPEECH_CHANNELS, columns)))
    aligned = sum(walk is not None for _, walk in walks.values())
    log(f"{len(names)} sets: {aligned} of {len(mels)} clips aligned")


def unknown(frames: int) -> np.ndarray:
    return np.full((frames, len(SPEECH_CHANNELS)), stored.UNKNOWN, np.int16)
