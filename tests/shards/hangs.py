"""What hangs on items beside their vectors: made on a shard, and told as text to compare."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.shards.conftest import Conn

# Of every item on a shard: a nameplate of its own, a photo that two share, and all that is said of both.
MAKE = """
SELECT ops.set_media(i.id, jsonb_build_array(
    jsonb_build_object('role', 'photo', 'position', 0, 'name', 'p.png', 'picture_id',
        ops.store_picture(convert_to('photo ' || i.id / 2, 'UTF8'), 'image/png', 2, 2, 'thumb')),
    jsonb_build_object('role', 'nameplate', 'position', 0, 'name', 'n.png', 'picture_id',
        ops.store_picture(convert_to('plate ' || i.id, 'UTF8'), 'image/png', 2, 2)),
    jsonb_build_object('role', 'other', 'position', 0, 'name', 'o.png', 'error', 'no file')))
FROM core.item AS i WHERE i.collection_id = impl.named_collection('{c}') ORDER BY i.id;
INSERT INTO core.reading (picture_id, kind, wanted)
SELECT DISTINCT m.picture_id, k, 'dummy' FROM core.media AS m JOIN core.item AS i ON i.id = m.item_id,
    unnest('{{ocr,caption}}'::text[]) AS k
WHERE i.collection_id = impl.named_collection('{c}') AND m.role = 'nameplate';
SELECT ops.store_ocr(r.picture_id, r.enqueued_at, 'dummy@1', jsonb_build_array(jsonb_build_object(
           'line_no', 0, 'box', '{{0,0,1,0,1,1,0,1}}'::real[], 'text', 'Zq' || r.picture_id,
           'normalized', 'zq', 'confidence', 0.9, 'group_no', 0, 'engine', 'dummy')),
       jsonb_build_array(jsonb_build_object('label', 'part_number', 'raw', 'ZQ-' || r.picture_id % 1000,
                                            'confidence', 0.9)), '{{}}')
FROM core.reading AS r JOIN core.media AS m ON m.picture_id = r.picture_id
JOIN core.item AS i ON i.id = m.item_id AND i.collection_id = impl.named_collection('{c}')
WHERE r.kind = 'ocr';
SELECT ops.store_caption(r.picture_id, r.enqueued_at, 'a caption', 'dummy@1', 'parts@1')
FROM core.reading AS r JOIN core.media AS m ON m.picture_id = r.picture_id
JOIN core.item AS i ON i.id = m.item_id AND i.collection_id = impl.named_collection('{c}')
WHERE r.kind = 'caption' AND r.picture_id % 2 = 0;
SELECT ops.store_caption(r.picture_id, r.enqueued_at, 'a later caption', 'dummy@2', 'parts@1')
FROM core.reading AS r JOIN core.caption AS c ON r.kind = 'caption' AND c.picture_id = r.picture_id
WHERE r.picture_id % 4 = 0;
INSERT INTO core.item_caption (item_id, wanted, pictures, made_at, text, of_pictures)
SELECT i.id, 'parts', impl.item_pictures(i.id), now(), 'both', impl.item_pictures(i.id)
FROM core.item AS i WHERE i.collection_id = impl.named_collection('{c}');
INSERT INTO core.summary (item_id, space_id, source, content_hash, model, prompt, tokens, text)
SELECT i.id, (impl.live_space('text')).id, 'item', i.content_hash, 'm', 'p', 3, 'short'
FROM core.item AS i WHERE i.collection_id = impl.named_collection('{c}');
INSERT INTO ops.contradiction (collection_id, item_id, rule, subject, picture_id, other_item_id, score,
                               evidence, state, decided_at, decided_by)
SELECT i.collection_id, i.id, 'duplicate', md5(i.id::text)::uuid, m.picture_id, o.id, 1,
       jsonb_build_object('other', o.external_id), 'accepted', now(), 'mina'
FROM core.item AS i JOIN core.media AS m ON m.item_id = i.id AND m.role = 'photo'
CROSS JOIN LATERAL (SELECT n.id, n.external_id FROM core.item AS n WHERE n.collection_id = i.collection_id
                    AND n.id <> i.id ORDER BY n.id DESC LIMIT 1) AS o
WHERE i.collection_id = impl.named_collection('{c}');
SELECT ops.keep_opinion('{c}', i.id, md5('x')::uuid, 'm', CASE WHEN i.id % 2 = 0 THEN 'a motor' END)
FROM core.item AS i WHERE i.collection_id = impl.named_collection('{c}');
INSERT INTO core.citation (item_id, cited_id, place, cited)
SELECT i.id, o.id, 1, '제1조' FROM core.item AS i JOIN core.item AS o ON o.collection_id = i.collection_id
WHERE i.collection_id = impl.named_collection('{c}') AND o.id <> i.id;
INSERT INTO ops.query_click (expires_at, collection_id, item_id, external_id, query, rank, visit)
SELECT now() + interval '1 day', i.collection_id, i.id, i.external_id, 'pump', 2, md5('{c}' || i.id)
FROM core.item AS i WHERE i.collection_id = impl.named_collection('{c}')
"""
TOLD = """SELECT i.external_id, impl.item_extras(i.id)::text || i.picture_fields::text || i.updated_at
                 || (SELECT string_agg(k.normalized, ' ' ORDER BY k.normalized) FROM core.identifier AS k
                     WHERE k.item_id = i.id)
FROM core.item AS i WHERE i.collection_id = impl.named_collection(%s)"""


def hang(conn: Conn, collection: str) -> None:
    """Hang rows of every kind on the items of a collection that are here."""
    conn.execute(MAKE.format(c=collection).encode())


def told(conn: Conn, collection: str) -> dict[str, str]:
    """Rows that hang on each item that is here, and what is derived from them."""
    return dict(conn.execute(TOLD, (collection,)).fetchall())
