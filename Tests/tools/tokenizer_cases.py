"""Writes Tests/Fixtures/tokenizer_cases.json: random texts and the ids that the public tokenizers give for them.

The texts mix what the tokenizer's rules tell apart: kinds of white space, line ends, digits of many scripts,
contractions, combining marks and their compositions, all Unicode planes, and control tokens whole and cut. Only texts
on which the slow and the fast tokenizer agree are kept: where they differ, their Unicode versions do, or a combining
mark follows a control token.

    pip install transformers==4.53.1 tokenizers==0.21.4
    python3 Tests/tools/tokenizer_cases.py [SEED [COUNT]] > Tests/Fixtures/tokenizer_cases.json
"""

import json
import pathlib
import random
import sys

from transformers import Qwen2Tokenizer, Qwen2TokenizerFast

MODEL = pathlib.Path(__file__).parent.parent / "Reference" / "tiny-model"

SPACES = list(" \t\n\r\x0b\x0c\x85\xa0\u1680\u2000\u2003\u2028\u2029\u202f\u205f\u3000\u200b\ufeff\x1c\x1f\u180e")
DIGITS = [chr(c) for c in (0x30, 0x39, 0x661, 0x967, 0xB2, 0xBD, 0x2160, 0x3007, 0x1D7D9, 0xFF11, 0x4E00)]
CONTRACTIONS = "'s 'S '\u017f 't 'RE 're 'Ve 'LL 'lL 'd 'D ' \u2019s 'm 'M ''s 'r 'l 'v".split(" ")
BASES = list(
    "Aaeo\u1100\u1161\u11a8\uac00\u0915\u09c7\u09be\u0f42\u0fb7\u212b\u2126\u1e9b\u0344\u0958\u2adc\ufb1d"
    "\u0f73\u0f75\u0f81=<>\u226e\u03b1\u0345\u1fbe\u1b05\u1b35\U000110ba\U0001d158\U0001d15e\U0001d165"
)
MARKS = [chr(c) for c in range(0x300, 0x370)] + list(
    "\u05b0\u094d\u09bc\u1161\u11a8\u11a7\u0e48\u0f71\u0f72\u0f74\u3099\u309a\u20d0\U0001d165"
)
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
SIGNS = '!?.,;:-_()[]{}<>|/\\"#@&*+=~`^%$'
WORDS = "Hello world the music I'm don't she'll we've piano quality. 128BPM (test) sys tem".split()


def character(rng):
    while True:
        low, high = rng.choice(
            [(0x80, 0x800), (0x800, 0x10000), (0x800, 0x10000), (0x10000, 0x20000), (0x20000, 0x110000)]
        )
        value = rng.randrange(low, high)
        if not 0xD800 <= value <= 0xDFFF:
            return chr(value)


def some(rng, choices, most):
    return "".join(rng.choice(choices) for _ in range(rng.randint(1, most)))


def piece(rng, special):
    token = rng.choice(special)
    cut = rng.randint(1, len(token))
    kinds = [
        (4, lambda: some(rng, SPACES, 4)),
        (2, lambda: some(rng, DIGITS, 2)),
        (2, lambda: rng.choice(CONTRACTIONS)),
        (2, lambda: rng.choice(BASES) + "".join(rng.choice(MARKS) for _ in range(rng.randint(0, 5)))),
        (3, lambda: some(rng, LETTERS, 7)),
        (2, lambda: rng.choice(WORDS)),
        (1, lambda: some(rng, "\r\n", 3)),
        (1, lambda: rng.choice(SIGNS) * rng.randint(1, 3)),
        (0.6, lambda: token),
        (0.4, lambda: rng.choice([token[:cut], token[cut:]])),
        (2, lambda: "".join(character(rng) for _ in range(rng.randint(1, 3)))),
    ]
    return rng.choices([kind for _, kind in kinds], [weight for weight, _ in kinds])[0]()


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 300
    rng = random.Random(seed)
    slow, fast = Qwen2Tokenizer.from_pretrained(MODEL), Qwen2TokenizerFast.from_pretrained(MODEL)
    special = sorted(fast.get_added_vocab())
    cases = []
    while len(cases) < count:
        text = "".join(piece(rng, special) for _ in range(rng.randint(1, 12)))
        ids = slow(text)["input_ids"]
        if ids == fast(text)["input_ids"]:
            cases.append({"text": text, "ids": ids})
    print("[\n" + ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases) + "\n]")


if __name__ == "__main__":
    main()
