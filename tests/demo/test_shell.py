"""Commands that the demonstration shows and runs."""

from pathlib import Path

import pytest

from jumok.demo.errors import DemoError
from jumok.demo.shell import jumok, served


def test_a_command_is_shown_before_it_runs(capfd: pytest.CaptureFixture[str]) -> None:
    """A command stands above its output as one would type it."""
    jumok("--version")
    shown, output = capfd.readouterr().out.splitlines()
    assert shown == "$ jumok --version"
    assert output.startswith("jumok ")


def test_a_command_that_fails_ends_the_demonstration(tmp_path: Path) -> None:
    """The name and the status of a command that failed are told; it has said why."""
    with pytest.raises(DemoError, match="`jumok nothing` ended with status 2, see above"):
        jumok("nothing")


def test_a_service_that_ends_is_not_waited_for(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Where there is nothing to serve, the demonstration ends as soon as the service does."""
    with pytest.raises(DemoError, match="did not come up, see above"), served(str(tmp_path)):
        pass
    said = capfd.readouterr()
    assert said.out.startswith(f"$ jumok serve {tmp_path} --listen localhost:")
    assert "is not a bundle" in said.err
