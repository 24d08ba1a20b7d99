"""The named parts of a mapping, each asked for by name; what nobody asks for is reported."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias, TypeVar

from answerby.cli.desk_file import values
from answerby.cli.desk_file.problems import Place, Problems, one_of, quoted
from answerby.cli.desk_file.tree import Mapping, Node, Scalar

T = TypeVar("T")
Reader: TypeAlias = Callable[[Node, Problems], T | None]


class Fields:
    """`at` is where the whole is named: what is missing is missing there."""

    def __init__(
        self, node: Node, what: str, known: tuple[str, ...], problems: Problems, at: Place | None = None
    ) -> None:
        self.place = at or node.place
        self.problems = problems
        self._what = what
        self._values = node.values if isinstance(node, Mapping) else {}
        # One complaint is enough: fields are not missed where none can be.
        self._readable = isinstance(node, Mapping)
        if not self._readable:
            problems.error(node.place, f"{what} needs named values here", f"Write `{known[0]}: …` below it")
        for name, (key, _) in self._values.items():
            if name not in known:
                problems.error(key.place, f"{what} has no {quoted(name)}", one_of(name, known))

    def node(self, name: str) -> Node | None:
        found = self._values.get(name)
        return found[1] if found else None

    def place_of(self, name: str) -> Place:
        found = self._values.get(name)
        return found[0].place if found else self.place

    def optional(self, name: str, read: Reader[T]) -> T | None:
        node = self.node(name)
        return None if node is None else read(node, self.problems)

    def required(self, name: str, read: Reader[T]) -> T | None:
        if name not in self._values and self._readable:
            self.problems.error(self.place, f"{self._what} has no `{name}`", f"Add `{name}: …`")
        return self.optional(name, read)


def entries(node: Node | None, what: str, problems: Problems) -> Iterator[tuple[str, Scalar, Node]]:
    """The entries of a mapping by id: id, its key, its value."""
    if node is None:
        return
    if not isinstance(node, Mapping):
        problems.error(node.place, f"{what} are written by their ids", "Write `some-id:` with its values below it")
        return
    for key, value in node.values.values():
        if identified := values.identifier(key, problems):
            yield identified, key, value
