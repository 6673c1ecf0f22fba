"""Commands that the demo shows and runs."""

from pathlib import Path

import pytest

from jumok.demo.errors import DemoError
from jumok.demo.shell import jumok, served


def test_a_command_is_shown_before_it_runs(capfd: pytest.CaptureFixture[str]) -> None:
    """A command is printed above its output, as a user would type it."""
    jumok("--version")
    shown, output = capfd.readouterr().out.splitlines()
    assert shown == "$ jumok --version"
    assert output.startswith("jumok ")


def test_failed_command_ends_the_demo(tmp_path: Path) -> None:
    """A failed command is reported with its name and exit status."""
    with pytest.raises(DemoError, match="`jumok nothing` ended with status 2, see above"):
        jumok("nothing")


def test_service_that_does_not_start_ends_the_demo(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """If the service does not start, the demo ends at once."""
    with pytest.raises(DemoError, match="did not come up, see above"), served(str(tmp_path)):
        pass
    said = capfd.readouterr()
    assert said.out.startswith(f"$ jumok serve {tmp_path} --listen localhost:")
    assert "is not a bundle" in said.err
