# ruff: noqa: INP001 (a script of the build, in no package)
"""Cut botocore's data in the folder given as argument to the services given as further arguments. Run by the build.

Each cold start would read it all: the endpoints of 400 services in every region (1.2 MB, as much time as making three
clients), and beside each operation its documentation.
"""

import gzip
import json
import shutil
import sys
from pathlib import Path
from typing import Any


def trim(data: Path, services: set[str]) -> None:
    for folder in data.iterdir():
        if folder.is_dir() and folder.name not in services:
            shutil.rmtree(folder)
    endpoints = data / "endpoints.json"
    document = json.loads(endpoints.read_bytes())
    for partition in document["partitions"]:
        partition["services"] = {name: at for name, at in partition["services"].items() if name in services}
    _replace(endpoints, _json(document))
    for model in data.glob("*/*/service-2.json.gz"):
        described = json.loads(gzip.decompress(model.read_bytes()))
        # Without a time, so that the same layer is built twice.
        _replace(model, gzip.compress(_json(_without_documentation(described)), mtime=0))


def _without_documentation(value: Any) -> Any:
    """A text of this name is documentation; a member of a shape that is called so would be a mapping."""
    if isinstance(value, dict):
        return {
            name: _without_documentation(each)
            for name, each in value.items()
            if not (name == "documentation" and isinstance(each, str))
        }
    return [_without_documentation(each) for each in value] if isinstance(value, list) else value


def _replace(path: Path, content: bytes) -> None:
    """Never write into it: a package installer may have linked the file to its cache, and so to other environments."""
    path.unlink()
    path.write_bytes(content)


def _json(document: Any) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


if __name__ == "__main__":
    trim(Path(sys.argv[1]), set(sys.argv[2:]))
