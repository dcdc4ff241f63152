-- Index of deletion keys: words near to a mistyped one (impl.near_words).
CREATE INDEX IF NOT EXISTS word_typo_idx ON core.word USING gin (impl.typo_keys(vocabulary_id, word));
