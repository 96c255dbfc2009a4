#!/usr/bin/env python3
"""Writes the MIDI files of Tests/Fixtures/midi with mido, and what mido and music21 read in them.

The tune is the theme of Beethoven's Ninth Symphony (1824), in the public domain, set here for flute, piano and bass, with a
change of tempo, in three files: format 1 with 96 ticks a quarter note, format 0 with 480, and a single piano track.

  Tests/tools/midi_fixtures.py        needs mido and music21
"""

import json
import pathlib

import mido
import music21

HERE = pathlib.Path(__file__).resolve().parents[1] / "Fixtures" / "midi"
# MIDI note number and length in quarter notes.
MELODY = [
    *[(66, 1), (66, 1), (67, 1), (69, 1), (69, 1), (67, 1), (66, 1), (64, 1)],
    *[(62, 1), (62, 1), (64, 1), (66, 1), (66, 1.5), (64, 0.5), (64, 2)],
    *[(66, 1), (66, 1), (67, 1), (69, 1), (69, 1), (67, 1), (66, 1), (64, 1)],
    *[(62, 1), (62, 1), (64, 1), (66, 1), (64, 1.5), (62, 0.5), (62, 2)],
]
# A chord and a bass note for each bar of four.
CHORDS = [
    (50, 57, 62),
    (52, 57, 61),
    (50, 57, 62),
    (52, 57, 61),
    (50, 57, 62),
    (52, 57, 61),
    (50, 57, 62),
    (50, 54, 57),
]
BASS = [38, 45, 38, 45, 38, 45, 38, 38]
STROKES = [(36, 0), (42, 1), (38, 2), (42, 3)]


def line(notes, channel, ticks):
    """(tick, message) of notes one after the other."""
    events, now = [], 0
    for pitch, length in notes:
        events.append((now, mido.Message("note_on", channel=channel, note=pitch, velocity=90)))
        now += round(length * ticks)
        events.append((now, mido.Message("note_on", channel=channel, note=pitch, velocity=0)))
    return events


def chords(channel, ticks, shift=0):
    events = []
    for bar, pitches in enumerate(CHORDS):
        for pitch in (pitch + shift for pitch in pitches):
            events.append((4 * bar * ticks, mido.Message("note_on", channel=channel, note=pitch, velocity=60)))
            events.append(((4 * bar + 4) * ticks, mido.Message("note_off", channel=channel, note=pitch)))
    return events


def drums(ticks):
    return [
        (round((4 * bar + beat) * ticks) + after, mido.Message(kind, channel=9, note=key, velocity=velocity))
        for bar in range(8)
        for key, beat in STROKES
        for kind, velocity, after in (("note_on", 80, 0), ("note_off", 0, ticks // 4))
    ]


def conductor(ticks):
    return [
        (0, mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(100))),
        (0, mido.MetaMessage("time_signature", numerator=4, denominator=4)),
        (0, mido.MetaMessage("key_signature", key="D")),
        (28 * ticks, mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(80))),
    ]


def track(name, events, program=None, channel=0):
    result = mido.MidiTrack([mido.MetaMessage("track_name", name=name)])
    if program is not None:
        result.append(mido.Message("program_change", channel=channel, program=program))
    now = 0
    for tick, message in sorted(events, key=lambda event: (event[0], event[1].type != "note_off")):
        result.append(message.copy(time=tick - now))
        now = tick
    return result


def parts(ticks):
    return [
        ("Flute", line(MELODY, 0, ticks), 73, 0),
        ("Piano", chords(1, ticks), 0, 1),
        ("Bass", line([(pitch, 4) for pitch in BASS], 2, ticks), 32, 2),
        ("Kit", drums(ticks), None, 9),
    ]


def write(name, kind, ticks, tracks):
    file = mido.MidiFile(type=kind, ticks_per_beat=ticks)
    file.tracks.extend(tracks)
    file.save(HERE / f"{name}.mid")


def told(name):
    """The notes of the highest line as mido has them, seconds by mido, key and metre by music21."""
    file = mido.MidiFile(HERE / f"{name}.mid")
    ticks = file.ticks_per_beat
    top = {}
    for one in file.tracks:
        now, on = 0, {}
        for message in one:
            now += message.time
            if message.type == "note_on" and message.velocity and message.channel != 9:
                on[message.note] = now
            elif message.type in ("note_on", "note_off") and message.note in on:
                start = on.pop(message.note)
                if start not in top or top[start][0] < message.note:
                    top[start] = (message.note, now - start)
    melody = [[start * 480 // ticks, length * 480 // ticks, pitch] for start, (pitch, length) in sorted(top.items())]
    score = music21.converter.parse(HERE / f"{name}.mid")
    key = score.recurse().getElementsByClass(music21.key.KeySignature)[0]
    meter = score.recurse().getElementsByClass(music21.meter.TimeSignature)[0]
    return {"melody": melody, "seconds": round(file.length, 4), "sharps": key.sharps, "meter": meter.ratioString}


def main():
    HERE.mkdir(exist_ok=True)
    write("joy", 1, 96, [track("Ode to Joy", conductor(96)), *(track(*part) for part in parts(96))])
    merged = [event for _, events, _, _ in parts(480) for event in events]
    programs = [
        (0, mido.Message("program_change", channel=channel, program=program))
        for _, _, program, channel in parts(480)
        if program is not None
    ]
    write("joy-format-0", 0, 480, [track("Ode to Joy", conductor(480) + programs + merged)])
    hands = line(MELODY, 0, 120) + chords(0, 120, shift=-12)
    write("joy-piano", 0, 120, [track("", conductor(120) + hands)])
    facts = {name: told(name) for name in ("joy", "joy-format-0", "joy-piano")}
    (HERE / "expected.json").write_text(json.dumps(facts, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
