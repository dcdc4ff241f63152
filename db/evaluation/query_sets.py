"""Query sets, judgments and answers: bulk reading and writing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.calls.call import statement
from db.calls.query import Query
from db.calls.rows import Count, Id, NameRow
from db.evaluation.rows import (
    Cut,
    Document,
    Judgment,
    QueriesWritten,
    QueryRow,
    Ranking,
    Refused,
    Title,
    VectorWanted,
    judgment_columns,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.evaluation.rows import QueryIn


# Create a query set, or find it.
put_set = statement("eval", "put_set", Id, about="")
_put_queries = statement("eval", "put_queries", QueriesWritten, json=("rows",))
# Delete the judgments of a source.
drop_judgments = statement("eval", "drop_judgments", Count)
queries = statement("eval", "queries", QueryRow)
# Delete a set with its judgments and the runs that asked it.
drop = statement("eval", "drop_set", Count)
# The judgments of a source; None: the only one there is.
judgments = statement("eval", "judgments", Judgment, source=None)
# The answers of a run, as deep as its k.
rankings = statement("eval", "rankings", Ranking)
# Those of the runs that keep more than their k, at which measures without a depth stop.
cut = statement("eval", "cut", Cut)
# Vectors of queries that a run needs and that are not stored.
vectors_wanted = statement("eval", "vectors_wanted", VectorWanted)
# Record that a query could not be answered.
refuse = statement("eval", "refuse", Count)
# Queries of a run that could not be answered.
refused = statement("eval", "refused", Refused)
# External ids that no item has: none of a collection, or of any; with an empty title.
unknown_items = statement("eval", "unknown_items", Title, collection=None)
# A check that a set has judgments from a source; the error lists those it has.
judgment_source = statement("eval", "judgment_source", NameRow)
# A few words of each item.
titles = statement("eval", "titles", Title, chars=80)
# The items of a collection with their texts.
corpus = statement("eval", "corpus", Document)
_put_judgments = statement("eval", "put_judgments", Count)


def put_queries(*, set_id: int, queries: Sequence[QueryIn]) -> Query[QueriesWritten]:
    """Write queries; one whose external_id is there is changed."""
    return _put_queries(set_id=set_id, rows=queries)


def put_judgments(
    *,
    set_id: int,
    source: str,
    judgments: Sequence[Judgment],
    judge: str | None = None,
    pool: str | None = None,
) -> Query[Count]:
    """Write judgments of queries that are there; returns how many."""
    about = {"set_id": set_id, "source": source, "judge": judge, "pool": pool}
    return _put_judgments(**about, **judgment_columns(judgments))
