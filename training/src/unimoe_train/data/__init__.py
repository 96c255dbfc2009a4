"""What the model learns from: speech by synthesizers that run on this machine, music rendered from MIDI, and the user's own recordings."""
