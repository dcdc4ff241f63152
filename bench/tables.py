"""Tables on the terminal, as all benches print them."""

from __future__ import annotations

from rich.table import Table


def tabled(title: str, *columns: str) -> Table:
    """An empty table: the first column holds names, the others figures."""
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column, justify="right" if table.columns else "left")
    return table
