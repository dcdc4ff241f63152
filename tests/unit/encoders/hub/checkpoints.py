"""Tiny random checkpoints of real architectures, saved as their authors publish them."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import torch
import transformers
from sentence_transformers import MultiVectorEncoder, SentenceTransformer, SparseEncoder
from sentence_transformers.base.modules import Router
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
from sentence_transformers.sparse_encoder.modules import SparseStaticEmbedding
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from tokenizers.processors import TemplateProcessing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

WIDTH = 32
WORDS = [
    "진공 펌프에서 기름이 샌다 The hydraulic pump is leaking oil",
    "고양이가 소파 위에서 자고 있다 A cat is sleeping on the sofa",
    "계약은 서면으로 해지할 수 있다 Query Document yes no Instruct",
]
QWEN_CONTROL = [
    "<|endoftext|>", "<|im_start|>", "<|im_end|>",
    "<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>",
]  # fmt: skip
# What the hub repository of this architecture carries, reduced to texts and pictures.
QWEN_CHAT = (
    "{%- for message in messages %}{{- '<|im_start|>' + message.role + '\\n' }}"
    "{%- for part in message.content %}{%- if part.type == 'image' %}"
    "{{- '<|vision_start|><|image_pad|><|vision_end|>' }}"
    "{%- elif part.type == 'text' %}{{- part.text }}{%- endif %}{%- endfor %}"
    "{{- '<|im_end|>\\n' }}{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}"
)
_SMALL = {
    "hidden_size": WIDTH, "intermediate_size": 2 * WIDTH, "num_hidden_layers": 2,
    "num_attention_heads": 4, "initializer_range": 0.2,
}  # fmt: skip


def xlm_roberta(folder: Path, *, labels: int | None = None, positions: int = 130) -> Path:
    """BGE-M3's backbone, or with labels a cross-encoder."""
    tokenizer = _unigram(["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    tokenizer.post_processor = TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", 0), ("</s>", 2)],
    )
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", unk_token="<unk>",
        pad_token="<pad>", cls_token="<s>", sep_token="</s>", mask_token="<mask>",
        model_max_length=positions - 2,
    )  # fmt: skip
    config = transformers.XLMRobertaConfig(
        vocab_size=len(fast), max_position_embeddings=positions, type_vocab_size=1,
        pad_token_id=1, num_labels=labels or 2, **_SMALL,
    )  # fmt: skip
    kind = transformers.XLMRobertaModel
    if labels:
        kind = transformers.XLMRobertaForSequenceClassification
    return _saved(kind, config, folder, fast)


def bge_m3(folder: Path) -> Path:
    """BGE-M3 with its two heads, as in its repository."""
    xlm_roberta(folder)
    torch.manual_seed(1)
    torch.save(torch.nn.Linear(WIDTH, 1).state_dict(), folder / "sparse_linear.pt")
    torch.save(torch.nn.Linear(WIDTH, WIDTH).state_dict(), folder / "colbert_linear.pt")
    return folder


def sentence(folder: Path, backbone: Path, pooling: str, **prompts: str) -> Path:
    """A sentence-transformers model over a backbone."""
    body = Transformer(str(backbone))
    modules = [body, Pooling(WIDTH, pooling_mode=pooling), Normalize()]
    SentenceTransformer(modules=modules, device="cpu", prompts=prompts).save(str(folder))
    return folder


def multi_vector(folder: Path, backbone: Path, **prompts: str) -> Path:
    """A multi-vector model over a backbone, as the library saves it, with expansion of queries."""
    torch.manual_seed(3)
    model = MultiVectorEncoder(str(backbone), device="cpu", prompts=prompts)
    model[0].query_expansion = {"strategy": "fixed", "attend": True, "length": 24}
    model[2].skiplist_words = ["."]
    model.save(str(folder))
    return folder


def pylate(folder: Path, backbone: Path) -> Path:
    """The same as PyLate saves it: two modules, and marks beside the prompts."""
    multi_vector(folder, backbone)
    modules = json.loads((folder / "modules.json").read_text())[:2]
    modules[1]["type"] = "pylate.models.Dense.Dense"
    (folder / "modules.json").write_text(json.dumps(modules))
    about = {
        "model_type": "ColBERT", "prompts": {}, "query_prefix": "[Q] ", "document_prefix": "[D] ",
        "query_length": 32, "document_length": 60, "do_query_expansion": False,
    }  # fmt: skip
    (folder / "config_sentence_transformers.json").write_text(json.dumps(about))
    return folder


