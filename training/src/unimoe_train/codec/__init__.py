"""The codec, spectrum first: features say what is heard, a quantiser turns them into codes, a decoder speaks codes."""
