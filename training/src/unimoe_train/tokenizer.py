"""Byte-level BPE in the Qwen2 layout, and its files.

A small model reads letters: by default the only merges are those of the rare words in the prompt's constant part, which
would otherwise cost 29 positions of every sequence. They hardly touch other text (`ss`, `lp` and `ys` become one
token).
"""

import json
from collections.abc import Iterable
from pathlib import Path

from tokenizers import AddedToken, Regex, decoders, models, normalizers, pre_tokenizers, trainers
from tokenizers import Tokenizer as Backend

from unimoe_train.errors import BadInput
from unimoe_train.state import replacing, write_json

FILES = (
    "vocab.json",
    "merges.txt",
    "added_tokens.json",
    "special_tokens_map.json",
    "tokenizer_config.json",
    "tokenizer.json",
)
END, MESSAGE_START, MESSAGE_END = "<|endoftext|>", "<|im_start|>", "<|im_end|>"
QWEN = [
    END,
    MESSAGE_START,
    MESSAGE_END,
    "<|object_ref_start|>",
    "<|object_ref_end|>",
    "<|box_start|>",
    "<|box_end|>",
    "<|quad_start|>",
    "<|quad_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|vision_pad|>",
    "<|image_pad|>",
    "<|video_pad|>",
    "<tool_call>",
    "</tool_call>",
    "<|fim_prefix|>",
    "<|fim_middle|>",
    "<|fim_suffix|>",
    "<|fim_pad|>",
    "<|repo_name|>",
    "<|file_sep|>",
]
PLACEHOLDER, AUDIO_START = "<|AUDIO_PLACEHOLDER|>", "<|AUDIO_START|>"
AUDIO = [
    PLACEHOLDER,
    AUDIO_START,
    "<|AUDIO_END|>",
    "<|SPEECH_START|>",
    "<|SPEECH_END|>",
    "<|VOICE_PROMPT_START|>",
    "<|VOICE_PROMPT_END|>",
    "<|SPEECH_PROMPT_START|>",
    "<|SPEECH_PROMPT_END|>",
    "<|MUSIC_START|>",
    "<|MUSIC_END|>",
]
# Not "special" to Hugging Face: these may be part of decoded text.
PLAIN = {token for token in QWEN if not token.startswith("<|") or "fim_" in token or token[2:6] in ("repo", "file")}
PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
    r"|\s+(?!\S)|\s+"
)
SPACE = "Ġ"  # the byte-level spelling of a space
TEMPLATE_MERGES = [
    ("y", "s"),
    ("ys", "t"),
    ("s", "yst"),
    ("syst", "e"),
    ("syste", "m"),
    ("l", "p"),
    ("lp", "f"),
    ("e", "lpf"),
    ("h", "elpf"),
    ("helpf", "u"),
    ("helpfu", "l"),
    (SPACE, "helpful"),
    ("s", "s"),
    ("ss", "i"),
    ("ssi", "s"),
    ("a", "ssis"),
    ("assis", "t"),
    ("assist", "a"),
    ("assista", "n"),
    ("assistan", "t"),
    (SPACE, "assistant"),
]


class Tokenizer:
    """Text to ids, read from a folder of tokenizer files."""

    def __init__(self, directory: Path):
        path = directory / "tokenizer.json"
        try:
            self.backend = Backend.from_file(str(path))
        except Exception as error:  # the library raises nothing more precise
            raise BadInput(path, f"cannot be read: {error}") from None
        missing = [token for token in (MESSAGE_START, MESSAGE_END, *AUDIO) if self.backend.token_to_id(token) is None]
        if missing:
            raise BadInput(path, f"token {missing[0]} is missing")
        self.plain = Backend.from_str(json.dumps({**json.loads(self.backend.to_str()), "added_tokens": []}))
        self.directory = directory
        self.size = self.backend.get_vocab_size()
        self.placeholder = self.id(PLACEHOLDER)

    def id(self, token: str) -> int:
        return self.backend.token_to_id(token)

    def encode(self, text: str) -> list[int]:
        """The ids of a text that came from outside: names of control tokens are letters like others."""
        return self.plain.encode(text, add_special_tokens=False).ids

    def encode_template(self, text: str) -> list[int]:
        """The ids of a text in which names of control tokens stand for these."""
        return self.backend.encode(text, add_special_tokens=False).ids

    def positions(self, text: str) -> list[int]:
        """For every character of a text the index of the token that holds it."""
        places = [0] * len(text)
        for index, (start, end) in enumerate(self.plain.encode(text, add_special_tokens=False).offsets):
            places[start:end] = [index] * (end - start)
        return places


