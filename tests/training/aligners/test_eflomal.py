from pathlib import Path

import pytest

from jumok.training.aligners.eflomal import Directions, Eflomal
from jumok.training.errors import AlignerError

SOURCES, TARGETS = [("a", "b"), ("c",)], [("x", "y", "z"), ("x",)]
LINKS = [frozenset({(0, 0), (1, 1)}), frozenset({(0, 0)})]


def test_links_are_read_back_in_order(eflomal_folder: Path) -> None:
    """Each pair gets its links in both directions."""
    assert Eflomal(eflomal_folder).align(SOURCES, TARGETS) == Directions(LINKS, LINKS)


def test_priors_are_made_of_both_directions(eflomal_folder: Path) -> None:
    """Priors are estimated from the links of both directions."""
    priors = Eflomal(eflomal_folder).priors(SOURCES, TARGETS, Directions(LINKS, [frozenset()] * 2))
    assert priors == "0-0 1-1\n0-0\n\n\n"


def test_a_missing_program_is_named(tmp_path: Path) -> None:
    """If eflomal is not installed, the message names the missing file and how to install it."""
    with pytest.raises(AlignerError, match=r"eflomal-align cannot be run: .*pip install"):
        Eflomal(tmp_path).align(SOURCES, TARGETS)


def test_a_failure_gives_the_programs_last_words(tmp_path: Path) -> None:
    """If the program fails, its last line is quoted."""
    program = tmp_path / "eflomal-align"
    program.write_text("#!/bin/sh\necho first >&2\necho too long >&2\nexit 3\n", "utf-8")
    program.chmod(0o755)
    with pytest.raises(AlignerError, match="eflomal-align ended with status 3: too long"):
        Eflomal(tmp_path).align(SOURCES, TARGETS)
