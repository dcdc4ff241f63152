"""What `db` does without a database: settings, URLs, rows, errors."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from db import errors
from db.connect import database_url, redacted
from db.items.rows import ItemIn
from db.items.validation import MAX_TEXT, unstorable
from db.search.legs import vector_text
from db.settings import DbSettings, read

# A type of its own, so that the conversion below is tested and not DbSettings' list of fields.


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    pool_max: int = 10
    loud: bool = False
    database_url: str | None = None


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, Sample()),
        ({"SEOGO_POOL_MAX": "3", "SEOGO_LOUD": "true"}, Sample(pool_max=3, loud=True)),
        ({"SEOGO_POOL_MAX": "", "SEOGO_DATABASE_URL": ""}, Sample()),
        ({"SEOGO_OTHER": "x", "POOL_MAX": "7"}, Sample()),
    ],
)
def test_settings_come_from_the_environment(environ: dict[str, str], expected: Sample) -> None:
    assert read(Sample, environ) == expected


@pytest.mark.parametrize("value", ["many", "3.5", "-"])
def test_a_setting_that_does_not_fit_is_named(value: str) -> None:
    with pytest.raises(errors.BadSettings, match="SEOGO_POOL_MAX: Expected `int`"):
        read(Sample, {"SEOGO_POOL_MAX": value})


def test_the_home_folder_is_where_it_was_put() -> None:
    assert DbSettings(home="/srv/seogo").home_path == Path("/srv/seogo")
    assert DbSettings(home="~/seogo").home_path == (Path.home() / "seogo").resolve()
    assert DbSettings().home_path.is_absolute()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ann:s3cret@db.example:5433/seogo",
        "postgresql:///seogo?host=/run/pg&user=ann&password=s3cret",
        "host=db.example user=ann password=s3cret sslpassword=s3cret",
        "host=db.example user=ann password='s3cret with \\' quote'",
    ],
)
def test_a_redacted_url_has_everything_but_the_password(url: str) -> None:
    assert database_url(DbSettings(database_url=url)) == url
    assert "s3cret" not in redacted(url)
    assert "user=ann" in redacted(url)


@pytest.mark.parametrize(
    "url", ["postgres//ann:s3cret@h", "postgresql://ann:s3cret%zz@h", "s3cret"]
)
def test_a_malformed_url_is_not_repeated(url: str) -> None:
    with pytest.raises(errors.BadSettings) as caught:
        database_url(DbSettings(database_url=url))
    assert "s3cret" not in f"{caught.value} {caught.value.hint}"
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        (psycopg.errors.UndefinedTable, errors.SchemaOutdated),
        (psycopg.errors.UndefinedFunction, errors.SchemaOutdated),
        (psycopg.errors.CheckViolation, errors.BadRequest),
        (psycopg.errors.AdminShutdown, errors.ServerUnreachable),
        (psycopg.errors.ConnectionFailure, errors.ServerUnreachable),
        (psycopg.OperationalError, errors.ServerUnreachable),
    ],
)
def test_errors_of_the_driver_become_ours(
    state: type[psycopg.Error], kind: type[errors.SeogoDbError]
) -> None:
    with pytest.raises(kind) as caught, errors.translated():
        raise state("the reason")
    assert isinstance(caught.value.__cause__, state)


@pytest.mark.parametrize(
    "state", [psycopg.errors.ForeignKeyViolation, psycopg.errors.QueryCanceled]
)
def test_other_errors_pass(state: type[psycopg.Error]) -> None:
    with pytest.raises(state), errors.translated():
        raise state("the reason")


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@given(texts, st.dictionaries(texts, texts), st.dictionaries(texts, values))
def test_items_without_nul_are_storable(
    key: str, fields: dict[str, str], metadata: dict[str, object]
) -> None:
    assert unstorable(ItemIn(external_id=key, fields=fields, metadata=metadata)) is None


@given(st.dictionaries(texts, values), values, st.sampled_from(["value", "key", "element"]))
def test_a_nul_is_found_wherever_it_hides(
    metadata: dict[str, object], beside: object, place: str
) -> None:
    hidden: object = {
        "value": {"a": [beside, {"b": "x\0"}]},
        "key": [beside, {"\0": beside}],
        "element": [[["\0"], beside]],
    }[place]
    item = ItemIn(external_id="P1", fields={}, metadata=metadata | {"zz": hidden})
    reason = unstorable(item)
    assert reason is not None
    assert reason.startswith("metadata.zz")
    assert "NUL" in reason


def test_a_text_at_the_limit_is_storable() -> None:
    assert unstorable(ItemIn(external_id="P1", fields={"a": "x" * MAX_TEXT})) is None
    reason = unstorable(ItemIn(external_id="P1", fields={"a": "x" * (MAX_TEXT + 1)}))
    assert reason == "fields.a: 1,000,001 characters; the limit is 1,000,000"


@given(st.lists(st.floats(-1, 1, width=32), min_size=1, max_size=40))
def test_the_text_form_of_a_vector_loses_nothing(numbers: list[float]) -> None:
    vec = np.array(numbers, dtype=np.float32)
    back = np.array(msgspec.json.decode(vector_text(vec)), dtype=np.float32)
    np.testing.assert_array_equal(back, vec)
