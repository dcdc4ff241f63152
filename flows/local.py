"""Effects performed in this process: one connection, models loaded when they are first needed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from db.calls.query import Query, fetch
from db.calls.steps import drive, run
from db.defects import products
from db.evaluation import tuning
from db.items.items import picture_readers
from db.search import listing
from db.spaces import embedding
from encoders.anomaly import backbones
from encoders.cited import registry as writers
from encoders.cited.registry import WritingOutcome
from encoders.guide import look
from encoders.labels.reading import part_numbers
from encoders.ocr import auto
from encoders.ocr.registry import build_ocr
from encoders.ocr.settings import OcrOptions
from encoders.pictures import decoding
from encoders.pictures.sources import from_base64
from encoders.rerank import rerankers
from encoders.rerank.base import RerankerModel
from encoders.rerank.late import MaxSimReranker
from encoders.settings import GuideSettings
from flows import effects
from flows.banks import build_judge
from flows.encoding import encode_query, encode_tokens, encoder_of
from flows.errors import LegUnavailable
from flows.models import loading, running
from flows.pictures import prepare_picture

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import psycopg

    from db.defects.rows import LiveBank
    from db.spaces.rows import Space
    from encoders.anomaly.inspection import Judge
    from encoders.base import Picture
    from encoders.cited.base import CitedSource, Tell, WritingTask
    from encoders.ocr.base import OcrTextLine
    from encoders.settings import EncoderSettings
    from flows.effects import Flow

T = TypeVar("T")
# Whose rankings are kept here: no key's.
OWNER = "command line"


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

    def keep(self, used: tuning.Reranker, model: RerankerModel) -> None:
        """Keep a reranker that is loaded already, with the encoder that it scores by, if any."""
        self._models[_label(used)] = model
        if isinstance(model, MaxSimReranker):
            self._models[model.encoder.spec.identity] = model.encoder

    def close(self) -> None:
        """Close connections of models to servers."""
        for name in ("guide", "look"):
            if (client := self._models.get(name)) is not None:
                client.close()

    def _perform(self, effect: Any) -> Any:
        match effect:
            case Query():
                return fetch(self._conn, effect)
            case effects.Together(flows):
                return [self.run(flow) for flow in flows]
            case effects.Decode(data):
                return decoding.decode(from_base64(data) if isinstance(data, str) else data)
            case effects.Prepare(data):
                return prepare_picture(data)
            case effects.Atomic(make_steps):
                with self._conn.transaction():
                    return run(self._conn, make_steps())
            case effects.Compute(work, args):
                return work(*args)
            case effects.Forget():
                return None
            case _:
                return self._from_database(effect)

    def _from_database(self, effect: Any) -> Any:
        match effect:
            case effects.ListSpaces(collection):
                return fetch(self._conn, embedding.live_spaces(collection=collection))
            case effects.UsedReranker(collection, by_item):
                found = fetch(self._conn, tuning.reranker(collection=collection, by_item=by_item))
                return found[0] if found else None
            case effects.TestOffered():
                return (
                    None  # visitors come to the service; searches here are of whoever operates it
                )
            case effects.KeepRanking(collection, question, hits):
                return fetch(
                    self._conn,
                    listing.keep_ranking(
                        owner=OWNER, collection=collection, question=question, hits=hits
                    ),
                )[0].id
            case effects.ReadRanking(collection, ranking, skip, k):
                read = listing.read_ranking(
                    owner=OWNER, collection=collection, id=ranking, skip=skip, k=k
                )
                return next(iter(fetch(self._conn, read)), None)
            case _:
                return self._with_model(effect)

    def _with_model(self, effect: Any) -> Any:
        match effect:
            case effects.Encode(space, words, picture):
                return self._encoded(space, encode_query, words, picture)
            case effects.ReadText(picture):
                return self._read(auto.NAME, picture)
            case effects.EncodeTokens(space, words):
                return self._encoded(space, encode_tokens, words)
            case effects.ReadNumbers(collection, picture):
                return self._part_numbers(collection, picture)
            case effects.Score(used, words, texts):
                label = _label(used)
                model = self._model(label, label, partial(self._reranker, used))
                with running(label):
                    return model.score(words, texts).astype(np.float64)
            case effects.LoadJudge(bank):
                return self._judge(bank)
            case effects.LookAt(case, images):
                looker = self._model("look", "look", partial(look.build, self._guide))
                with running("look"):
                    return None if looker is None else looker.look(case, images)
            case effects.Write(task, sources, tell):
                return self._written(task, sources, tell)
            case _:
                raise TypeError(f"no effect: {type(effect).__name__}")

    def _encoded(self, space: Space, encode: Callable[..., Any], *query: Any) -> Any:
        label = f"encoder {space.encoder}"
        encoder = self._model(space.identity, label, partial(encoder_of, space, self._settings))
        with running(label):
            return encode(encoder, *query)

    def _model(self, key: str, label: str, build: Callable[[], Any]) -> Any:
        if key not in self._models:
            with loading(label):
                self._models[key] = build()
        return self._models[key]

    def _part_numbers(self, collection: str, picture: Picture) -> list[str] | None:
        (row,) = fetch(self._conn, picture_readers(collection=collection))
        name = row.picture_readers.get("ocr")
        if name is None:
            return None
        return part_numbers(self._read(name, picture))

    def _read(self, name: str, picture: Picture) -> Sequence[OcrTextLine]:
        options = OcrOptions(threads=self._settings.threads, models=self._settings.models_path)
        engine = self._model(f"ocr {name}", name, partial(build_ocr, name, options))
        with running(name):
            lines: Sequence[OcrTextLine] = engine.read([picture])[0].lines
            return lines

    def _written(
        self, task: WritingTask, sources: list[CitedSource], tell: Tell | None
    ) -> WritingOutcome:
        build = partial(writers.build, self._guide, *self._where)
        try:
            writer = self._model("guide", "guide", build)
        except LegUnavailable as exc:
            return WritingOutcome(None, str(exc))
        return writers.write(writer, task, sources, tell)

    def _judge(self, bank: LiveBank) -> Judge:
        key, label = f"bank {bank.bank_id}", f"backbone {bank.backbone}"
        if key not in self._models:
            build = partial(backbones.build, bank.backbone, *self._where)
            backbone = self._model(label, label, build)
            (content,) = fetch(self._conn, products.bank_content(bank_id=bank.bank_id))
            self._models[key] = build_judge(bank, content, backbone)
        judge: Judge = self._models[key]
        return judge

    def _reranker(self, used: tuning.Reranker) -> RerankerModel:
        spec = rerankers.spec(used.model, self._settings.models_path)
        rerankers.check_measured(spec, used.model, used.revision)
        return rerankers.build(spec, *self._where)

    @property
    def _where(self) -> tuple[Path, int | None]:
        """The folder of models, and threads per call."""
        return self._settings.models_path, self._settings.threads


def _label(used: tuning.Reranker) -> str:
    return f"{used.model} at {used.revision}"
