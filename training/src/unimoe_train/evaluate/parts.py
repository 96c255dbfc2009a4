"""The parts of an evaluation: each from an Evaluation to figures that go into the report as they are."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from unimoe_train.data.clips import ClipSet, is_made
from unimoe_train.data.resampling import resampled
from unimoe_train.evaluate import figures, hearing, requests, routing, sound, tempo
from unimoe_train.evaluate.evaluation import Evaluation
from unimoe_train.evaluate.generation import Take
from unimoe_train.evaluate.stops import SpeechLengths, is_plausible_music
from unimoe_train.evaluate.words import word_error
from unimoe_train.plan.instruments import DRUMS, family
from unimoe_train.progress import progress

SHORTEST_VOICE = 0.5  # seconds; what is shorter is nobody's voice


def words(e: Evaluation) -> dict:
    """Word error of the same sentences as spoken by the teachers, after the codec, and as generated."""
    count = e.recipe.evaluate.sentences
    truth = requests.spoken(e.state, e.recipe, count)
    said = [(clip["voice"], clip["text"]) for clip in truth.clips][:count]
    result = {
        "teacher": _by_voice(said, _hear(e, [hearing.clip(truth, index) for index in range(len(said))], "teachers")),
        "codec": _by_voice(
            said, _hear(e, [heard_again(e, truth.padded(index)) for index in range(len(said))], "codec")
        ),
    }
    if e.model:
        takes = e.speech_takes(count)
        asked = [(take.voice, take.text) for take in takes]
        answers = _hear(e, [take.samples for take in takes], "generated")
        result["generated"] = _by_voice(asked, answers)
        result["limit"] = round(1.5 * result["teacher"]["all"]["value"] + 0.02, 4)
        result["reached"] = result["generated"]["all"]["value"] <= result["limit"]
        result["transcripts"] = [
            {"voice": voice, "said": text, "heard": answer} for (voice, text), answer in zip(asked, answers)
        ]
    return result


def teachers(e: Evaluation) -> dict:
    """Word error of the teachers on their held-out clips, and of the voices' judge."""
    result = {"words": {}, "voice": {}}
    for voice in e.recipe.data.voices:
        clips = ClipSet(e.state, f"{voice}test")
        audio = [hearing.clip(clips, index) for index in range(len(clips))]
        result["words"][voice] = word_error([clip["text"] for clip in clips.clips], _hear(e, audio, voice))
        result["voice"][voice] = figures.share([name == voice for name in e.voice_judge.name(audio)])
    return result


def voice(e: Evaluation) -> dict:
    """Whether a clip is taken for the voice that was asked for: held-out teachers' clips, after the codec, generated."""
    names = list(e.recipe.data.voices)
    audio = {"teacher": [], "codec": []}
    wanted = []
    for name in names:
        clips = ClipSet(e.state, f"{name}test")
        for index in range(len(clips)):
            audio["teacher"].append(hearing.clip(clips, index))
            audio["codec"].append(heard_again(e, clips.padded(index)))
            wanted.append(name)
    result = {what: _confusion(names, wanted, e.voice_judge.name(samples)) for what, samples in audio.items()}
    if e.model:
        takes = e.speech_takes(e.recipe.evaluate.sentences)
        long = [take for take in takes if take.seconds >= SHORTEST_VOICE]
        heard = dict(zip(map(id, long), e.voice_judge.name([take.samples for take in long])))
        result["generated"] = _confusion(
            names, [take.voice for take in takes], [heard.get(id(take), "nobody") for take in takes]
        )
        result["reached"] = result["generated"]["all"]["value"] >= 0.9
    return result


def music(e: Evaluation) -> dict:
    """Tempo, family of the leading instrument, and mode: of the held-out pieces, after the codec, generated.

    `chance`: of any other piece than the caption's.
    """
    pieces = requests.held_out_pieces(e.state, e.recipe)[: e.recipe.evaluate.captions]
    rendered = [piece.samples(e.state) for piece in pieces]
    heard = hear_music(e, [resampled(samples, e.state.sample_rate, hearing.RATE) for samples in rendered])
    result = {
        "rendered": agreement(pieces, heard),
        "chance": chance(pieces, heard),
        "codec": agreement(pieces, hear_music(e, [heard_again(e, samples) for samples in rendered])),
    }
    if e.model:
        made = agreement(pieces, hear_music(e, [take.samples for take in e.music_takes(len(pieces))]))
        result["generated"] = made
        result["reached"] = {
            "tempo": made["tempo"]["value"] >= 0.8,
            "family": made["family"]["value"] >= 0.85,
            "mode": made["mode"]["value"] >= 0.75,
        }
    return result


