"""The named parts of a mapping, each asked for by name; what nobody asks for is reported."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias, TypeVar

from answerby.cli.desk_file import values
from answerby.cli.desk_file.problems import Place, Problems, one_of, quoted
from answerby.cli.desk_file.shapes import Shape
from answerby.cli.desk_file.tree import Mapping, Node, Scalar

T = TypeVar("T")
Reader: TypeAlias = Callable[[Node, Problems], T | None]


class Fields:
    """`at` is where the whole is named: what is missing is missing there."""

    def __init__(self, node: Node, what: str, shape: Shape, problems: Problems, at: Place | None = None) -> None:
        self.place = at or node.place
        self.problems = problems
        self._what = what
        self._values = node.values if isinstance(node, Mapping) else {}
        # One complaint is enough: fields are not missed where none can be.
        self.readable = isinstance(node, Mapping)
        if not self.readable:
            first = next(iter(shape.fields))
            problems.error(node.place, f"{what} needs named values here", f"Write `{first}: …` below it")
        for name, (key, _) in self._values.items():
            if name not in shape.fields:
                problems.error(key.place, f"{what} has no {quoted(name)}", one_of(name, shape.fields))

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def node(self, name: str) -> Node | None:
        found = self._values.get(name)
        return found[1] if found else None

    def place_of(self, name: str) -> Place:
        found = self._values.get(name)
        return found[0].place if found else self.place

    def value_place(self, name: str) -> Place:
        found = self._values.get(name)
        return found[1].place if found else self.place

    def optional(self, name: str, read: Reader[T]) -> T | None:
        node = self.node(name)
        return None if node is None else read(node, self.problems)

    def required(self, name: str, read: Reader[T]) -> T | None:
        if name not in self and self.readable:
            self.problems.error(self.place, f"{self._what} has no `{name}`", f"Add `{name}: …`")
        return self.optional(name, read)


def entries(
    node: Node | None, what: str, problems: Problems, most: int | None = None
) -> Iterator[tuple[str, Scalar, Node]]:
    """The entries of a mapping by id: id, its key, its value; not more than `most`."""
    if node is None:
        return
    if not isinstance(node, Mapping):
        problems.error(node.place, f"{what} are written by their ids", "Write `some-id:` with its values below it")
        return
    for count, (key, value) in enumerate(node.values.values()):
        if most is not None and count >= most:
            problems.error(key.place, f"more than {most} {what}", "Remove what is not used")
            return
        if identified := values.identifier(key, problems):
            yield identified, key, value
