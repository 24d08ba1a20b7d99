"""The product's CloudFormation templates, as data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
FILES = ("template.yaml", "infra/data.yaml", "infra/api.yaml", "infra/observability.yaml")


class _Loader(yaml.SafeLoader):
    """Reads `!GetAtt a.b` as {"GetAtt": "a.b"}."""


def _tagged(loader: yaml.SafeLoader, tag: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        return {tag: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {tag: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {tag: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _tagged)


def template(file: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.load((ROOT / file).read_text(), _Loader)  # noqa: S506
    return document


TEMPLATES = {file: template(file) for file in FILES}


def of_type(kind: str) -> dict[str, dict[str, Any]]:
    """Every resource of the type in any template, by logical id; its properties beside the rest of it."""
    return {
        name: resource
        for document in TEMPLATES.values()
        for name, resource in document["Resources"].items()
        if resource["Type"] == kind
    }


FUNCTIONS = of_type("AWS::Serverless::Function")


def statements(resource: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The policy statements of a function or role."""
    for policy in resource["Properties"].get("Policies", []):
        yield from policy.get("PolicyDocument", policy)["Statement"]


def meant(value: object) -> str:
    """An ARN as text, with the output of the data stack that it names put in."""
    if isinstance(value, dict) and str(value.get("GetAtt", "")).startswith("Data.Outputs."):
        output = TEMPLATES["infra/data.yaml"]["Outputs"][value["GetAtt"].removeprefix("Data.Outputs.")]
        return meant(output["Value"])
    return json.dumps(value)
