"""The XLM-RoBERTa tokenizer of multilingual-e5-small, rebuilt from its vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from encoders.runtime.optional import require
from encoders.text.e5.weights import Vocabulary

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

_SPACE_MARK = "\u2581"
_ZERO_WIDTH_JOINER = "\u200d"


class TokenizedText(NamedTuple):
    """Token ids of a text with special tokens, and the place of each in it; (0, 0) for special ones."""

    ids: list[int]
    offsets: list[tuple[int, int]]


class E5Tokenizer:
    """Converts texts to token ids. Safe to call from several threads: it has no state."""

    def __init__(self, tokenizer: Tokenizer, max_tokens: int) -> None:
        self._tokenizer = tokenizer
        self._max_tokens = max_tokens

    @classmethod
    def load(cls, path: Path, max_tokens: int) -> E5Tokenizer:
        """Load a `tokenizer.json`; `max_tokens` includes the two special tokens.

        Raises:
            EncoderNotInstalled: If the tokenizers package is absent.
        """
        return cls(require("tokenizers").Tokenizer.from_file(str(path)), max_tokens)

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids per text with special tokens, truncated to `max_tokens`, the end token kept."""
        return [one.ids for one in self.read(texts)]

    def read(self, texts: Sequence[str]) -> list[TokenizedText]:
        """Tokens per text with their places; else as `ids`."""
        return [self._truncated(encoding) for encoding in self._tokenizer.encode_batch(texts)]

    def vocabulary(self) -> list[str]:
        """The tokens as the tokenizer writes them, by their numbers."""
        numbers = self._tokenizer.get_vocab(with_added_tokens=True)
        return sorted(numbers, key=numbers.__getitem__)

    def count(self, text: str) -> int:
        """Tokens of the text before truncation, special tokens included."""
        return len(self._tokenizer.encode(text).ids)

    def starts(self, text: str) -> list[int]:
        """Character offset at which each token of the text starts, special tokens left out."""
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        return [start for start, _ in encoding.offsets]

    def _truncated(self, encoding: Encoding) -> TokenizedText:
        ids, offsets = encoding.ids, encoding.offsets
        if len(ids) <= self._max_tokens:
            return TokenizedText(ids, offsets)
        last = self._max_tokens - 1
        return TokenizedText([*ids[:last], ids[-1]], [*offsets[:last], offsets[-1]])


def write_tokenizer(vocabulary: Vocabulary, path: Path) -> None:
    """Write the `tokenizer.json` of a vocabulary (about 9 MB).

    Raises:
        EncoderNotInstalled: If tokenizers or sentencepiece is absent.
    """
    hidden = vocabulary._replace(pieces=_with_control_pieces_hidden(vocabulary.pieces))
    make_tokenizer(hidden).save(str(path), pretty=False)


def make_tokenizer(vocabulary: Vocabulary) -> Tokenizer:
    """The tokenizer of a vocabulary, control pieces under the names they have there.

    Raises:
        EncoderNotInstalled: If tokenizers or sentencepiece is absent.
    """
    tk = require("tokenizers")
    begin, end = vocabulary.begin, vocabulary.end
    pieces = vocabulary.pieces
    tokenizer: Tokenizer = tk.Tokenizer(
        tk.models.Unigram(pieces, vocabulary.unknown, byte_fallback=False)
    )
    tokenizer.normalizer = tk.normalizers.Sequence(
        [
            # The map below composes no jamo here, so decomposed Korean would fall apart.
            tk.normalizers.NFC(),
            # The model learned with a joiner read as a space; SentencePiece keeps it by now.
            tk.normalizers.Replace(_ZERO_WIDTH_JOINER, " "),
            tk.normalizers.Precompiled(_nmt_nfkc_charsmap()),
            tk.normalizers.Replace(tk.Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = tk.pre_tokenizers.Metaspace(_SPACE_MARK, prepend_scheme="always")
    tokenizer.decoder = tk.decoders.Metaspace(_SPACE_MARK, prepend_scheme="always")
    tokenizer.post_processor = tk.processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", begin), ("</s>", end)]
    )
    return tokenizer


def _with_control_pieces_hidden(pieces: list[tuple[str, float]]) -> list[tuple[str, float]]:
    """Rename `<s>`, `<pad>`, `</s>`, `<unk>` and `<mask>` so that no text spells them.

    They keep their ids. Without this, a page with a struck-out `<s>word</s>` would put begin and
    end tokens into the middle of a passage. The text never holds a plain space once it reaches the
    vocabulary, so a name with one is out of reach.
    """
    control = {"<s>", "<pad>", "</s>", "<unk>", "<mask>"}
    return [(f" {piece}" if piece in control else piece, score) for piece, score in pieces]


def _nmt_nfkc_charsmap() -> bytes:
    """Take the compiled character map from SentencePiece's own `nmt_nfkc` rule.

    The weight file has a map too, but only from single code points, so it cannot compose a letter
    and its accent.
    """
    rule = require("sentencepiece").SentencePieceNormalizer(rule_name="nmt_nfkc")
    model = require("sentencepiece.sentencepiece_model_pb2").ModelProto()
    model.ParseFromString(rule.serialized_model_proto())
    charsmap: bytes = model.normalizer_spec.precompiled_charsmap
    return charsmap
