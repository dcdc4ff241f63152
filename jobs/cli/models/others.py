"""Models that are no encoders: OCR engines, captioners, rerankers, backbones, and whether they are here."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from encoders import inventory, registry
from encoders.anomaly import backbones
from encoders.captioning import registry as captioning
from encoders.captioning import vlm
from encoders.errors import EncoderError
from encoders.hub import models
from encoders.ocr import auto, paddle
from encoders.ocr.registry import NAMES as OCR_ENGINES
from encoders.ocr.registry import hangul_engine, ocr_spec
from encoders.ocr.settings import OcrOptions
from encoders.rerank import rerankers
from flows.unserved import captions_off

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from encoders.settings import CaptionSettings


class OtherModel(NamedTuple):
    """A model and its state here; `size` in bytes, 0 while nothing of it is here; `detail`: its build."""

    name: str
    takes: str
    state: str
    size: int = 0
    detail: str = ""


def sources() -> dict[str, str]:
    """Hub ids of models that are no encoders, by the names that users pull them by."""
    found = {spec.name: spec.source for spec in rerankers.SPECS.values()}
    found |= {f"{captioning.LOCAL}{source}": source for source in vlm.MODELS}
    return found | paddle.SOURCES


def listed(models_path: Path, captions: CaptionSettings) -> list[OtherModel]:
    """All of them, in the order of their kinds."""
    return [
        *ocr_engines(models_path),
        *_pulled("picture, OCR", paddle.SOURCES, models_path),
        *captioners(models_path, captions),
        *reranking(models_path),
        *_backbones(models_path),
    ]


def ocr_engines(models_path: Path) -> Iterator[OtherModel]:
    """OCR engines, what each reads, and for `auto` who reads Hangul."""
    options = OcrOptions(models=models_path)
    for name in OCR_ENGINES:
        try:
            spec = ocr_spec(name, options)
        except EncoderError as exc:
            yield OtherModel(name, "picture, OCR", f"to install: {exc}")
            continue
        state = f"ready: reads {', '.join(spec.scripts)}"
        if name == auto.NAME:
            by = hangul_engine(options)
            state = f"{state}; Hangul by {by}" if by else f"{state}; no engine for Hangul"
        yield OtherModel(name, "picture, OCR", state, detail=f" ({spec.revision})")


def captioners(models_path: Path, settings: CaptionSettings) -> Iterator[OtherModel]:
    """Captioners, and which of them SEOGO_CAPTIONERS names."""
    named = {name.strip() for name in settings.captioners.split(",") if name.strip()}
    server = "ready" if settings.caption_url and settings.caption_model else "to set up"
    rows = [OtherModel(captioning.SERVER, "picture, caption", f"{server}: SEOGO_CAPTION_URL")]
    local = {source: f"{captioning.LOCAL}{source}" for source in vlm.MODELS}
    local |= {name.removeprefix(captioning.LOCAL): name for name in named - {captioning.SERVER}}
    rows += _pulled("picture, caption", {name: id for id, name in local.items()}, models_path)
    for row in rows:
        use = "; in use" if row.name in named and captions_off(settings) is None else ""
        yield row._replace(state=row.state + use)


def reranking(models_path: Path) -> Iterator[OtherModel]:
    """Rerankers."""
    for spec in rerankers.SPECS.values():
        yield from _pulled(f"{spec.modality}, rerank", {spec.name: spec.source}, models_path)


def _backbones(models_path: Path) -> Iterator[OtherModel]:
    for name in backbones.NAMES:
        found = inventory.entry(registry.spec(name.partition(":")[0]), models_path)
        yield OtherModel(name, "picture, defects", found.state, found.size)


def _pulled(takes: str, names: dict[str, str], models_path: Path) -> Iterator[OtherModel]:
    here = {model.source: model for model in models.pulled(models_path)}
    for name, source in names.items():
        if (model := here.get(source)) is None:
            yield OtherModel(name, takes, f"to pull: {source}")
        else:
            yield OtherModel(name, takes, f"ready: {source} @{model.revision[:12]}", model.size)
