"""Evaluation runs and their metrics: the public functions of the schema `eval`, and its views."""

from __future__ import annotations

from db.calls.call import function, scalar, statement
from db.calls.rows import Count
from db.evaluation.rows import (
    Answered,
    Blame,
    BlameShare,
    EvaluationRun,
    Finished,
    GroupShare,
    HardNegative,
    HistoryPoint,
    LanguageShare,
    LegShare,
    MeasuredRankings,
    Metric,
    QueryMetric,
    RunMetric,
    Source,
    Started,
)

# `legs` without vectors; None is the function's default, an empty list a foreign run.
start_run = scalar("eval.start_run", Started)
# `query_vecs` maps spaces to vectors in pgvector's text form.
answer = function("eval.answer", Answered, json=("query_vecs",))
# How many items are kept.
store_ranking = scalar("eval.store_ranking", Count)
finish_run = function("eval.finish_run", Finished)
# In the order of the measures, then of the queries.
query_metrics = function("eval.query_metrics", QueryMetric)
metrics = function("eval.metrics", Metric)
# `rankings` are `{"found": [id, …], "relevant": {id: grade}}`, one per query.
measure_rankings = function("eval.measure_rankings", MeasuredRankings, json=("rankings",))
blame = function("eval.blame", Blame)
blame_table = function("eval.blame_table", BlameShare)
history = function("eval.history", HistoryPoint)
leg_table = function("eval.leg_table", LegShare)
language_table = function("eval.language_table", LanguageShare)
# `path` is a key of the metadata, or keys separated by dots.
group_table = function("eval.group_table", GroupShare)
# `query_vec` is float32 of shape (dim,); None: by words alone.
hard_negatives = function("eval.hard_negatives", HardNegative)

# One run, or an error that names it.
run = statement("eval", "run", EvaluationRun)
# Of all query sets or of one, the oldest first.
runs = statement("eval", "runs", EvaluationRun, query_set=None)
# The finished runs of a set beside each other.
run_metrics = statement("eval", "run_metrics", RunMetric)
sources = statement("eval", "sources", Source)
# Delete a run with all its answers.
drop_run = statement("eval", "drop_run", Count)