def make(directory: Path, texts: Iterable[str] = (), merges: int = 0) -> Tokenizer:
    """Writes the files of a tokenizer with the template's merges, and so many more learned from texts."""
    directory.mkdir(parents=True, exist_ok=True)
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet(), key=lambda letter: byte_order()[letter])
    rules = list(TEMPLATE_MERGES)
    if merges:
        rules += [rule for rule in learned_merges(texts, alphabet, merges) if rule not in rules]
    vocabulary = {}
    for token in (*alphabet, *("".join(rule) for rule in rules)):
        vocabulary.setdefault(token, len(vocabulary))
    backend = bare(models.BPE(vocabulary, rules))
    backend.post_processor = None
    added = [*QWEN, *AUDIO]
    backend.add_tokens([AddedToken(token, special=token not in PLAIN, normalized=False) for token in added])
    write_files(directory, backend, vocabulary, rules, {token: len(vocabulary) + i for i, token in enumerate(added)})
    return Tokenizer(directory)


def byte_order() -> dict[str, int]:
    """The byte of every letter of the byte-level alphabet (GPT-2's map), printable ones first, as Qwen2 orders them."""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in printable]
    letters = [chr(byte) for byte in printable] + [chr(256 + i) for i in range(len(others))]
    return {letter: order for order, letter in enumerate(letters)}


def bare(model: models.Model) -> Backend:
    """A tokenizer without added tokens."""
    backend = Backend(model)
    backend.normalizer = normalizers.NFC()
    backend.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PATTERN), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    backend.decoder = decoders.ByteLevel()
    return backend


def learned_merges(texts: Iterable[str], alphabet: list[str], count: int) -> list[tuple[str, str]]:
    backend = bare(models.BPE())
    backend.train_from_iterator(
        texts, trainers.BpeTrainer(vocab_size=len(alphabet) + count, initial_alphabet=alphabet, show_progress=False)
    )
    return [tuple(rule) for rule in json.loads(backend.to_str())["model"]["merges"]]


def write_files(directory: Path, backend: Backend, vocabulary: dict[str, int], rules, added: dict[str, int]) -> None:
    """The files that transformers, the engine and `Tokenizer` read."""
    write_json(directory / "vocab.json", vocabulary)
    (directory / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in rules), encoding="utf-8")
    write_json(directory / "added_tokens.json", added)
    text = lambda content: {
        "content": content,
        "lstrip": False,
        "normalized": False,
        "rstrip": False,
        "single_word": False,
    }
    special = [token for token in QWEN[1:] if token not in PLAIN]
    write_json(
        directory / "special_tokens_map.json",
        {"additional_special_tokens": special, "eos_token": text(MESSAGE_END), "pad_token": text(END)},
    )
    write_json(
        directory / "tokenizer_config.json",
        {
            "add_bos_token": False,
            "add_prefix_space": False,
            "added_tokens_decoder": {str(i): {**text(t), "special": t not in PLAIN} for t, i in added.items()},
            "additional_special_tokens": special,
            "bos_token": None,
            "clean_up_tokenization_spaces": False,
            "eos_token": MESSAGE_END,
            "errors": "replace",
            "extra_special_tokens": {},
            "model_max_length": 131072,
            "pad_token": END,
            "split_special_tokens": False,
            "tokenizer_class": "Qwen2Tokenizer",
            "unk_token": None,
        },
    )
    with replacing(directory / "tokenizer.json") as path:
        backend.save(str(path))
