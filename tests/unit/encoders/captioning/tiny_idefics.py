"""A tiny random SmolVLM (its architecture is called Idefics3), saved as its authors publish it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

if TYPE_CHECKING:
    from pathlib import Path

CONTROL = [
    "<|endoftext|>", "<|im_start|>", "<end_of_utterance>", "<fake_token_around_image>",
    "<global-img>", "<image>",
]  # fmt: skip
CHAT = (
    "<|im_start|>{% for message in messages %}{{ message['role'] | capitalize }}:"
    "{% for part in message['content'] %}{% if part['type'] == 'image' %}<image>"
    "{% else %}{{ part['text'] }}{% endif %}{% endfor %}<end_of_utterance>\n{% endfor %}"
    "{% if add_generation_prompt %}Assistant:{% endif %}"
)
SIDE = 64
SMALL = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2}


def idefics3(folder: Path) -> Path:
    fast = _tokenizer()
    number = fast.convert_tokens_to_ids
    config = transformers.Idefics3Config(
        image_token_id=number("<image>"), scale_factor=2, tie_word_embeddings=False,
        text_config={
            "model_type": "llama", "vocab_size": len(fast), "num_attention_heads": 4,
            "num_key_value_heads": 2, "max_position_embeddings": 4096, "pad_token_id": 0,
            "bos_token_id": 1, "eos_token_id": 2, **SMALL,
        },
        vision_config={
            "num_attention_heads": 2, "image_size": SIDE, "patch_size": 16,
            "max_image_size": {"longest_edge": SIDE}, **SMALL,
        },
    )  # fmt: skip
    torch.manual_seed(0)
    transformers.Idefics3ForConditionalGeneration(config).eval().save_pretrained(folder)
    size = {"longest_edge": SIDE}
    pictures = transformers.Idefics3ImageProcessorPil(
        size=size, max_image_size=size, do_image_splitting=False
    )
    whole = transformers.Idefics3Processor(pictures, fast, image_seq_len=4, chat_template=CHAT)
    whole.save_pretrained(folder)
    return folder


def _tokenizer() -> transformers.PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=330, special_tokens=CONTROL, show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )  # fmt: skip
    tokenizer.train_from_iterator(["vacuum pump 진공 펌프 label"] * 5, trainer)
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<|im_start|>", eos_token="<end_of_utterance>",
        pad_token="<|endoftext|>", additional_special_tokens=CONTROL[3:],
    )  # fmt: skip
