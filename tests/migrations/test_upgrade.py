from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from db import ahead, migrate, renewal, sqlfiles
from db.errors import SeogoDbError
from db.server import embedded
from tests.conftest import fresh_database
from tests.lexical import support

RELEASED = "0020"  # of 0.2.0


def dump(url: str) -> str:
    """The schema as pg_dump writes it, without what differs between two runs of pg_dump."""
    done = subprocess.run(
        [embedded.binary("pg_dump"), "--schema-only", url],
        check=True,
        capture_output=True,
        text=True,
    )
    return "\n".join(
        line
        for line in done.stdout.splitlines()
        if not line.startswith(("\\restrict", "\\unrestrict", "--"))
    )


def test_upgrade_twice_is_a_no_op(empty_db_url: str) -> None:
    first = migrate.upgrade(empty_db_url)
    before = dump(empty_db_url)
    second = migrate.upgrade(empty_db_url)
    assert first.before is None
    assert first.after == migrate.head_revision()
    assert len(first.applied) == len(sqlfiles.repeatable())
    assert second == migrate.UpgradeReport(first.after, first.after, [])
    assert dump(empty_db_url) == before


@pytest.fixture(scope="module")
def fresh(server_url: str, template: str) -> str:
    """Schema of a fresh install."""
    with fresh_database(server_url, template) as url:
        return dump(url)


# Each goes through all revisions behind the one that it begins with: that only says where it stopped once.
@pytest.mark.parametrize(
    "revision", sorted({*migrate.revisions()[::5], RELEASED, *migrate.revisions()[-2:]})
)
def test_upgrade_from_a_revision_equals_a_fresh_install(
    empty_db_url: str, fresh: str, revision: str
) -> None:
    migrate.upgrade(empty_db_url, revision)
    report = migrate.upgrade(empty_db_url)
    assert report.before == revision
    assert dump(empty_db_url) == fresh


def test_a_changed_or_dropped_function_is_applied_again(db_url: str) -> None:
    with psycopg.connect(db_url, autocommit=True) as conn:
        conn.execute("DROP FUNCTION impl.fold_text")
        conn.execute("UPDATE ops.sql_object SET sha256 = 'older' WHERE object = 'search.hybrid'")
        assert migrate.pending(conn) == [
            "sql/10_analyze/impl.fold_text.sql",
            "sql/40_fusion/search.hybrid.sql",
        ]
    report = migrate.upgrade(db_url)
    assert [p.rpartition("/")[2] for p in report.applied] == [
        "impl.fold_text.sql",
        "search.hybrid.sql",
    ]


def test_a_moved_file_is_followed_and_its_object_stays(db_url: str) -> None:
    with psycopg.connect(db_url, autocommit=True) as conn:
        paths = "SELECT array_agg(path ORDER BY path) FROM ops.sql_object"
        before = conn.execute(paths).fetchone()
        conn.execute(
            "UPDATE ops.sql_object SET path = '60_old/' || object || '.sql' WHERE path ~ '^6'"
        )
        names = conn.execute(
            "SELECT count(*) FROM ops.sql_object WHERE path ~ '^60_old'"
        ).fetchone()
        report = migrate.upgrade(db_url)
        assert names == (len(report.applied),)
        assert conn.execute(paths).fetchone() == before
        assert conn.execute("SELECT to_regproc('ops.claim_batch') IS NOT NULL").fetchone() == (
            True,
        )
        assert migrate.pending(conn) == []


