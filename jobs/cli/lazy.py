"""Lazy command groups: modules are imported when a command is called, not for the help."""

from __future__ import annotations

import importlib
from collections import UserDict
from typing import TYPE_CHECKING, Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

if TYPE_CHECKING:
    from collections.abc import Iterable


class LazyEntry(NamedTuple):
    """A command of the list: its name, where it is (`module:function`, or `module:app`), what it does.

    `about` is the first paragraph of the command's own help, which a test holds it to.
    """

    name: str
    place: str
    panel: str
    about: str

    def load(self) -> Any:
        """Import the module and make the command."""
        module, _, attribute = self.place.partition(":")
        found = getattr(importlib.import_module(module), attribute)
        parent = typer.Typer(add_completion=False, rich_markup_mode="rich")
        parent.callback()(_nothing)  # even one command is then a command of a group
        if isinstance(found, typer.Typer):
            parent.add_typer(found, name=self.name, rich_help_panel=self.panel)
        else:
            parent.command(self.name, rich_help_panel=self.panel)(found)
        return get_command(parent).commands[self.name]  # type: ignore[attr-defined]

    def stub(self) -> TyperCommand:
        """A command with name and help only, for the list of commands."""
        return TyperCommand(self.name, help=self.about, rich_help_panel=self.panel)


class _Loaded(UserDict[str, Any]):
    """Commands by name, each imported on first access."""

    def __getitem__(self, name: str) -> Any:
        found = super().__getitem__(name)
        if isinstance(found, LazyEntry):
            found = self.data[name] = found.load()
        return found


class LazyGroup(TyperGroup):
    """The group over all commands; subclasses name their entries."""

    entries: tuple[LazyEntry, ...] = ()

    def __init__(self, **settings: Any) -> None:
        """Nothing is imported yet."""
        super().__init__(**settings)
        self.commands = _Loaded({entry.name: entry for entry in self.entries})

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help from the entries alone."""
        loaded = self.commands
        self.commands = {entry.name: entry.stub() for entry in self.entries}
        try:
            super().format_help(ctx, formatter)
        finally:
            self.commands = loaded


def grouped(entries: Iterable[LazyEntry]) -> type[LazyGroup]:
    """A class of groups with these entries, as `typer.Typer(cls=…)` takes it."""
    return type("Commands", (LazyGroup,), {"entries": tuple(entries)})


def _nothing() -> None:
    """Do nothing: the commands do."""
