"""Effects performed in this process: one connection, models loaded when they are first needed."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import psycopg

from db.calls.query import Query, fetch
from db.calls.steps import drive
from db.defects import products
from db.errors import SeogoDbError
from db.evaluation import tuning
from db.items.items import picture_readers
from db.spaces import embedding
from encoders.anomaly import backbones
from encoders.errors import EncoderError
from encoders.guide import registry as guides
from encoders.labels.reading import part_numbers
from encoders.ocr.registry import build_ocr
from encoders.ocr.settings import OcrOptions
from encoders.pictures import decoding
from encoders.pictures.sources import from_base64
from encoders.rerank import rerankers
from encoders.rerank.base import RerankerModel
from encoders.settings import GuideSettings
from flows import effects
from flows.banks import build_judge
from flows.encoding import encode_query, encoder_of
from flows.errors import LegUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from db.defects.rows import LiveBank
    from encoders.anomaly.inspection import Judge
    from encoders.guide.base import Case, GuideSource
    from encoders.settings import EncoderSettings
    from flows.effects import Flow

T = TypeVar("T")


class Local:
    """Runs flows one step after the other, and keeps the models that they needed."""

    def __init__(
        self,
        conn: psycopg.Connection[Any],
        settings: EncoderSettings,
        guide: GuideSettings | None = None,
    ) -> None:
        self._conn = conn
        self._settings = settings
        self._guide = guide or GuideSettings()
        self._models: dict[str, Any] = {}

    def run(self, flow: Flow[T]) -> T:
        """Run a flow to its end.

        Raises:
            Exception: what the flow raises.
        """
        return drive(flow, self._perform)

    def close(self) -> None:
        """Close connections of models to servers."""
        if (writer := self._models.get("guide")) is not None:
            writer.close()

    def _perform(self, effect: Any) -> Any:
        match effect:
            case Query():
                return fetch(self._conn, effect)
            case effects.Together(flows):
                return [self.run(flow) for flow in flows]
            case effects.ListSpaces(collection):
                return fetch(self._conn, embedding.live_spaces(collection=collection))
            case effects.UsedReranker(collection):
                found = fetch(self._conn, tuning.reranker(collection=collection))
                return found[0] if found else None
            case effects.Decode(data):
                return decoding.decode(from_base64(data) if isinstance(data, str) else data)
            case effects.Compute(work, args):
                return work(*args)
            case effects.Forget():
                return None
            case _:
                return self._with_model(effect)

    def _with_model(self, effect: Any) -> Any:
        match effect:
            case effects.Encode(space, words, picture):
                with _or_unavailable(f"encoder {space.encoder}"):
                    encoder = self._model(space.identity, lambda: encoder_of(space, self._settings))
                    return encode_query(encoder, words, picture)
            case effects.ReadNumbers(collection, picture):
                (row,) = fetch(self._conn, picture_readers(collection=collection))
                name = row.picture_readers.get("ocr")
                if name is None:
                    return None
                with _or_unavailable(name):
                    options = OcrOptions(threads=self._settings.threads)
                    engine = self._model(f"ocr {name}", lambda: build_ocr(name, options))
                    return part_numbers(engine.read([picture])[0].lines)
            case effects.Score(used, words, texts):
                with _or_unavailable(used.model):
                    model = self._model(f"rerank {used.model}", lambda: self._reranker(used))
                    return model.score(words, texts).astype(np.float64)
            case effects.LoadJudge(bank):
                with _or_unavailable(f"backbone {bank.backbone}"):
                    return self._model(f"bank {bank.bank_id}", lambda: self._judge(bank))
            case effects.WriteGuide(case, sources):
                return self._guided(case, sources)
            case _:
                raise TypeError(f"no effect: {type(effect).__name__}")

    def _model(self, key: str, build: Callable[[], Any]) -> Any:
        if key not in self._models:
            self._models[key] = build()
        return self._models[key]

    def _guided(self, case: Case, sources: list[GuideSource]) -> guides.WrittenGuide:
        models_path, threads = self._settings.models_path, self._settings.threads
        try:
            writer = self._model("guide", lambda: guides.build(self._guide, models_path, threads))
        except Exception as exc:  # whatever keeps a model from loading
            return guides.extract(sources, exc)
        return guides.write(writer, case, sources)

    def _judge(self, bank: LiveBank) -> Judge:
        models_path, threads = self._settings.models_path, self._settings.threads
        backbone = self._model(
            bank.backbone, lambda: backbones.build(bank.backbone, models_path, threads)
        )
        (content,) = fetch(self._conn, products.bank_content(bank_id=bank.bank_id))
        return build_judge(bank, content, backbone)

    def _reranker(self, used: tuning.Reranker) -> RerankerModel:
        folder = self._settings.models_path
        spec = rerankers.spec(used.model, folder)
        rerankers.check_measured(spec, used.model, used.revision)
        return rerankers.build(spec, folder, self._settings.threads)


@contextmanager
def _or_unavailable(name: str) -> Iterator[None]:
    """Say of any failure that a leg is left out: runtimes raise classes of their own."""
    try:
        yield
    except EncoderError as exc:
        raise LegUnavailable(str(exc)) from exc
    except (LegUnavailable, psycopg.Error, SeogoDbError):
        raise
    except Exception as exc:
        raise LegUnavailable(f"{name} failed ({type(exc).__name__})") from exc