@dataclass
class Heard:
    """What the judges hear of a piece."""

    bpm: float
    family: str
    mode: str


def hear_music(e: Evaluation, audio: list[np.ndarray]) -> list[Heard]:
    families, modes = e.instrument_judge.name(audio), e.mode_judge.name(audio)
    return [Heard(tempo.estimate(samples), *names) for samples, *names in zip(audio, families, modes)]


def hits(piece: requests.HeldOutPiece, heard: Heard) -> dict[str, bool]:
    """Whether what is heard agrees with what the caption asks for, as far as it asks."""
    clip, caption = piece.clip, piece.caption
    agrees = tempo.agrees(heard.bpm, *tempo.target(clip, caption))
    result = {"tempo": agrees, "family": heard.family == family(clip["inst"])}
    if tempo.states_number(clip, caption):
        result["tempo_where_stated"] = agrees
    if clip["inst"] != DRUMS:
        result["mode"] = heard.mode == clip["mode"]
    return result


MUSIC_FIGURES = ("tempo", "tempo_where_stated", "family", "mode")


def agreement(pieces: list[requests.HeldOutPiece], heard: list[Heard]) -> dict:
    """Agreement of sound with the captions that it was made of."""
    rows = [hits(piece, one) for piece, one in zip(pieces, heard)]
    return {name: figures.share([row[name] for row in rows if name in row]) for name in MUSIC_FIGURES}


def chance(pieces: list[requests.HeldOutPiece], heard: list[Heard]) -> dict:
    """Agreement of every caption with the sound of every other piece; the intervals are of as many as there are
    captions."""
    result = {}
    for name in MUSIC_FIGURES:
        shares = []
        for index, piece in enumerate(pieces):
            rows = [hits(piece, one) for other, one in enumerate(heard) if other != index]
            shares += [np.mean([row[name] for row in rows])] if rows and name in rows[0] else []
        result[name] = (
            figures.proportion(float(np.mean(shares)), len(shares)) if shares else {"value": None, "count": 0}
        )
    return result


def stops(e: Evaluation) -> dict:
    """Generations that end by themselves at a plausible length."""
    total = e.recipe.evaluate.stops
    spoken = e.speech_takes(round(total * requests.SPEECH_SHARE))
    played = e.music_takes(total - len(spoken))
    lengths = SpeechLengths.of(e.state, e.recipe.data)
    result, every = {}, []
    for name, takes, plausible in (("speech", spoken, lengths.are_plausible), ("music", played, is_plausible_music)):
        ended = [take.stop == "end" for take in takes]
        good = [end and plausible(take) for end, take in zip(ended, takes)]
        every += good
        result[name] = {
            "ended": figures.share(ended),
            "plausible": figures.share(good),
            "others": [without_path(take) for take, ok in zip(takes, good) if not ok][:20],
        }
    share = float(np.mean(every))
    return {**result, "all": round(share, 4), "reached": share >= 0.997}


def without_path(take: Take) -> dict:
    """What a report tells of a take: nothing of the machine that made it."""
    return {name: value for name, value in vars(take).items() if name != "path"}


def codec(e: Evaluation) -> dict:
    """Reconstructions of held-out clips, from codes of the features and of the encoder: words and distances."""
    result = {}
    for path, make in (("features", reconstruct), ("encoder", through_encoder)):
        entry: dict = {"speech": {}, "music": {}}
        said, before, after, rows = [], [], [], []
        for name in e.recipe.data.speech_test_sets():
            clips = ClipSet(e.state, name)
            for index in progress(range(len(clips)), title=f"{path} {name}"):
                true, made = clips.padded(index), make(e, clips.padded(index))
                said.append(clips.clips[index]["text"])
                before.append(e.listener.hear(resampled(true, clips.rate, hearing.RATE)))
                after.append(e.listener.hear(resampled(made, clips.rate, hearing.RATE)))
                rows.append(sound.distances(true, made, clips.rate, is_speech=True))
        entry["speech"] = {"words_original": word_error(said, before), "words": word_error(said, after), **_means(rows)}
        rows = []
        for name in e.recipe.data.music_test_sets():
            clips = ClipSet(e.state, name)
            rows += [
                sound.distances(clips.padded(i), make(e, clips.padded(i)), clips.rate, is_speech=False)
                for i in range(len(clips))
            ]
        entry["music"] = _means(rows)
        entry["people"] = {name: _people(e, name, make) for name in e.recipe.data.recordings if is_held_out(e, name)}
        original, words_after = entry["speech"]["words_original"]["value"], entry["speech"]["words"]["value"]
        entry["reached"] = words_after is not None and words_after <= original + 0.02
        result[path] = entry
    return result


