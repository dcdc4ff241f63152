"""Judgments, and results of evaluations."""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from db.evaluation.judging import PairAgreement, Reliability
from db.evaluation.proof import Complementarity, LegPair
from db.evaluation.rows import BlameShare, EvaluationRun, LegShare, Metric
from db.search.results import FoundPicture
from flows.evaluation.compare import Change, Comparison
from flows.search.request import LegIn, PictureIn

MAX_JUDGMENTS = 1000
MAX_PROFILES = 8

SourceName = Annotated[str, Meta(min_length=1, max_length=100)]
ExternalId = Annotated[str, Meta(min_length=1, max_length=500)]


class Candidate(Struct, frozen=True, kw_only=True):
    """An item to be judged. Ranks and scores are left out: they would sway who judges."""

    item_id: int
    external_id: str
    fields: dict[str, str]
    metadata: dict[str, Any]
    pictures: list[FoundPicture]


class ToJudge(Struct, frozen=True, kw_only=True):
    """A query with items that some profile found and that the source has not judged.

    Without `items` all that was found is judged: go on behind `query_id`. `open`: how many queries
    want judgments from this one on.
    """

    query_id: int
    query: str
    text: str | None
    picture_id: int | None
    like: str | None
    open: int
    pool: str
    items: list[Candidate]


class JudgmentIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The grade of an item for a query, both by external id: above 0 = relevant; `reason` in words."""

    query: ExternalId
    external_id: ExternalId
    grade: Annotated[int, Meta(ge=-9, le=30)]
    reason: Annotated[str, Meta(max_length=1000)] | None = None


class JudgmentsIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Judgments of one source; a later judgment replaces an earlier one."""

    judgments: Annotated[list[JudgmentIn], Meta(min_length=1, max_length=MAX_JUDGMENTS)]
    source: SourceName = "people"
    judge: SourceName | None = None
    pool: Annotated[str, Meta(max_length=1000)] = ""


class EvaluationOut(Struct, frozen=True, kw_only=True):
    """A run of an evaluation: its measures, causes of lost relevant items, and contribution of each leg."""

    run: EvaluationRun
    metrics: list[Metric]
    blame: list[BlameShare]
    legs: list[LegShare]


class LegsOut(Struct, frozen=True, kw_only=True):
    """The legs of a run beside each other; `overlap` has a row for each leg with each, itself too."""

    overlap: list[LegPair]
    whole: Complementarity


class SampleIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The recipe of a query set that is made from a collection.

    `by` is a key of the metadata. Versions: `all`, `by-category` (as many queries of each value of `by`),
    `no-nameplate` (of items with pictures that show none). `replace` a set that comes out otherwise.
    """

    query_set: Annotated[str, Meta(min_length=1, max_length=63)]
    collection: Annotated[str, Meta(min_length=1, max_length=63)]
    n: Annotated[int, Meta(ge=1, le=10_000)] = 300
    by: Annotated[str, Meta(min_length=1, max_length=500)] | None = None
    version: Literal["all", "by-category", "no-nameplate"] = "all"
    seed: Annotated[int, Meta(ge=0, le=10**9)] = 1
    filter: Annotated[str, Meta(max_length=10_000)] | None = None
    fields: list[str] | None = None
    replace: bool = False


class ProfileIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A way to fuse legs: weights by leg (lexical, identifier, a space); one without a weight has 1."""

    method: Literal["rrf", "weighted"] = "rrf"
    normalization: Literal["minmax", "zscore", "none"] = "minmax"
    k_rrf: Annotated[int, Meta(ge=0, le=100_000)] = 60
    weights: dict[str, Annotated[float, Meta(ge=0, le=1000)]] = {}
    note: Annotated[str, Meta(max_length=1000)] | None = None


class TrialIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The judged set that a profile is tried on; without `source` its only one."""

    query_set: Annotated[str, Meta(min_length=1, max_length=63)]
    source: SourceName | None = None
    measure: Annotated[str, Meta(min_length=1, max_length=20)] = "nDCG@10"


class LiveTestIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A profile to compare with the fusion in use, in answers to a share of the visitors.

    `most`: decided answers after which it ends without a winner. `policy`: a better profile goes to use
    (`activate`), or into the list of proposals (`propose`).
    """

    profile: Annotated[str, Meta(min_length=1, max_length=100)]
    share: Annotated[float, Meta(gt=0, le=1)] = 1.0
    most: Annotated[int, Meta(ge=10, le=10_000_000)] = 2000
    policy: Literal["propose", "activate"] = "propose"


class QueryAdd(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A query: its words, a picture (its file in base64, or the id of a stored one), or both."""

    query: Annotated[str, Meta(pattern=r"\S", max_length=10_000)] | None = None
    picture: PictureIn | None = None


class AnswersIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Answers to the words of a query: by name, lists of external_ids, the best first."""

    query: Annotated[str, Meta(pattern=r"\S", max_length=10_000)]
    rankings: Annotated[
        dict[str, Annotated[list[ExternalId], Meta(max_length=MAX_JUDGMENTS)]],
        Meta(max_length=MAX_PROFILES),
    ]
    source: SourceName = "people"
    measures: Annotated[tuple[str, ...], Meta(min_length=1, max_length=8)] = ("nDCG@10",)


class RunIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A query set to ask on a collection: by the fusion in use, a saved `profile`, or `legs` with weights."""

    collection: Annotated[str, Meta(min_length=1, max_length=63)]
    query_set: Annotated[str, Meta(min_length=1, max_length=63)]
    profile: Annotated[str, Meta(min_length=1, max_length=100)] | None = None
    method: Literal["rrf", "weighted"] | None = None
    legs: Annotated[list[LegIn], Meta(min_length=1, max_length=16)] | None = None
    label: Annotated[str, Meta(max_length=200)] = ""


class RunProgress(Struct, frozen=True, kw_only=True):
    """Progress of a run: queries of the set that were asked, of all; then the event `end` has it."""

    done: int
    all: int


class ComparisonOut(Struct, frozen=True, kw_only=True):
    """Two evaluations under one measure, and the queries that lost and gained most."""

    comparison: Comparison
    losses: list[Change]
    gains: list[Change]


class AgreementOut(Struct, frozen=True, kw_only=True):
    """Agreement of all judges of a set (Krippendorff's alpha), and of each two (Cohen's kappa)."""

    together: Reliability
    pairs: list[PairAgreement]
