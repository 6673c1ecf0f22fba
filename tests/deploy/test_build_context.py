"""What the images are built from."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_images_have_every_package() -> None:
    """.dockerignore lets the folder of each package of the wheel through."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    sent = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert [path for path in packages if f"!{Path(path).parts[0]}" not in sent] == []