def is_held_out(e: Evaluation, name: str) -> bool:
    return e.recipe.data.recordings[name].held_out and is_made(e.state, name)


def _people(e: Evaluation, name: str, make: Callable[[Evaluation, np.ndarray], np.ndarray]) -> dict:
    """Words of a person's recordings, before and after the codec."""
    clips = ClipSet(e.state, name)
    said, audio = [clip["text"] for clip in clips.clips], [clips.padded(index) for index in range(len(clips))]
    heard = [
        _hear(e, [resampled(samples, clips.rate, hearing.RATE) for samples in these], f"{name} {title}")
        for title, these in (("original", audio), ("codec", [make(e, samples) for samples in audio]))
    ]
    return {"words_original": word_error(said, heard[0]), "words": word_error(said, heard[1])}


def expert_use(e: Evaluation) -> dict:
    """Routed experts per token, null share, and use of every expert, per domain and layer."""
    count = e.recipe.evaluate.routes
    asked = {
        "speech": requests.speech_requests(e.state, e.recipe, count),
        "music": requests.music_requests(e.state, e.recipe, count),
    }
    return routing.summary(
        {
            domain: [e.engine.routes(request) for request in progress(these, title=f"routes {domain}")]
            for domain, these in asked.items()
        }
    )


PARTS: dict[str, Callable[[Evaluation], dict]] = {
    "teachers": teachers,
    "words": words,
    "voice": voice,
    "music": music,
    "stops": stops,
    "codec": codec,
    "routing": expert_use,
}
WITHOUT_MODEL = ("teachers", "codec")


def reconstruct(e: Evaluation, samples: np.ndarray) -> np.ndarray:
    """Samples [n], n a multiple of the hop -> what the codec makes of the codes of their features."""
    latents = e.quantiser.scale(e.quantiser.layout.features(torch.from_numpy(samples)[None]))
    codes = e.quantiser.encode(latents, e.codec.configuration.n_codebooks).transpose(1, 2)
    return e.codec.decode(codes)[0].numpy()


def heard_again(e: Evaluation, samples: np.ndarray) -> np.ndarray:
    """As `reconstruct`, as the judges hear it."""
    return resampled(reconstruct(e, samples), e.state.sample_rate, hearing.RATE)


def through_encoder(e: Evaluation, samples: np.ndarray) -> np.ndarray:
    """Samples [n] -> what the codec makes of its encoder's codes, as the engine does with a voice's recording."""
    return e.codec.decode(e.codec.encode(torch.from_numpy(samples)[None]))[0].numpy()


def _hear(e: Evaluation, audio: list[np.ndarray], title: str) -> list[str]:
    return [e.listener.hear(samples) for samples in progress(audio, title=f"hears {title}", unit="clip")]


def _by_voice(said: list[tuple[str, str]], answers: list[str]) -> dict:
    """said: (voice, text) pairs."""
    result = {"all": word_error([text for _, text in said], answers)}
    for name in sorted({voice for voice, _ in said}):
        mine = [(text, answer) for (voice, text), answer in zip(said, answers) if voice == name]
        result[name] = word_error(*map(list, zip(*mine)))
    return result


def _confusion(names: list[str], wanted: list[str], heard: list[str]) -> dict:
    table = {
        name: {other: sum(w == name and h == other for w, h in zip(wanted, heard)) for other in names} for name in names
    }
    return {"all": figures.share([w == h for w, h in zip(wanted, heard)]), "confusion": table}


def _means(rows: list[dict[str, float]]) -> dict:
    return {name: figures.mean([row[name] for row in rows]) for name in rows[0]} if rows else {}
