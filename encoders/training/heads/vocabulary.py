"""Vocabulary of a sparse model: tokens that may have a weight, and a network and tokenizer cut to them.

A multilingual model has 250,000 tokens, and a weight of each for each token of each text is more than a
processor can train. Cut to the tokens of the collection's texts it reads these texts as before, piece by
piece (Ushio et al., 2023, "Efficient Multilingual Language Model Compression through Vocabulary Trimming").
The letters of their alphabets are kept, so that a new word is read in pieces.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from encoders.errors import EncoderError
from encoders.hub import modules
from encoders.hub.files import optional_config
from encoders.runtime.optional import require
from encoders.training.network import EXTRA
from encoders.training.settings import TrainSettings

PAIRS, ALL = "pairs", "all"
# Architectures whose head of words is known here by its parts; others must have been trained with one.
HEADS = ("bert", "xlm-roberta", "roberta")
_CUT = ("Unigram", "WordPiece")
_SPACE_MARKS = "\u2581"
_PART = "##"
# Letters of this script are words: there are too many to keep them all.
_WORDS = "CJK"


class Unfit(EncoderError):
    """This base cannot become a sparse encoder as it is set."""

    def __init__(self, detail: str, hint: str) -> None:
        self.hint = hint
        super().__init__(detail)


def refuse_unfit(folder: Path, settings: TrainSettings) -> None:
    """Refuse a base without a head of words that can be trained, or a vocabulary that cannot be cut.

    Raises:
        Unfit: If it is one.
    """
    backbone = modules.backbone(folder)
    known = optional_config(backbone / "config.json")
    if not _has_head(known) and known.get("model_type") not in HEADS:
        raise Unfit(
            f"{folder}: {known.get('model_type')!r} has no head of words, and none is known for it",
            "take a base of BERT's or RoBERTa's make, or one trained as a masked language model",
        )
    path = backbone / "tokenizer.json"
    model = json.loads(path.read_bytes())["model"] if path.exists() else {}
    if settings.vocabulary != ALL and model.get("type") not in _CUT:
        raise Unfit(
            f"{folder}: a vocabulary of kind {model.get('type', 'unknown')} cannot be cut",
            "--set vocabulary=all trains all of it",
        )


def refuse_missing(settings: TrainSettings) -> None:
    """Refuse a file of texts that is not there.

    Raises:
        Unfit: If there is none.
    """
    named = settings.vocabulary
    if settings.kind == "sparse" and named not in (PAIRS, ALL) and not Path(named).is_file():
        raise Unfit(
            f"vocabulary {named} is no file of texts",
            "--set vocabulary=pairs, all, or a text file with a text in each line",
        )


def kept(tokenizer: Any, settings: TrainSettings, texts: Sequence[str]) -> list[int]:
    """Ids of the tokens that may have a weight, ascending; special ones among them."""
    size = len(tokenizer)
    if settings.vocabulary == ALL:
        return list(range(size))
    given = [*texts, *_more(settings)]
    used = set(tokenizer.all_special_ids)
    backend = tokenizer.backend_tokenizer
    backend.no_truncation()
    for encoding in backend.encode_batch(given):
        used.update(encoding.ids)
    scripts = {_script(letter) for letter in set("".join(given))} - {_WORDS, ""}
    pieces = tokenizer.get_vocab()
    used.update(number for piece, number in pieces.items() if _letter_of(piece, scripts))
    used.update(int(number) for number in backend.get_added_tokens_decoder())
    return sorted(used)


def cut_tokenizer(tokenizer: Any, ids: Sequence[int]) -> Any:
    """The tokenizer with these tokens alone, numbered from 0 in their order."""
    described = json.loads(tokenizer.backend_tokenizer.to_str())
    new = {old: at for at, old in enumerate(ids)}
    model = described["model"]
    if model["type"] == "Unigram":
        model["vocab"] = [model["vocab"][old] for old in ids if old < len(model["vocab"])]
        model["unk_id"] = new[model["unk_id"]]
    else:
        model["vocab"] = {word: new[old] for word, old in model["vocab"].items() if old in new}
    for added in described.get("added_tokens") or ():
        added["id"] = new[added["id"]]
    _renumber(described.get("post_processor") or {}, new)
    described |= {"truncation": None, "padding": None}
    made = require("tokenizers").Tokenizer.from_str(json.dumps(described))
    return require("transformers", EXTRA).PreTrainedTokenizerFast(
        tokenizer_object=made,
        model_max_length=tokenizer.model_max_length,
        model_input_names=tokenizer.model_input_names,
        **tokenizer.special_tokens_map,
    )


def cut_network(backbone: Path, body: Any, ids: Sequence[int]) -> tuple[Any, bool]:
    """A masked language model over these tokens, and whether its head was trained before.

    Args:
        backbone: folder of the network.
        body: the network without a head of words.
        ids: the tokens, ascending.
    """
    torch = require("torch", EXTRA)
    library = require("transformers", EXTRA)
    config = type(body.config).from_dict(body.config.to_dict())
    new = {old: at for at, old in enumerate(ids)}
    size, config.vocab_size = config.vocab_size, len(ids)
    for name in ("pad_token_id", "bos_token_id", "eos_token_id"):
        old: int | None = getattr(config, name, None)
        setattr(config, name, None if old is None else new.get(old))
    made = library.AutoModelForMaskedLM.from_config(config)
    headed = _has_head(optional_config(backbone / "config.json"))
    whole = library.AutoModelForMaskedLM.from_pretrained(backbone) if headed else body
    target = made if headed else made.base_model
    rows = torch.tensor(list(ids))
    state = {
        name: tensor[rows] if len(tensor.shape) and tensor.shape[0] == size else tensor
        for name, tensor in whole.state_dict().items()
        if name in target.state_dict()
    }
    target.load_state_dict(state, strict=True)
    made.tie_weights()
    return made, headed


def _has_head(known: dict[str, Any]) -> bool:
    return any(str(name).endswith("ForMaskedLM") for name in known.get("architectures") or ())


def _more(settings: TrainSettings) -> list[str]:
    if settings.vocabulary == PAIRS:
        return []
    return Path(settings.vocabulary).read_text(encoding="utf-8", errors="replace").splitlines()


def _letter_of(piece: str, scripts: Iterable[str]) -> bool:
    plain = piece.removeprefix(_SPACE_MARKS).removeprefix(_PART)
    return len(plain) == 1 and _script(plain) in scripts


def _script(letter: str) -> str:
    """First word of a character's name, which is its script's: HANGUL, LATIN, DIGIT."""
    return unicodedata.name(letter, "").partition(" ")[0]


def _renumber(processor: dict[str, Any], new: dict[int, int]) -> None:
    """Give the special tokens that are put around a text their new numbers, in place."""
    for one in processor.get("processors") or ():
        _renumber(one, new)
    for special in (processor.get("special_tokens") or {}).values():
        special["ids"] = [new[old] for old in special["ids"]]
    for name in ("sep", "cls"):
        if name in processor:
            word, old = processor[name]
            processor[name] = [word, new[old]]
