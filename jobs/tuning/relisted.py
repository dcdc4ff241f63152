"""The lists of a run with the lexical list under other settings of BM25."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from db.evaluation.tuning import LegList
from jobs.tuning.lists import arrays

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from db.evaluation.tuning import Answer, Bm25
    from jobs.tuning.bm25 import Texts, Top
    from jobs.tuning.lists import Grades, Lists


class Material(NamedTuple):
    """The answers of a run, of which one list can be replaced."""

    answers: Sequence[Answer]
    given: Sequence[LegList]
    truth: Grades
    leg: str
    depth: int
    texts: Texts

    def replaced(self, settings: Bm25) -> Lists:
        """Compute the lists under other settings of BM25."""
        tops = dict(zip(self.texts.queries, self.texts.best(settings, self.depth), strict=True))
        answers = {one.query: self._with(one, tops[one.query]) for one in self.answers}
        others = [one for one in self.given if one.leg != self.leg]
        given = [_longer(one, len(answers[one.query].item_ids)) for one in others]
        given += [_listed(self.leg, one, tops[query]) for query, one in answers.items()]
        lists = arrays(answers.values(), sorted(given, key=lambda one: one.leg), self.truth)
        # What the list alone had, and has no more, is found no more.
        listed: NDArray[np.bool_] = np.any(np.isfinite(lists.ranks), axis=2)
        return lists._replace(listed=listed)

    def _with(self, answer: Answer, top: Top) -> Answer:
        """Add the missing items of a list to an answer, but not the query's own item."""
        known = {*answer.item_ids, self.texts.own.get(answer.query)}
        more = [item for item in map(int, top.ids) if item not in known]
        names = [self.texts.external_ids[item] for item in more]
        return msgspec.structs.replace(
            answer, external_ids=[*answer.external_ids, *names], item_ids=[*answer.item_ids, *more]
        )


def _longer(one: LegList, n: int) -> LegList:
    missing = [None] * (n - len(one.ranks))
    ranks, scores = [*one.ranks, *missing], [*one.scores, *missing]
    return msgspec.structs.replace(one, ranks=ranks, scores=scores)


def _listed(leg: str, answer: Answer, top: Top) -> LegList:
    place = {int(item): at for at, item in enumerate(top.ids)}
    at = [None if item is None else place.get(item) for item in answer.item_ids]
    scores = top.scores
    return LegList(
        query=answer.query,
        leg=leg,
        ranks=[None if n is None else n + 1 for n in at],
        scores=[None if n is None else float(scores[n]) for n in at],
        low=float(scores.min()) if len(scores) else None,
        high=float(scores.max()) if len(scores) else None,
        deviation=float(scores.std()) if len(scores) else None,
    )
