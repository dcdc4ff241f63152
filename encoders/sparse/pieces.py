"""WordPiece as BERT has it: what the database needs to find the tokens of a query by itself.

Devlin et al.: BERT, 2019; Wu et al.: Google's Neural Machine Translation System, 2016. Models are encoded
with the tokenizers of their libraries; this is the form that SQL follows (`impl.word_pieces`), and that the
dummy encoder uses.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

import msgspec

_CJK = (
    (0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F), (0x2B740, 0x2B81F),
    (0x2B820, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F),
)  # fmt: skip
_ASCII_SIGNS = re.compile(r"[!-/:-@\[-`{-~]")


class WordPiece(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of a WordPiece tokenizer; those of `tokenizers`' BertNormalizer and WordPiece.

    Attributes:
        lowercase: letters become small ones.
        strip_accents: characters are taken apart and their marks left out.
        chinese: signs of Chinese stand alone.
        prefix: of pieces within a word.
        unknown: the piece of a word that has none.
        longest: characters from which a word is unknown.
    """

    lowercase: bool = True
    strip_accents: bool = True
    chinese: bool = True
    prefix: str = "##"
    unknown: str = "[UNK]"
    longest: int = 100

    def tokens(self, text: str, numbers: Mapping[str, int]) -> list[int]:
        """Numbers of the pieces of a text, in their order."""
        return [token for word in self._words(text) for token in self._pieces(word, numbers)]

    def _words(self, text: str) -> list[str]:
        plain = "".join(self._plain(char) for char in text)
        if self.strip_accents:
            apart = unicodedata.normalize("NFD", plain)
            plain = "".join(char for char in apart if unicodedata.category(char) != "Mn")
        if self.lowercase:
            plain = plain.lower()
        spaced = "".join(f" {char} " if _is_sign(char) else char for char in plain)
        return spaced.split()

    def _plain(self, char: str) -> str:
        if char in "\t\n\r" or unicodedata.category(char) == "Zs":
            return " "
        if char in "\0\ufffd" or unicodedata.category(char).startswith("C"):
            return ""
        alone = self.chinese and any(low <= ord(char) <= high for low, high in _CJK)
        return f" {char} " if alone else char

    def _pieces(self, word: str, numbers: Mapping[str, int]) -> list[int]:
        found: list[int] = []
        at = 0
        while at < len(word):
            prefix = self.prefix if at else ""
            stops = range(len(word), at, -1)
            stop = next((s for s in stops if prefix + word[at:s] in numbers), None)
            if stop is None or len(word) > self.longest:
                return [numbers[self.unknown]]
            found.append(numbers[prefix + word[at:stop]])
            at = stop
        return found


def _is_sign(char: str) -> bool:
    return bool(_ASCII_SIGNS.match(char)) or unicodedata.category(char).startswith("P")


BERT = WordPiece()
