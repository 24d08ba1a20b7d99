"""The JSON Schema of a desk file, by which editors complete and check it while it is written.

Names that refer to other parts of the file are beyond a schema: `answerby desk check` looks at those.
"""

from __future__ import annotations

import json
from typing import Any

from answerby.cli.desk_file.shapes import DESK, SHAPES, Shape


def json_schema() -> str:
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "An Answerby desk",
        **_object(DESK),
        "$defs": {name: _object(shape) for name, shape in SHAPES.items()},
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _object(shape: Shape) -> dict[str, Any]:
    return {
        "type": "object",
        "description": shape.about,
        "properties": dict(shape.fields),
        "additionalProperties": False,
        **({"required": list(shape.required)} if shape.required else {}),
    }