def test_a_failing_upgrade_leaves_nothing_behind(
    empty_db_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = sqlfiles.SqlFile(
        "99_x/search.broken.sql", "CREATE FUNCTION search.broken() RETURNS nonsense", "0"
    )
    files = [*sqlfiles.repeatable(), broken]
    monkeypatch.setattr(migrate, "repeatable", lambda: files)
    with pytest.raises(SeogoDbError, match=r"search\.broken\.sql"):
        migrate.upgrade(empty_db_url)
    with psycopg.connect(empty_db_url) as conn:
        assert migrate.current_revision(conn) is None
        assert conn.execute("SELECT to_regnamespace('core')").fetchone() == (None,)


def test_upgrades_at_the_same_time_do_the_work_once(empty_db_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(migrate.upgrade, [empty_db_url] * 4))
    assert sorted(r.before is None for r in reports) == [False, False, False, True]
    assert sum(len(r.applied) for r in reports) == len(sqlfiles.repeatable())


# What revision 0014 has of two items, one of them after a change of weights that is not in force yet.
OLD_ITEMS = """
INSERT INTO core.collection (name, analyzer, field_weights) VALUES
    ('c', 'korean', '{}'), ('d', 'simple', '{}');
INSERT INTO core.lexical_index (collection_id, analyzer, field_weights, status)
    SELECT id, analyzer, jsonb '{}', 'live' FROM core.collection
    UNION ALL SELECT id, analyzer, '{"t": 2}', 'building' FROM core.collection WHERE name = 'd';
INSERT INTO core.item (collection_id, external_id, fields)
    SELECT id, name || '1', jsonb_build_object('t', repeat('pump valve ', 300) || 'pump seal 1,000 HD1800-S7')
    FROM core.collection;
INSERT INTO core.lexdoc (index_id, item_id, fields_hash, length, lexemes, tfs, tsv)
    SELECT x.id, i.id, md5(i.fields::text)::uuid, 1, '{stale}', '{1}', to_tsvector('simple', 'stale word')
    FROM core.lexical_index AS x JOIN core.item AS i ON i.collection_id = x.collection_id;
INSERT INTO core.posting_block (index_id, lexeme, n, tf_max, length_min, docs, tfs, lengths)
    SELECT index_id, 'stale', 1, 1, 1, ARRAY[id], '{1}', '{1}' FROM core.lexdoc;
INSERT INTO core.segment (index_id, n_docs, sum_length) SELECT id, 1, 1 FROM core.lexical_index;
"""


def test_an_upgrade_analyses_the_items_that_are_there_anew(empty_db_url: str) -> None:
    migrate.upgrade(empty_db_url, "0014")
    with psycopg.connect(empty_db_url, autocommit=True) as conn:
        conn.execute(OLD_ITEMS)
    migrate.upgrade(empty_db_url)
    with psycopg.connect(empty_db_url, autocommit=True) as conn:
        for collection in ("c", "d"):
            for query in ('"pump seal 1000"', "HD18*", "1,000"):
                found = "SELECT count(*) FROM search.phrase(%s, %s)"
                assert conn.execute(found, (collection, query)).fetchone() == (1,)
            assert support.found(conn, collection, "stale") == []
            assert support.found(conn, collection, "1000") == [f"{collection}1"]
            support.check_equals_rebuild(conn, collection)
        # One that was being built is built, too.
        assert support.column(conn, "SELECT status FROM core.lexical_index") == ["live", "live"]
        assert support.found(conn, "d", "1000") == ["d1"]


# What revision 0020 has of three items.
ITEMS_OF_0020 = """
INSERT INTO core.collection (name, analyzer, field_weights) VALUES ('c', 'korean', '{"t": 2}');
INSERT INTO core.lexical_index (collection_id, analyzer, field_weights)
    SELECT id, analyzer, field_weights FROM core.collection;
INSERT INTO core.item (collection_id, external_id, fields)
    SELECT c.id, n::text, jsonb_build_object('t', 'pump ' || n, 'u', '진공')
    FROM core.collection AS c, generate_series(1, 7) AS n;
INSERT INTO core.lexdoc (index_id, item_id, fields_hash, length, lexemes, tfs, tokens)
    SELECT x.id, i.id, md5(i.fields::text)::uuid, 1, '{stale}', '{1}', ' stale '
    FROM core.lexical_index AS x JOIN core.item AS i ON i.collection_id = x.collection_id;
"""


def test_a_new_index_is_built_beside_the_old_one_and_goes_on_where_it_was(
    empty_db_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate.upgrade(empty_db_url, "0020")
    monkeypatch.setattr(ahead, "STEP_ITEMS", 3)
    steps: list[int] = []

    def stop(_what: str, items: int) -> None:
        steps.append(items)
        if items:
            raise KeyboardInterrupt

    with psycopg.connect(empty_db_url, autocommit=True) as conn:
        conn.execute(ITEMS_OF_0020)
        with pytest.raises(KeyboardInterrupt):
            migrate.upgrade(empty_db_url, on_step=stop)
        assert migrate.current_revision(conn) == "0020"
        assert support.one(conn, "SELECT count(*) FROM core.lexdoc") == 7  # the old one answers
        assert support.one(conn, "SELECT count(*) FROM core.document") == 3
        conn.execute("UPDATE core.item SET fields = '{\"t\": \"changed\"}' WHERE external_id = '1'")
        conn.execute("DELETE FROM core.item WHERE external_id = '2'")
        steps.clear()
        migrate.upgrade(empty_db_url, on_step=lambda _what, items: steps.append(items))
        assert [items for items in steps if items] == [3, 1]
        assert support.one(conn, "SELECT to_regclass('core.lexdoc')") is None
        assert support.found(conn, "c", "changed") == ["1"]
        assert sorted(support.found(conn, "c", "pump")) == ["3", "4", "5", "6", "7"]
        support.check_equals_rebuild(conn, "c")


def test_an_index_of_older_analyzers_is_built_anew_behind_the_upgrade(
    db_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Searches go on with the old one; interrupted, it goes on; an index that is up to date stays."""
    monkeypatch.setattr(renewal, "STEP_ITEMS", 3)

    def stop(_what: str, _items: int) -> None:
        raise KeyboardInterrupt

    with psycopg.connect(db_url, autocommit=True) as conn:
        for name in ("old", "today", "empty"):
            conn.execute("SELECT ops.create_collection(%s, 'korean')", (name,))
        for name in ("old", "today"):
            conn.execute(
                "SELECT FROM ops.upsert_items(%s, (SELECT jsonb_agg(jsonb_build_object("
                "'external_id', n::text, 'fields', jsonb_build_object('t', 'valve ½ inch')))"
                " FROM generate_series(1, 7) AS n))",
                (name,),
            )
        version = support.one(conn, "SELECT impl.analyzer_version()")
        (backfill,) = [
            f.text for f in sqlfiles.repeatable() if f.path.endswith("/lexical_backfill.sql")
        ]
        assert f"For analyzer version {version}:" in backfill
        conn.execute("UPDATE core.lexical_index SET analyzer_version = 0 WHERE collection_id <> 2")
        assert support.one(conn, "SELECT impl.renew_indexes()") == 1
        assert support.one(conn, "SELECT impl.renew_indexes()") == 0
        before = support.one(conn, "SELECT (impl.live_index('old')).id")
        with pytest.raises(KeyboardInterrupt):
            migrate.upgrade(db_url, on_step=stop)
        assert support.one(conn, "SELECT (impl.live_index('old')).id") == before
        assert support.found(conn, "old", "valve") == [str(n) for n in range(1, 8)]
        migrate.upgrade(db_url)
        assert support.column(conn, "SELECT DISTINCT analyzer_version FROM core.lexical_index") == [
            support.one(conn, "SELECT impl.analyzer_version()")
        ]
        assert support.one(conn, "SELECT count(*) FROM core.lexical_index") == 3
        assert support.one(conn, "SELECT (impl.live_index('old')).id") != before
        assert len(support.found(conn, "old", "1/2inch")) == 7
        support.check_equals_rebuild(conn, "old")


def test_revision_files_are_named_by_the_rule() -> None:
    from importlib.resources import files

    names = sorted(
        f.name for f in (files("migrations") / "versions").iterdir() if f.name.endswith(".py")
    )
    import re

    for at, name in enumerate(names, start=1):
        assert re.fullmatch(rf"{at:04d}_(pre|post)_[a-z0-9_]+\.py", name), name


def test_pictures_of_phones_become_jpeg(empty_db_url: str) -> None:
    """They were kept as `image/mpo`, which browsers do not show."""
    (path,) = (Path(__file__).parents[2] / "migrations" / "versions").glob("*_jpeg_of_phones.py")
    before = f"{int(path.name[:4]) - 1:04}"
    migrate.upgrade(empty_db_url, before)
    with psycopg.connect(empty_db_url, autocommit=True) as conn:
        for content, kind in ((b"a", "image/mpo"), (b"b", "image/png")):
            conn.execute(
                "INSERT INTO core.picture (bytes, media_type, width, height) VALUES (%s, %s, 1, 1)",
                (content, kind),
            )
        migrate.upgrade(empty_db_url)
        kinds = conn.execute("SELECT media_type FROM core.picture ORDER BY bytes").fetchall()
    assert kinds == [("image/jpeg",), ("image/png",)]


def test_numbers_get_the_keys_of_today(empty_db_url: str) -> None:
    """Also where some items were written, and got them, before the others."""
    migrate.upgrade(empty_db_url)
    with psycopg.connect(empty_db_url, autocommit=True) as conn:
        conn.execute("SELECT ops.create_collection('c', 'korean', '{}', '{no}')")
        conn.execute(
            "SELECT FROM ops.upsert_items('c', (SELECT jsonb_agg(jsonb_build_object('external_id', n::text,"
            " 'metadata', jsonb_build_object('no', 'TMP-34' || n))) FROM generate_series(10, 20) AS n))"
        )
        conn.execute(
            "UPDATE core.identifier SET keys = '{<TMP,>TMP,>TM}' WHERE normalized <> 'TMP3410'"
        )
        conn.execute("UPDATE ops.sql_object SET sha256 = 'older' WHERE object = 'search.hybrid'")
        migrate.upgrade(empty_db_url)
        assert support.column(
            conn,
            "SELECT count(*) FROM core.identifier AS d, impl.item_numbers(d.raw) AS n WHERE d.keys = n.keys",
        ) == [11]


def test_frequencies_kept_as_two_arrays_become_one_object(empty_db_url: str) -> None:
    """Databases that had revision 0021 before its release."""
    migrate.upgrade(empty_db_url, "0021")
    with psycopg.connect(empty_db_url, autocommit=True) as conn:
        conn.execute(
            "ALTER TABLE core.document DROP COLUMN terms, ADD lexemes text[], ADD tfs real[];"
            "ALTER TABLE core.lexical_chunk DROP COLUMN doc_n;"
            "INSERT INTO core.document (item_id, fields_hash, index_id, length, tokens, lexemes, tfs)"
            " VALUES (1, 0, 1, 2, ' a  b ', '{a,b}', '{1,0.5}')"
        )
        migrate.upgrade(empty_db_url)
        assert conn.execute("SELECT terms FROM core.document").fetchall() == [({"a": 1, "b": 0.5},)]
        columns = (
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND NOT attisdropped"
        )
        kept = {name for (name,) in conn.execute(columns, ("core.document",))}
        assert not kept & {"lexemes", "tfs"}
        assert "doc_n" in {name for (name,) in conn.execute(columns, ("core.lexical_chunk",))}
