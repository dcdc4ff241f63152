"""What the first run leaves in a database, without ids and times: equal dumps are equal databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, LiteralString

if TYPE_CHECKING:
    import psycopg

TABLES: dict[str, LiteralString] = {
    "items": """
        SELECT c.name, i.external_id, i.fields, i.metadata, i.picture_fields, i.content_hash
        FROM core.item AS i JOIN core.collection AS c ON c.id = i.collection_id ORDER BY 1, 2""",
    "pictures": """
        SELECT encode(sha256, 'hex'), media_type, width, height, encode(sha256(thumbnail), 'hex')
        FROM core.picture ORDER BY 1""",
    "media": """
        SELECT i.external_id, m.role, m.position, m.name, encode(p.sha256, 'hex'), m.error
        FROM core.media AS m JOIN core.item AS i ON i.id = m.item_id
        LEFT JOIN core.picture AS p ON p.id = m.picture_id ORDER BY 1, 2, 3""",
    "readings": """
        SELECT encode(p.sha256, 'hex'), r.kind, r.wanted, r.reader, r.read_at IS NULL, r.error, r.notes
        FROM core.reading AS r JOIN core.picture AS p ON p.id = r.picture_id ORDER BY 1, 2""",
    "lines": """
        SELECT encode(p.sha256, 'hex'), l.line_no, l.box, l.text, l.normalized, l.confidence,
               l.group_no, l.engine
        FROM core.ocr_line AS l JOIN core.picture AS p ON p.id = l.picture_id ORDER BY 1, 2""",
    "captions": """
        SELECT encode(p.sha256, 'hex'), c.text, c.captioner, c.prompt
        FROM core.caption AS c JOIN core.picture AS p ON p.id = c.picture_id ORDER BY 1""",
    "identifiers": """
        SELECT i.external_id, d.source, d.raw, d.normalized, d.confidence
        FROM core.identifier AS d JOIN core.item AS i ON i.id = d.item_id ORDER BY 1, 2, 4""",
    "vectors": """
        SELECT i.external_id, s.name, s.identity, e.source, e.part_no, e.content_hash, e.vec::text
        FROM core.embedding AS e JOIN core.item AS i ON i.id = e.item_id
        JOIN ops.space AS s ON s.id = e.space_id ORDER BY 1, 2, 4, 5""",
    "queue": "SELECT count(*) FROM ops.outbox",
    "refused": """
        SELECT e.place, e.external_id, e.reason, e.record FROM ops.run_item_error AS e
        WHERE e.run_id = 1 ORDER BY 1, 3""",
    "run": "SELECT state, counts, cursor, error FROM ops.run WHERE id = 1",
}


def dump(conn: psycopg.Connection[Any]) -> dict[str, list[tuple[Any, ...]]]:
    """Everything, by kind."""
    return {name: conn.execute(statement).fetchall() for name, statement in TABLES.items()}


def versions(conn: psycopg.Connection[Any]) -> dict[str, list[tuple[Any, ...]]]:
    """Which version of each row there is: what was written again, even with the same values, differs."""
    tables = (
        "item",
        "media",
        "picture",
        "reading",
        "ocr_line",
        "identifier",
        "document",
        "embedding",
    )
    return {
        table: conn.execute(
            f"SELECT tableoid, ctid::text, xmin::text FROM core.{table} ORDER BY 1, 2".encode()
        ).fetchall()
        for table in tables
    }
