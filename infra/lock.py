"""`make lock`: every dependency resolved anew, pinned and hashed, for every platform.

The files name no index, so that each machine uses its own.
"""

import subprocess
import sys
from pathlib import Path

_COMPILE = ("pip", "compile", "--universal", "--generate-hashes", "--python-version", "3.11", "--no-header", "--quiet")
_LAYER = "layers/dependencies/requirements.txt"
_LOCKS = (
    ("pyproject.toml", _LAYER),
    ("pyproject.toml", "requirements/dev.txt", "--extra", "dev", "--constraint", _LAYER),
    ("requirements/tools.in", "requirements/tools.txt"),
    ("requirements/audit.in", "requirements/audit.txt"),
    ("requirements/bootstrap.in", "requirements/bootstrap.txt", "--constraint", "requirements/dev.txt"),
)


def main(options: list[str]) -> None:
    """`options` go to uv, as `--upgrade` or `--upgrade-package NAME`."""
    uv = Path(sys.executable).with_name("uv")
    for source, lock, *more in _LOCKS:
        subprocess.run([uv, *_COMPILE, source, "--output-file", lock, *more, *options], check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
