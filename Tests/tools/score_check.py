#!/usr/bin/env python3
"""Asks mido and music21 whether composed MIDI files have the tempo, key, metre and instruments of their captions.

Tests/tools/score_check.py PROGRAM        the built unimoe-audio; needs mido and music21
"""

import pathlib
import subprocess
import sys
import tempfile

import mido
import music21

# Caption, beats a minute, sharps of the key, minor or major, metre, General MIDI programs, drums.
CAPTIONS = [
    ("lofi hip hop beat 90 bpm in D minor with electric piano and drums", 90, -1, "minor", "4/4", {4}, True),
    ("waltz in E minor for violin and accordion, 84 bpm, no drums", 84, 1, "minor", "3/4", {40, 21}, False),
    ("solo piano in E flat major at 72 bpm", 72, -3, "major", None, {0}, False),
    (
        "fast jazz in F sharp minor with sax, piano, upright bass and drums, 160bpm",
        160,
        3,
        "minor",
        None,
        {65, 0, 32},
        True,
    ),
    (
        "rock in A major, 140 bpm, distorted guitar, organ, electric bass, drums",
        140,
        3,
        "major",
        "4/4",
        {30, 19, 33},
        True,
    ),
    ("bossa nova with flute and nylon guitar in G major, 130 bpm", 130, 1, "major", "4/4", {73, 24}, None),
    ("techno 135 bpm in C minor with synth", 135, -3, "minor", "4/4", {81}, None),
    ("march in B flat major for trumpet and brass, 110 bpm", 110, -2, "major", "4/4", {56, 61}, None),
    ("irish jig in G major on the fiddle, 6/8", None, 1, "major", "6/8", {110}, None),
    ("12 bar blues with harmonica and guitar, 96 bpm, minor", 96, None, "minor", "4/4", {22, 24}, None),
    ("string quartet in B minor, 66 bpm", 66, 2, "minor", None, {48}, False),
    ("reggae in A minor with organ, bass and drums, 76 bpm", 76, 0, "minor", "4/4", {19}, True),
    ("lullaby on the music box in C major, 3/4, 70 bpm", 70, 0, "major", "3/4", {10}, False),
    ("funk with slap bass and clavinet in E minor, 104 bpm, drums", 104, 1, "minor", "4/4", {36, 7}, True),
    ("pop song in F major with piano, strings, bass and drums, 118 bpm", 118, -1, "major", "4/4", {0, 48}, True),
    ("country with banjo and fiddle in D major, 120 bpm, no drums", 120, 2, "major", "4/4", {105, 110}, False),
    ("ambient synth pad in A flat major, 60 bpm", 60, -4, "major", "4/4", {89}, False),
    ("baroque harpsichord and oboe in C minor, 92 bpm", 92, -3, "minor", None, {6, 68}, False),
    ("drum and bass 174 bpm in F minor with synth and synth bass", 174, -4, "minor", "4/4", {81, 38}, True),
    ("cello and harp, sad, in G minor, 64 bpm", 64, -2, "minor", None, {42, 46}, None),
]


def faults(program, caption, bpm, sharps, mode, meter, programs, drums):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "piece.mid"
        subprocess.run([program, "score", caption, "--seconds", "20", "--seed", "3", "-o", path], check=True)
        file = mido.MidiFile(path)
        score = music21.converter.parse(path)
    messages = [message for track in file.tracks for message in track]
    told = {message.program for message in messages if message.type == "program_change"}
    tempo = next(message.tempo for message in messages if message.type == "set_tempo")
    has_drums = any(message.type == "note_on" and message.channel == 9 for message in messages)
    signature = score.recurse().getElementsByClass(music21.meter.TimeSignature)[0].ratioString
    key = score.recurse().getElementsByClass(music21.key.Key)[0]
    if bpm is not None and abs(mido.tempo2bpm(tempo) - bpm) > 0.01:
        yield f"tempo {mido.tempo2bpm(tempo)}"
    if sharps is not None and key.sharps != sharps:
        yield f"sharps {key.sharps}"
    if key.mode != mode:
        yield f"mode {key.mode}"
    if meter is not None and signature != meter:
        yield f"metre {signature}"
    if not programs <= told:
        yield f"programs {told}"
    if drums is not None and has_drums != drums:
        yield f"drums {has_drums}"
    if abs(file.length - 20) > 0.1:
        yield f"length {file.length}"


def main():
    wrong = 0
    for caption, *asked in CAPTIONS:
        found = list(faults(sys.argv[1], caption, *asked))
        wrong += bool(found)
        if found:
            print(f"{caption}: {', '.join(found)}")
    print(f"{len(CAPTIONS) - wrong} of {len(CAPTIONS)} captions have what they ask for")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
