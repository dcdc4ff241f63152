"""Values that a constraint refuses: a sentence about each, in the words of whoever gave it."""

from __future__ import annotations

from typing import TYPE_CHECKING, LiteralString

import pytest

from db import constraints, errors

if TYPE_CHECKING:
    from tests.sql.helpers import Conn


def test_every_rule_about_a_name_is_said_in_words(db: Conn) -> None:
    """Constraints are renamed and added by revisions: whoever gives a name gets a sentence for it."""
    rows = db.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'c'"
        " AND connamespace IN ('core'::regnamespace, 'ops'::regnamespace, 'eval'::regnamespace)"
    ).fetchall()
    there = {name for name, _ in rows}
    assert set(constraints.RULES) <= there
    named = {name for name, rule in rows if "~ '^" in rule or "length(" in rule}
    internal = {
        "api_key_prefix_check",
        "api_key_digest_check",
        "session_digest_check",
        "picture_bytes_check",
        "webhook_secret_secret_check",
        # Written by functions of ours alone.
        "event_kind_check",
        "delivery_error_check",
        "training_step_error_check",
    }
    assert {n for n in named if "octet" not in n} - set(constraints.RULES) <= internal | {
        "analysis_image_png_check"
    }


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        (
            "INSERT INTO eval.query_set (name) VALUES ('MS_MARCO')",
            "the query set's name cannot be that; wanted: a lower-case letter, then up to 62"
            " lower-case letters, digits, - and _",
        ),
        (
            "WITH c AS (SELECT ops.create_collection('defects')) SELECT ops.add_product('a b') FROM c",
            "the product's name cannot be that; wanted: a letter or digit, then up to 62 letters,"
            " digits, - and _; other names may be any",
        ),
        (
            "INSERT INTO core.picture (bytes, media_type, width, height, thumbnail)"
            " VALUES ('a', 'text/html', 1, 1, '')",
            "picture refuses a value by its rule picture_media_type_check",
        ),
    ],
)
def test_a_refused_value_is_told_in_words(db: Conn, statement: LiteralString, message: str) -> None:
    with pytest.raises(errors.BadRequest) as caught, errors.translated():
        db.execute(statement)
    assert str(caught.value) == message


def test_what_is_there_already_is_told_in_words(db: Conn) -> None:
    db.execute("INSERT INTO eval.query_set (name) VALUES ('a')")
    with pytest.raises(errors.BadRequest) as caught, errors.translated():
        db.execute("INSERT INTO eval.query_set (name) VALUES ('a')")
    assert str(caught.value) == "query_set has it already: Key (name)=(a) already exists."
