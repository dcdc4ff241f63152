"""Answers cut to what an agent can read at once; what was cut is counted and said."""

from typing import Any

# Characters of one text. A model reads some hundred results of this length, and asks for the item for more.
LONGEST = 1_000
# Elements of one list, such as the OCR lines of a picture.
MOST = 100
NOTE = "{n} texts or lists are cut; `item` has them whole, page by page"


class Shortener:
    """Cuts long texts and lists inside an answer.

    Attributes:
        cut: how many were.
    """

    def __init__(self, longest: int = LONGEST, most: int = MOST) -> None:
        """Set the characters of a text and the elements of a list."""
        self._longest = longest
        self._most = most
        self.cut = 0

    def of(self, value: Any) -> Any:
        """The value with what is long in it cut."""
        match value:
            case str() if len(value) > self._longest:
                self.cut += 1
                return f"{value[: self._longest]}… [{len(value):,} characters]"
            case list() if len(value) > self._most:
                self.cut += 1
                return [self.of(one) for one in value[: self._most]]
            case list():
                return [self.of(one) for one in value]
            case dict():
                return {key: self.of(one) for key, one in value.items()}
            case _:
                return value


def shortened(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer with long texts and lists cut, and a note that says how many."""
    shortener = Shortener()
    short: dict[str, Any] = shortener.of(answer)
    return short | {"note": NOTE.format(n=shortener.cut)} if shortener.cut else short
