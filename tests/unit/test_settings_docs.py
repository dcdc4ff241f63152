"""docs/settings.md lists every setting there is, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from db.errors import BadSettings
from db.settings import PREFIX, read
from jobs.config import HIDDEN, settings, structs

DOC = Path(__file__).parents[2] / "docs" / "settings.md"
ROW = re.compile(rf"^\| `({PREFIX}\w+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
VALUES = {"text": "text", "level": "debug", "integer": "7", "number": "0.5", "boolean": "true"}


def fields() -> dict[str, tuple[type[msgspec.Struct], msgspec.structs.FieldInfo]]:
    found = {}
    for kind in structs():
        for field in msgspec.structs.fields(kind):
            assert field.name not in found, f"two Structs read {PREFIX}{field.name.upper()}"
            found[field.name] = (kind, field)
    return found


def documented() -> dict[str, tuple[str, str]]:
    """Variable -> type and default, as the tables give them."""
    rows = ROW.findall(DOC.read_text(encoding="utf-8"))
    names = [row[0] for row in rows]
    assert len(names) == len(set(names)), f"documented twice: {names}"
    return {name: (kind, default) for name, kind, default, _meaning in rows}


def test_the_settings_are_found() -> None:
    assert {"DbSettings", "EncoderSettings"} <= {kind.__name__ for kind in structs()}


def test_every_setting_is_documented_and_no_unknown_one_is() -> None:
    assert documented().keys() == {PREFIX + name.upper() for name in fields()}


def test_no_row_of_the_tables_is_malformed() -> None:
    lines = DOC.read_text(encoding="utf-8").splitlines()
    assert sum(line.startswith(f"| `{PREFIX}") for line in lines) == len(documented())


@pytest.mark.parametrize("name", sorted(fields()))
def test_type_and_default_are_the_documented_ones(name: str) -> None:
    kind, field = fields()[name]
    variable = PREFIX + name.upper()
    type_, default = documented()[variable]
    value = field.default_factory() if callable(field.default_factory) else field.default
    shown = str(value).lower() if isinstance(value, bool) else str(value)
    assert default == ("unset" if value in (None, "") else f"`{shown}`")
    given = "5 4 * * *" if name.startswith("cron_") else VALUES[type_]
    assert getattr(read(kind, {variable: given}), name) == msgspec.convert(
        given, field.type, strict=False
    )
    if type_ != "text":
        with pytest.raises(Exception, match=variable):
            read(kind, {variable: "not of that type"})


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SEOGO_BACKUP_KEEP", "-1"),
        ("SEOGO_WORKER_LANES", "0"),
        ("SEOGO_WORKER_POLL_S", "-1"),
        ("SEOGO_WORKER_POLL_S", "nan"),
        ("SEOGO_WORKER_BATCH_S", "inf"),
        ("SEOGO_THREADS", "0"),
        ("SEOGO_POOL_MAX", "0"),
        ("SEOGO_CONNECT_TIMEOUT_S", "-5"),
        ("SEOGO_STATEMENT_TIMEOUT_S", "99999999"),
        ("SEOGO_CAPTION_TIMEOUT_S", "0"),
        ("SEOGO_ANALYSIS_DAYS", "0"),
    ],
)
def test_a_value_out_of_its_range_names_the_variable(variable: str, value: str) -> None:
    kind, _field = fields()[variable.removeprefix(PREFIX).lower()]
    with pytest.raises(BadSettings, match=f"^{variable}: "):
        read(kind, {variable: value})


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    low: int = 0
    high: int = 10
    odd: int = 1

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError("low is above high")
        if self.odd % 2 == 0:
            raise ValueError("odd is even")


def test_a_check_of_a_struct_of_its_own_names_the_variable() -> None:
    for given, named in (
        ({"SEOGO_ODD": "2", "SEOGO_LOW": "1"}, "SEOGO_ODD: odd is even"),
        ({"SEOGO_LOW": "11"}, "SEOGO_LOW: low is above high"),
        ({"SEOGO_LOW": "5", "SEOGO_HIGH": "2"}, "SEOGO_LOW, SEOGO_HIGH: low is above high"),
    ):
        with pytest.raises(BadSettings) as caught:
            read(Checked, given)
        assert str(caught.value) == named
        assert caught.value.hint


def test_settings_are_told_with_their_source_and_without_secrets() -> None:
    env = {
        "SEOGO_DATABASE_URL": "postgresql://ann:hunter2@h/db",
        "SEOGO_REPLICA_URLS": "postgresql://ann:hunter2@a/db host=b password=hunter2",
        "SEOGO_CAPTION_KEY": "hunter2",
        "SEOGO_POOL_MAX": "many",
        "SEOGO_POOL_MIN": "1",
        "SEOGO_THREADS": "",
    }
    found = {one.variable: one for one in settings(env)}
    assert not [one for one in found.values() if "hunter2" in str(msgspec.to_builtins(one))]
    assert found["SEOGO_DATABASE_URL"].value == "postgresql://ann:…@h/db"
    assert found["SEOGO_CAPTION_KEY"].value == HIDDEN
    assert found["SEOGO_POOL_MAX"].source == "invalid"
    assert "SEOGO_POOL_MAX" in found["SEOGO_POOL_MAX"].trouble
    assert "SEOGO_POOL_MAX" in found["SEOGO_POOL_MIN"].trouble  # did you mean
    assert found["SEOGO_THREADS"].source == "default"
    assert documented().keys() == found.keys() - {"SEOGO_POOL_MIN"}
