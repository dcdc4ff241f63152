"""Learning without anybody's judgment: fusions, queries without answers, proposed synonyms."""
