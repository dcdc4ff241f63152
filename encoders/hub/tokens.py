"""Tokenizer of hub models, without the state that the library's tokenizers keep."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from encoders.base import Window
from encoders.errors import WeightsInvalid
from encoders.hub.runtime import processor
from encoders.spec import TEXT_SLOT
from encoders.text.rendering import clean, raw_positions, render_all
from encoders.text.windows import split


class HubTokenizer:
    """Converts texts in templates to token ids. Safe to call from several threads.

    Truncation and padding are done here: the library's tokenizers keep them as state, which
    concurrent calls would change under each other.
    """

    def __init__(self, tokenizer: Any, max_tokens: int, *, lowercase: bool = False) -> None:
        backend = tokenizer.backend_tokenizer
        backend.no_truncation()
        backend.no_padding()
        self._backend = backend
        self._max_tokens = max_tokens
        self._lowercase = lowercase
        self._ends: int = backend.encode("a").special_tokens_mask[::-1].index(0)
        self.pad_id: int = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else 0
        added = backend.get_added_tokens_decoder().values()
        control = {token.content for token in added if token.special}
        control |= set(tokenizer.all_special_tokens)
        self._control = re.compile("|".join(map(re.escape, sorted(control, key=len, reverse=True))))

    @classmethod
    def load(cls, folder: Path, max_tokens: int, *, lowercase: bool = False) -> HubTokenizer:
        """Load the tokenizer of a model folder.

        Args:
            folder: The model's.
            max_tokens: Longest input, special tokens included.
            lowercase: Whether the model was trained on texts without capitals.

        Raises:
            WeightsInvalid: If it is one without the data for offsets (no `tokenizer.json`).
        """
        tokenizer = processor("AutoTokenizer", folder)
        if not getattr(tokenizer, "is_fast", False):
            raise WeightsInvalid(folder, "its tokenizer comes without tokenizer.json")
        return cls(tokenizer, max_tokens, lowercase=lowercase)

    def number(self, token: str) -> int:
        """The id of a token that the vocabulary must have.

        Raises:
            ValueError: If it does not.
        """
        found = self._backend.token_to_id(token)
        if found is None:
            raise ValueError(f"the model's vocabulary has no {token!r}")
        return int(found)

    def vocabulary(self, size: int) -> list[str]:
        """The tokens by their numbers, as the tokenizer writes them; numbers without one as `#number`."""
        return [self._backend.id_to_token(number) or f"#{number}" for number in range(size)]

    def special(self) -> frozenset[int]:
        """Ids of the control tokens."""
        added = self._backend.get_added_tokens_decoder().items()
        return frozenset(number for number, token in added if token.special)

    def plain(self, text: str) -> str:
        """Clean a text and break up control tokens in it, so that they are plain text."""
        cleaned = clean(text).lower() if self._lowercase else clean(text)
        return self._control.sub(lambda found: f"{found[0][0]} {found[0][1:]}", cleaned)

    def ids(self, template: str, texts: Sequence[str]) -> list[list[int]]:
        """Token ids per text in its template, special tokens included.

        What is too long loses the end of the text; what the template puts behind it stays.

        Raises:
            TypeError: If `texts` is one string or holds something that is not a string.
        """
        render_all(TEXT_SLOT, texts)
        rendered = [template.replace(TEXT_SLOT, self.plain(text)) for text in texts]
        behind = self.behind(template.rpartition(TEXT_SLOT)[2])
        return [self.fitted(ids, behind) for ids in self.encoded(rendered)]

    def encoded(self, rendered: Sequence[str]) -> list[list[int]]:
        """Token ids of texts of any length, control tokens in them included."""
        return [encoding.ids for encoding in self._backend.encode_batch(rendered)]

    def offsets(self, prefix: str, text: str) -> list[tuple[int, int]]:
        """Start and stop of each token of a text behind a prefix, in characters of the plain text.

        (0, 0) for tokens of the prefix, and for special ones.
        """
        shift = len(prefix)
        found = self._backend.encode(prefix + text).offsets
        return [(max(a - shift, 0), b - shift) if b > shift else (0, 0) for a, b in found]

    def behind(self, suffix: str) -> int:
        """Number of tokens that a template's suffix puts behind the text."""
        return len(self._backend.encode(suffix, add_special_tokens=False).ids) + self._ends

    def fitted(self, ids: list[int], behind: int) -> list[int]:
        """Cut ids to the model's length, the last `behind` of them kept."""
        if len(ids) <= self._max_tokens:
            return ids
        return ids[: self._max_tokens - behind] + ids[len(ids) - behind :]

    def pairs(self, query: str, passages: Sequence[str]) -> list[tuple[list[int], list[int]]]:
        """Token ids and segment numbers of a query put together with each passage.

        What is too long loses the end of the longer text, then of both.
        """
        room = self._max_tokens - self._backend.num_special_tokens_to_add(True)
        texts = [self.plain(text) for text in (query, *passages)]
        question, *found = self._backend.encode_batch(texts, add_special_tokens=False)
        whole, made = len(question.ids), []
        for passage in found:
            first = question
            if whole + len(passage.ids) > room:
                kept = min(whole, max(room // 2, room - len(passage.ids)))
                passage.truncate(room - kept)
                if kept < whole:
                    first = self._backend.encode(texts[0], add_special_tokens=False)
                    first.truncate(kept)
            pair = self._backend.post_process(first, passage)
            made.append((pair.ids, pair.type_ids))
        return made

    def count(self, template: str, text: str) -> int:
        """Tokens of a text in its template before truncation."""
        rendered = template.replace(TEXT_SLOT, self.plain(text))
        return len(self._backend.encode(rendered).ids)

    def windows(self, text: str, overlap: int, count: Callable[[str], int]) -> list[Window]:
        """Cut a text into windows; see `TextEncoder.windows`.

        Args:
            text: The text.
            overlap: Tokens that neighbours share, about.
            count: Tokens the model sees when given a piece of the text.
        """
        encoding = self._backend.encode(clean(text), add_special_tokens=False)
        starts = raw_positions(text, [start for start, _ in encoding.offsets])
        limit = self._max_tokens
        return split(text, starts, limit=limit, reserved=count(""), overlap=overlap, count=count)
