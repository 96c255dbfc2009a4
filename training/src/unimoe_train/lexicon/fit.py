"""Makes a lexicon of CMUdict."""

from unimoe_train.lexicon.alignment import align
from unimoe_train.lexicon.dictionary import Dictionary, is_held_out, licence, spelled
from unimoe_train.lexicon.file import build
from unimoe_train.lexicon.graphones import FIRST, Graphones
from unimoe_train.lexicon.ngram import Model
from unimoe_train.lexicon.said import said


class Fitted:
    """A dictionary's alignments, the letter-to-sound model that learned from its words of letters alone that are not held
    out, and which words sound as it says. `program`: the engine's, which reads them by their letters."""

    def __init__(self, dictionary: Dictionary, program: str):
        pairs = [
            (word, phonemes) for word, listed in dictionary.items() for phonemes in listed if not word.endswith(".")
        ]
        bare = ["".join(filter(str.isalpha, word)) for word, _ in pairs]
        found = align([(letters, phonemes) for letters, (_, phonemes) in zip(bare, pairs, strict=True)])
        self.aligned = {
            pair: list(zip(letters, parts, strict=True))
            for pair, letters, parts in zip(pairs, bare, found, strict=True)
            if parts is not None
        }
        learned = [
            graphones
            for (word, _), graphones in self.aligned.items()
            if word.isalpha() and len(word) > 1 and not is_held_out(word)
        ]
        self.graphones = Graphones(learned)
        numbered = {tuple(n) for word in learned if (n := self.graphones.numbers(word)) is not None}
        self.model = Model([list(word) for word in sorted(numbered)], FIRST + len(self.graphones.all))
        words = list(spelled(dictionary))
        self.by_letters = dict(zip(words, said(words, self._file({}, set()), program, by_letters=True), strict=True))

    def file(self, dictionary: Dictionary) -> bytes:
        """The lexicon's file of these words."""
        regular = {word for word, listed in dictionary.items() if listed == [self.by_letters.get(word)]}
        return self._file(dictionary, regular)

    def _file(self, dictionary: Dictionary, regular: set[str]) -> bytes:
        return build(dictionary, regular, self.aligned, self.graphones, self.model, licence())
