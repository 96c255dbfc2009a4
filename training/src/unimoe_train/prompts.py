"""What stands before the audio: the published prompts, as token ids.

A text that a user or a data set supplies is encoded as ordinary text between control tokens.
"""

from unimoe_train.tokenizer import AUDIO_START, MESSAGE_END, MESSAGE_START, Tokenizer

SYSTEM = "You are a helpful assistant."
POOR_CAPTION = "Low quality."  # what music is guided away from


class Prompts:
    """Builds the ids of prompts. A text is given as ids (`Tokenizer.encode`)."""

    def __init__(self, tokenizer: Tokenizer):
        self.tokenizer = tokenizer
        self.head = tokenizer.encode_template(f"{MESSAGE_START}system\n{SYSTEM}{MESSAGE_END}\n{MESSAGE_START}user\n")
        self.tail = tokenizer.encode_template(f"{MESSAGE_END}\n{MESSAGE_START}assistant\n{AUDIO_START}")
        self.poor_caption = tokenizer.encode(POOR_CAPTION)
        names = (
            "MUSIC_START",
            "MUSIC_END",
            "SPEECH_START",
            "SPEECH_END",
            "SPEECH_PROMPT_START",
            "SPEECH_PROMPT_END",
            "VOICE_PROMPT_START",
            "VOICE_PROMPT_END",
        )
        self.control = {name: tokenizer.id(f"<|{name}|>") for name in names}

    def music(self, caption: list[int]) -> list[int]:
        return [*self.head, self.control["MUSIC_START"], *caption, self.control["MUSIC_END"], *self.tail]

    def speech(self, transcript: list[int], voice_frames: int, text: list[int]) -> list[int]:
        """transcript: what the voice prompt says; voice_frames: its code frames in delay order, T + D + 1; an empty
        text makes the unconditional prompt."""
        control = self.control
        return [
            *self.head,
            control["SPEECH_PROMPT_START"],
            *transcript,
            control["SPEECH_PROMPT_END"],
            control["VOICE_PROMPT_START"],
            *[self.tokenizer.placeholder] * voice_frames,
            control["VOICE_PROMPT_END"],
            control["SPEECH_START"],
            *text,
            control["SPEECH_END"],
            *self.tail,
        ]

    @staticmethod
    def voice_rows(code_frames: int, longest_delay: int) -> int:
        """Rows that a voice prompt takes, in delay order."""
        return code_frames + longest_delay + 1

    def speech_places(self, transcript: int, voice_frames: int) -> tuple[int, int, int]:
        """Where in a speech prompt the transcript, the voice frames and the text begin, for lengths in tokens."""
        first = len(self.head) + 1
        return first, first + transcript + 2, first + transcript + 2 + voice_frames + 2
