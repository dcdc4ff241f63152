-- Adds items to an inverted index: a forward row per item, posting blocks, a segment row. Items already in it
-- are left alone. Only INSERT is used, so writers never wait for one another here. Postings of a lexeme are
-- ordered by impact, so that a query reads the important blocks first. Returns the number of items added.
-- Batches of some thousand items bound the memory of a large COPY.
--   SELECT impl.lexical_add(1, ARRAY[1, 2, 3]);
CREATE OR REPLACE FUNCTION impl.lexical_add(index_id int, item_ids bigint[])
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    batch_n CONSTANT int := 4000;
    tsvector_octets CONSTANT int := 1000000;
    batch bigint[];
    added bigint;
    total bigint := 0;
BEGIN
    FOR start IN 1 .. coalesce(cardinality(item_ids), 0) BY batch_n LOOP
        batch := item_ids[start : start + batch_n - 1];
        WITH field AS MATERIALIZED (
            SELECT i.id AS item_id, t.name, t.weight, t.tokens
            FROM core.lexical_index AS x
            JOIN core.item AS i ON i.collection_id = x.collection_id
            CROSS JOIN LATERAL impl.lexical_fields(x.analyzer, x.field_weights,
                                                   i.fields || i.picture_fields) AS t
            WHERE x.id = lexical_add.index_id AND i.id = ANY (batch)
        ),
        term AS (
            SELECT f.item_id, t.lexeme COLLATE "C" AS lexeme, sum(f.weight)::real AS tf
            FROM field AS f CROSS JOIN LATERAL unnest(f.tokens) AS t(lexeme) GROUP BY f.item_id, t.lexeme
        ),
        forward AS (
            -- Lexemes are sorted, for the binary search of impl.bm25_scores.
            -- The length is rounded once, here: block and forward row must give the same score.
            SELECT item_id, sum(tf::float8)::real AS length, sum(octet_length(lexeme)) AS octets,
                   array_agg(lexeme ORDER BY lexeme) AS lexemes, array_agg(tf ORDER BY lexeme) AS tfs
            FROM term GROUP BY item_id
        ),
        spelt AS (
            SELECT f.item_id, string_agg(' ' || array_to_string(f.tokens, ' ') || ' ',
                                         E'\n' ORDER BY f.name COLLATE "C") AS tokens
            FROM field AS f WHERE f.tokens <> '{}' GROUP BY f.item_id
        ),
        doc AS (
            -- A tsvector may not pass 1 MB; without one, search.phrase looks into the tokens themselves.
            INSERT INTO core.lexdoc AS d (index_id, item_id, fields_hash, length, lexemes, tfs, tokens, tsv)
            SELECT lexical_add.index_id, i.id, md5((i.fields || i.picture_fields)::text)::uuid,
                   coalesce(f.length, 0), coalesce(f.lexemes, '{}'),
                   coalesce(f.tfs, '{}'), coalesce(s.tokens, ''),
                   CASE WHEN coalesce(f.octets, 0) <= tsvector_octets
                        THEN array_to_tsvector(coalesce(f.lexemes, '{}')) END
            FROM core.item AS i LEFT JOIN forward AS f ON f.item_id = i.id
            LEFT JOIN spelt AS s ON s.item_id = i.id
            WHERE i.id = ANY (batch)
            ON CONFLICT DO NOTHING
            RETURNING d.id, d.length, d.lexemes, d.tfs
        ),
        mean AS (
            SELECT greatest(avg(length), 1) AS length FROM doc
        ),
        posting AS (
            SELECT p.lexeme, d.id, p.tf, d.length,
                   row_number() OVER (PARTITION BY p.lexeme ORDER BY
                       impl.posting_impact(p.tf, d.length, mean.length) DESC, d.id) AS at
            FROM doc AS d CROSS JOIN mean CROSS JOIN LATERAL unnest(d.lexemes, d.tfs) AS p(lexeme, tf)
        ),
        block AS (
            INSERT INTO core.posting_block (index_id, lexeme, n, tf_max, length_min, docs, tfs, lengths)
            SELECT lexical_add.index_id, p.lexeme, count(*), max(p.tf), min(p.length), array_agg(p.id),
                   array_agg(p.tf), array_agg(p.length)
            FROM posting AS p GROUP BY p.lexeme, impl.block_of(p.at)
        ),
        segment AS (
            INSERT INTO core.segment (index_id, n_docs, sum_length)
            SELECT lexical_add.index_id, count(*), sum(length::float8) FROM doc HAVING count(*) > 0
        )
        SELECT count(*) INTO added FROM doc;
        total := total + added;
    END LOOP;
    RETURN total;
END $$;

COMMENT ON FUNCTION impl.lexical_add(int, bigint[]) IS
    'Adds items to an inverted index; those already in it are left alone.';
