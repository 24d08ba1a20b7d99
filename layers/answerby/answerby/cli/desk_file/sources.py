"""Sources, as a desk file writes them: where posts come from."""

from __future__ import annotations

from functools import partial

from answerby.cli.desk_file import values
from answerby.cli.desk_file.fields import Fields, entries
from answerby.cli.desk_file.names import Names
from answerby.cli.desk_file.problems import Problems
from answerby.cli.desk_file.shapes import SOURCE
from answerby.cli.desk_file.tree import Node
from answerby.domain.source import Source

MOST_SOURCES = 50


def read_sources(node: Node | None, names: Names, problems: Problems) -> dict[str, Source]:
    sources = {}
    for id_, key, value in entries(node, "sources", problems, MOST_SOURCES):
        fields = Fields(value, f"source {id_}", SOURCE, problems, key.place)
        network = fields.required("network", names.reader("network"))
        account = fields.required("brand_account", values.text)
        aliases = fields.optional("aliases", partial(values.references, values.text, "aliases")) or ()
        if network and account:
            sources[id_] = Source(id=id_, network=network, brand_account=account, aliases=aliases)
    return sources
