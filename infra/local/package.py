"""What `sam build` and `sam package` do, for one machine and in a second: SAM CLI takes twenty for the same.

The layers are built by their own Makefiles; what is built is kept under the digest of what it was made of.
"""

import os
import platform
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

from infra.local.layout import ROOT, STATE, LocalError, digest, exclusive

_BUILD = STATE / "build"
_DEPENDENCIES, _PRODUCT = "layers/dependencies", "layers/answerby"
_LAYERS = {_DEPENDENCIES: "DependenciesLayer", _PRODUCT: "AnswerbyLayer"}
_LOCAL_PATH = re.compile(r"^(\s+(?:CodeUri|ContentUri|TemplateURL): )(\S+)$", re.MULTILINE)


def package(upload: Callable[[Path], str]) -> str:
    """The template with each path of this machine replaced by the address that `upload` returns for its archive."""

    def replace(found: re.Match[str]) -> str:
        return found[1] + upload(_archive(found[2]))

    return _LOCAL_PATH.sub(replace, (ROOT / "template.yaml").read_text())


def _archive(path: str) -> Path:
    source = ROOT / path
    if source.is_file():
        return source
    if path == _DEPENDENCIES:
        return _pointer_to(_layer(path))
    if path == _PRODUCT:
        source = _layer(path)
    archive = _BUILD / f"{Path(path).name}.zip"
    _zip(archive, ((file, file.relative_to(source)) for file in source.rglob("*.py*") if file.is_file()))
    return archive


def build_layers() -> list[Path]:
    """The folders of the layers, for the Python and processor of this machine."""
    return [_layer(path) for path in _LAYERS]


def _layer(path: str) -> Path:
    with exclusive("build"):
        return _built(path)


def _built(path: str) -> Path:
    source, name = ROOT / path, _LAYERS[path]
    folder = _BUILD / f"{name}-{digest([source], f'{sys.version} {platform.platform()}')}"
    if folder.exists():
        return folder
    for old in _BUILD.glob(f"{name}-*"):
        shutil.rmtree(old)
    unfinished = _BUILD / f"unfinished-{name}"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    environment = os.environ | {
        "ARTIFACTS_DIR": str(unfinished),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        # In variables of its own and not as an option: a path may hold what a shell would take apart.
        "UV_PYTHON": sys.executable,
        "LAYER_TARGET": "",
        "LAYER_PYTHON": "python3",
    }
    build = subprocess.run(
        ["make", "--silent", f"build-{name}"], cwd=source, env=environment, capture_output=True, text=True, check=False
    )
    if build.returncode:
        raise LocalError(f"{name} could not be built:\n{build.stdout}{build.stderr}")
    unfinished.rename(folder)
    return folder


def _pointer_to(layer: Path) -> Path:
    """An archive that unpacks to no more than the path of the layer's folder.

    MiniStack unpacks a function's layers for each process it starts: 3,000 files take seconds.
    """
    pointer = _BUILD / "dependencies.pth"
    pointer.write_text(f"import sys; sys.path.insert(1, {str(layer / 'python')!r})\n")
    archive = _BUILD / "dependencies.zip"
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    _zip(archive, [(pointer, Path("python", "lib", version, "site-packages", pointer.name))])
    return archive


def _zip(archive: Path, files: Iterable[tuple[Path, Path]]) -> None:
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w") as out:
        for file, name in files:
            out.write(file, name)
