"""Notes, and how they become a Standard MIDI File."""

import struct
from dataclasses import dataclass
from pathlib import Path

TICKS = 1000
"""Ticks in a quarter note, which is one second long: a tick is a millisecond, whatever the piece's tempo."""

DRUM_CHANNEL = 9


@dataclass(frozen=True)
class Note:
    start: float
    """Seconds."""
    seconds: float
    pitch: int
    """MIDI note number; a key of the drum kit where `program` is none."""
    velocity: int
    program: int | None
    """General MIDI program, or none for drums."""
    part: str = ""
    """Who plays it: two parts of one program may hold the same pitch."""


def variable_length(value: int) -> bytes:
    """MIDI's variable-length quantity: seven bits a byte, the highest bit set in all but the last."""
    parts = [value & 0x7F]
    while value := value >> 7:
        parts.append(value & 0x7F | 0x80)
    return bytes(reversed(parts))


def _events(notes: list[Note]) -> list[tuple[int, int, bytes]]:
    """(tick, order within the tick, message); a channel is given to a part's program until another needs it."""
    events: list[tuple[int, int, bytes]] = []
    channels: dict[tuple[int, str], int] = {}
    busy_until = [0.0] * 16
    for note in sorted(notes, key=lambda note: note.start):
        channel = DRUM_CHANNEL
        start, end = (
            round(note.start * TICKS),
            max(round((note.start + note.seconds) * TICKS), round(note.start * TICKS) + 20),
        )
        if note.program is not None:
            player = note.program, note.part
            if player not in channels:
                free = min((c for c in range(16) if c != DRUM_CHANNEL), key=busy_until.__getitem__)
                channels = {other: c for other, c in channels.items() if c != free}
                channels[player] = free
                events.append((start, 1, bytes((0xC0 | free, note.program))))
            channel = channels[player]
        busy_until[channel] = max(busy_until[channel], note.start + note.seconds)
        events.append((start, 2, bytes((0x90 | channel, note.pitch, note.velocity))))
        events.append((end, 0, bytes((0x80 | channel, note.pitch, 0))))
    return sorted(events)


def write(path: Path, notes: list[Note]) -> None:
    """Writes notes as a file of format 0."""
    track = bytearray(b"\x00\xff\x51\x03" + (1_000_000).to_bytes(3, "big"))
    now = 0
    for tick, _, message in _events(notes):
        track += variable_length(tick - now) + message
        now = tick
    track += b"\x00\xff\x2f\x00"
    path.write_bytes(struct.pack(">4sIHHH4sI", b"MThd", 6, 0, 1, TICKS, b"MTrk", len(track)) + track)
