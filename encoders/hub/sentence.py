"""Text encoder for any sentence-transformers model: a transformer, pooling, and later modules."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from encoders.base import Vectors
from encoders.hub.runtime import padded, sentence_model, to_numpy, torch_for
from encoders.hub.text_encoder import HubTextEncoder
from encoders.hub.tokens import HubTokenizer
from encoders.runtime.device import Choice
from encoders.spec import EncoderSpec


class SentenceEncoder(HubTextEncoder):
    """Text encoder with the modules of a sentence-transformers folder; see `load`.

    Prompts are the spec's, not the folder's, so that they are part of the identity.
    """

    def _run(self, ids: Sequence[list[int]]) -> Vectors:
        features = padded(self._torch, ids, self._tokens.pad_id, str(self._model.device))
        with self._torch.inference_mode():
            return to_numpy(self._model(features)["sentence_embedding"])


def load(spec: EncoderSpec, folder: Path, choice: Choice) -> SentenceEncoder:
    """Load the model from its folder; errors as `registry.build`."""
    with torch_for(choice) as torch:
        model = sentence_model("SentenceTransformer", folder, torch, choice)
        tokens = HubTokenizer(model.tokenizer, spec.max_tokens)
    return SentenceEncoder(spec, tokens, choice, torch, model)
