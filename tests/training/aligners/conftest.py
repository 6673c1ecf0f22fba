"""Stand-ins for the programs of eflomal, which link words in the same position."""

import sys
from pathlib import Path

import pytest

_ALIGN = """\
#!{python}
import sys
arguments = dict(zip(sys.argv, sys.argv[1:]))
lines = zip(open(arguments["-s"]), open(arguments["-t"]), strict=True)
shorter = [min(len(source.split()), len(target.split())) for source, target in lines]
links = [" ".join(f"{{word}}-{{word}}" for word in range(words)) for words in shorter]
for flag in ("-f", "-r"):
    with open(arguments[flag], "w") as out:
        out.writelines(line + "\\n" for line in links)
"""
_PRIORS = """\
#!{python}
import sys
arguments = dict(zip(sys.argv, sys.argv[1:]))
with open(arguments["-p"], "w") as out:
    out.write(open(arguments["-f"]).read() + open(arguments["-r"]).read())
"""


@pytest.fixture
def eflomal_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, program in (("eflomal-align", _ALIGN), ("eflomal-makepriors", _PRIORS)):
        path = folder / name
        path.write_text(program.format(python=sys.executable), "utf-8")
        path.chmod(0o755)
    return folder