def bert_mlm(folder: Path) -> Path:
    """BERT with its head over the vocabulary: the backbone of sparse encoders."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    _train(tokenizer, trainers.WordPieceTrainer, ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, cls_token="[CLS]", sep_token="[SEP]", unk_token="[UNK]",
        pad_token="[PAD]", mask_token="[MASK]", model_max_length=64,
    )  # fmt: skip
    config = transformers.BertConfig(
        vocab_size=len(fast), max_position_embeddings=64, pad_token_id=0, **_SMALL
    )
    return _saved(transformers.BertForMaskedLM, config, folder, fast)


def splade(folder: Path, backbone: Path) -> Path:
    """A sparse encoder as the library saves it: queries go through the network, too."""
    SparseEncoder(str(backbone), device="cpu").save(str(folder))
    return folder


def inference_free(folder: Path, backbone: Path) -> Path:
    """A sparse encoder whose queries are tokens and their idf alone, as OpenSearch publishes its own."""
    body = SparseEncoder(str(backbone), device="cpu")
    idf = torch.rand(len(body.tokenizer), generator=torch.Generator().manual_seed(2)) + 0.1
    idf[:5] = 0
    static = SparseStaticEmbedding(tokenizer=body.tokenizer, weight=idf, frozen=True)
    router = Router.for_query_document(query_modules=[static], document_modules=list(body))
    SparseEncoder(modules=[router], device="cpu").save(str(folder))
    return folder


def qwen3(folder: Path) -> Path:
    """Qwen3-Embedding's backbone: causal, the end token appended by the tokenizer."""
    fast = _qwen_tokenizer()
    fast.backend_tokenizer.post_processor = TemplateProcessing(
        single="$A <|endoftext|>", special_tokens=[("<|endoftext|>", 0)]
    )
    config = transformers.Qwen3Config(
        vocab_size=len(fast), max_position_embeddings=256, num_key_value_heads=2, head_dim=8, **_SMALL,
    )  # fmt: skip
    return _saved(transformers.Qwen3Model, config, folder, fast)


def qwen3_vl(
    folder: Path,
    *,
    text: Mapping[str, Any] = MappingProxyType({}),
    vision: Mapping[str, Any] = MappingProxyType({}),
) -> Path:
    """Qwen3-VL with its vision tower and its language head; other sizes over these tiny ones."""
    fast = _qwen_tokenizer()
    fast.chat_template = QWEN_CHAT
    number = fast.convert_tokens_to_ids
    config = transformers.Qwen3VLConfig(
        text_config={
            "vocab_size": len(fast), "num_key_value_heads": 2, "head_dim": 8,
            "max_position_embeddings": 8192, "tie_word_embeddings": True,
            "rope_parameters": {
                "rope_type": "default", "rope_theta": 5e6, "mrope_section": [2, 1, 1],
                "mrope_interleaved": True,
            },
            **_SMALL, **text,
        },
        vision_config={
            "depth": 2, "hidden_size": 16, "intermediate_size": 32, "num_heads": 2,
            "out_hidden_size": WIDTH, "num_position_embeddings": 64,
            "deepstack_visual_indexes": [0, 1], "patch_size": 16, "spatial_merge_size": 2,
            "temporal_patch_size": 2, **vision,
        },
        image_token_id=number("<|image_pad|>"), video_token_id=number("<|video_pad|>"),
        vision_start_token_id=number("<|vision_start|>"),
        vision_end_token_id=number("<|vision_end|>"), tie_word_embeddings=True,
    )  # fmt: skip
    _saved(transformers.Qwen3VLForConditionalGeneration, config, folder, fast)
    # As in the repository: the processor named there is the one that wants torchvision.
    told = {
        "size": {"longest_edge": 16777216, "shortest_edge": 65536}, "patch_size": 16,
        "temporal_patch_size": 2, "merge_size": 2, "image_mean": [0.5] * 3, "image_std": [0.5] * 3,
        "processor_class": "Qwen3VLProcessor", "image_processor_type": "Qwen2VLImageProcessorFast",
    }  # fmt: skip
    (folder / "preprocessor_config.json").write_text(json.dumps(told))
    return folder


