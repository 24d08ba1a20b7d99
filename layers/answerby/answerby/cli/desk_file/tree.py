"""A desk file's YAML as a tree in which everything knows its place.

Built from the parser's events instead of PyYAML's own composer: that one recurses, so that deep nesting kills the
process, and it follows aliases, so that a small file can grow without bound. A desk needs neither nesting nor aliases.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NoReturn

import yaml

from answerby.cli.desk_file.problems import Place, Problems, quoted

LARGEST_FILE = 1024 * 1024
DEEPEST = 20
MOST_VALUES = 50_000

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NOTE = re.compile(r"[\s\[,{]#")
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(slots=True)
class Scalar:
    """A value as it is written: `12`, `no` and `+15550100` stay text, whatever YAML would make of them."""

    place: Place
    text: str
    plain: bool

    @property
    def is_empty(self) -> bool:
        return self.text in _NULLS if self.plain else not self.text.strip()


@dataclass(slots=True)
class Sequence:
    place: Place
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class Mapping:
    """Keys in the file's order; of a repeated one the first counts."""

    place: Place
    values: dict[str, tuple[Scalar, Node]] = field(default_factory=dict)


Node = Scalar | Sequence | Mapping


class _UnusableError(Exception):
    """Reported already; nothing after it can be read."""


def read_tree(raw: bytes, problems: Problems) -> Mapping | None:
    """The file's one mapping; None if there is none, and then a problem says why. Raises TooManyError."""
    try:
        text = _text(raw, problems)
        return _tree(text, problems)
    except yaml.YAMLError as error:
        problems.error(*_syntax_problem(error, raw))
    except _UnusableError:
        pass
    return None


def _text(raw: bytes, problems: Problems) -> str:
    if len(raw) > LARGEST_FILE:
        problems.error(Place(), "the file is larger than 1 MB", "Check that it is the right file")
        raise _UnusableError
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        place = Place(before.count(b"\n") + 1, error.start - before.rfind(b"\n"))
        problems.error(place, f"the file is not UTF-8 (byte {error.start + 1})", "Save it in the encoding UTF-8")
        raise _UnusableError from None
    return text


def _tree(text: str, problems: Problems) -> Mapping:
    builder = _Builder(problems)
    for event in yaml.parse(text, _LOADER):
        builder.take(event)
    if not isinstance(builder.root, Mapping):
        place = builder.root.place if builder.root else Place()
        problems.error(place, "this is not a desk", "Start with `people:`; `examples/desk.yaml` shows the whole format")
        raise _UnusableError
    return builder.root


class _Builder:
    """Puts each event where it belongs, on a stack of what is open."""

    def __init__(self, problems: Problems) -> None:
        self.root: Node | None = None
        self._problems = problems
        self._open: list[tuple[Sequence | Mapping, Scalar | None]] = []
        self._values = 0

    def take(self, event: yaml.Event) -> None:
        mark = event.start_mark
        place = Place(mark.line + 1, mark.column + 1) if mark else Place()
        match event:
            case yaml.AliasEvent():
                self._stop(place, f"the alias *{event.anchor}", "Write the values out: a desk file has no aliases")
            case yaml.DocumentStartEvent() if self.root is not None:
                self._stop(place, "a second document begins here", "Keep one desk per file: remove the `---` above")
            case yaml.ScalarEvent():
                self._check(event, place)
                self._put(Scalar(place, event.value, plain=not event.style))
            case yaml.SequenceStartEvent():
                self._open_up(event, Sequence(place))
            case yaml.MappingStartEvent():
                self._open_up(event, Mapping(place))
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                self._open.pop()

    def _open_up(self, event: yaml.CollectionStartEvent, node: Sequence | Mapping) -> None:
        self._check(event, node.place)
        if len(self._open) >= DEEPEST:
            self._stop(node.place, f"this is nested deeper than {DEEPEST} levels", "Check the brackets and the indent")
        self._put(node)
        self._open.append((node, None))

    def _put(self, node: Node) -> None:
        self._values += 1
        if self._values > MOST_VALUES:
            self._stop(node.place, f"the file has more than {MOST_VALUES} values", "Check that it is the right file")
        if not self._open:
            self.root = node
            return
        parent, key = self._open[-1]
        if isinstance(parent, Sequence):
            parent.items.append(node)
        elif key is None:
            self._open[-1] = parent, self._key(node)
        else:
            self._open[-1] = parent, None
            self._set(parent, key, node)

    def _key(self, node: Node) -> Scalar:
        if not isinstance(node, Scalar):
            self._stop(node.place, "a list or mapping stands where a name belongs", "Write `name: …`")
        return node

    def _set(self, parent: Mapping, key: Scalar, node: Node) -> None:
        first = parent.values.setdefault(key.text, (key, node))[0]
        if first is not key:
            what = f"{quoted(key.text)} is here twice, first in line {first.place.line}"
            self._problems.error(key.place, what, "Rename or remove one of them")

    def _check(self, event: yaml.NodeEvent, place: Place) -> None:
        if event.anchor:
            self._stop(place, f"the anchor &{event.anchor}", "Remove it: a desk file has no anchors and aliases")
        if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag:
            self._stop(place, f"the tag {quoted(event.tag)}", "Remove it: values in a desk file need no type")

    def _stop(self, place: Place, what: str, to_do: str) -> NoReturn:
        self._problems.error(place, what, to_do)
        raise _UnusableError


def _syntax_problem(error: yaml.YAMLError, raw: bytes) -> tuple[Place, str, str]:
    if isinstance(error, yaml.reader.ReaderError):
        before = raw.decode("utf-8-sig", "replace")[: error.position]
        place = Place(before.count("\n") + 1, len(before) - before.rfind("\n"))
        return place, "a control character", "Remove it: it is invisible, so write the line anew"
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    place = Place(mark.line + 1, mark.column + 1) if mark else Place()
    lines = raw.decode("utf-8-sig", "replace").splitlines()
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    at = line[place.column - 1 :]
    if at.startswith("\t") or line[: place.column].strip(" ").startswith("\t"):
        return place, "a tab", "Indent with spaces"
    if at[:1] in {"@", "`", "%"}:
        return place, f"a value begins with {at[0]}", f'Put it in quotes: "{at[0]}…"'
    what = str(getattr(error, "problem", None) or "this is no YAML")
    context_mark = getattr(error, "context_mark", None)
    context = getattr(error, "context", None)
    if context and context_mark and context_mark.line + 1 != place.line:
        what = f"{what}, {context} that begins in line {context_mark.line + 1}"
    if (
        context_mark
        and "flow" in str(context)
        and _NOTE.search("".join(lines[context_mark.line : context_mark.line + 1]))
    ):
        bracket = Place(context_mark.line + 1, context_mark.column + 1)
        return bracket, "a bracket is not closed before the #", 'What follows a # is a note: put it in quotes, "#…"'
    if "mapping values are not allowed" in what:
        return place, "a second `: ` in one line", "Put the value in quotes, or the second name on a line of its own"
    return place, what, "Check indent, quotes and brackets up to here"
