-- Indexes of lexemes, made when the documents are there, which is faster; and of the items too long for them.
-- The list of lexemes that are not sorted in yet is short, since every search reads it.
CREATE INDEX IF NOT EXISTS document_lexemes_idx ON core.document
    USING gin (impl.lexeme_vector(index_id, tokens)) WITH (gin_pending_list_limit = 512)
    WHERE NOT impl.is_long(tokens);
CREATE INDEX IF NOT EXISTS document_long_idx ON core.document (index_id) WHERE impl.is_long(tokens);
