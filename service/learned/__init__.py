"""What was learned without anybody's judgment: fusions, queries without answers, proposed synonyms."""