def siglip(folder: Path) -> Path:
    tokenizer = _unigram(["<pad>", "</s>", "<unk>"])
    tokenizer.post_processor = TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>", unk_token="<unk>",
        model_max_length=16,
    )  # fmt: skip
    config = transformers.SiglipConfig(
        text_config={
            "vocab_size": len(fast), "max_position_embeddings": 16, "projection_size": WIDTH,
            "pad_token_id": 0, "eos_token_id": 1, "bos_token_id": 0, **_SMALL,
        },
        vision_config={"image_size": 32, "patch_size": 16, **_SMALL},
    )  # fmt: skip
    _saved(transformers.SiglipModel, config, folder, fast)
    transformers.SiglipImageProcessorPil(size={"height": 32, "width": 32}).save_pretrained(folder)
    return folder


def clip(folder: Path) -> Path:
    """CLIP; like BGE-VL's, its configuration names code of its own, which is never run."""
    tokenizer = Tokenizer(models.BPE(unk_token="<|endoftext|>", end_of_word_suffix="</w>"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    _train(tokenizer, trainers.BpeTrainer, ["<|startoftext|>", "<|endoftext|>"])
    tokenizer.post_processor = TemplateProcessing(
        single="<|startoftext|> $A <|endoftext|>",
        special_tokens=[("<|startoftext|>", 0), ("<|endoftext|>", 1)],
    )
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<|startoftext|>", eos_token="<|endoftext|>",
        pad_token="<|endoftext|>", unk_token="<|endoftext|>", model_max_length=20,
    )  # fmt: skip
    config = transformers.CLIPConfig(
        text_config={
            "vocab_size": len(fast), "max_position_embeddings": 20, "bos_token_id": 0,
            "eos_token_id": 1, "pad_token_id": 1, **_SMALL,
        },
        vision_config={"image_size": 32, "patch_size": 16, **_SMALL},
        projection_dim=24,
    )  # fmt: skip
    _saved(transformers.CLIPModel, config, folder, fast)
    transformers.CLIPImageProcessorPil(
        size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}
    ).save_pretrained(folder)
    path = folder / "config.json"
    told = json.loads(path.read_text())
    told["auto_map"] = {"AutoModel": "modeling_own.CLIPModel"}
    path.write_text(json.dumps(told))
    (folder / "modeling_own.py").write_text("raise SystemExit('code of the model was run')\n")
    return folder


def _qwen_tokenizer() -> transformers.PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    _train(tokenizer, trainers.BpeTrainer, QWEN_CONTROL)
    tokenizer.add_tokens([word for word in ("yes", "no") if tokenizer.token_to_id(word) is None])
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token="<|im_end|>", pad_token="<|endoftext|>",
        additional_special_tokens=QWEN_CONTROL[1:],
    )  # fmt: skip


def _unigram(control: list[str]) -> Tokenizer:
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    _train(tokenizer, trainers.UnigramTrainer, control, unk_token="<unk>")
    # The trainer numbers its pieces in another order each time, and with them the weights' rows.
    pieces = json.loads(tokenizer.to_str())["model"]["vocab"]
    rest = sorted((piece, score) for piece, score in pieces if piece not in control)
    vocabulary = [(piece, 0.0) for piece in control] + rest
    tokenizer.model = models.Unigram(vocabulary, unk_id=control.index("<unk>"))
    return tokenizer


def _train(tokenizer: Tokenizer, trainer: Any, control: list[str], **options: Any) -> None:
    if trainer is trainers.BpeTrainer:
        options["initial_alphabet"] = pre_tokenizers.ByteLevel.alphabet()
    made = trainer(vocab_size=330, special_tokens=control, show_progress=False, **options)
    tokenizer.train_from_iterator(WORDS * 5, made)


def _saved(kind: Any, config: Any, folder: Path, tokenizer: Any) -> Path:
    torch.manual_seed(0)
    kind(config).eval().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
