"""The `jumok` command: its table of subcommands and their exit statuses."""

import importlib.metadata
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jumok.cli import command, outcome
from jumok.cli.command import SUBCOMMANDS, Subcommand


@pytest.fixture
def subcommand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Add a subcommand `try` with this body and these user errors."""
    monkeypatch.syspath_prepend(tmp_path)

    def add(name: str, body: str, errors: str = "()", first: str = "") -> None:
        source = f"{first}\nUSER_ERRORS = {errors}\ndef run(count: int = 1) -> None:\n"
        source += f'    """Try something.\n\n    A shape is [batch, source].\n    """\n    {body}\n'
        (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")
        row = Subcommand("try", name, "train", "Try.")
        monkeypatch.setattr(command, "SUBCOMMANDS", (*SUBCOMMANDS, row))

    return add


def python(code: str, *, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=20,
        check=False,
    )


def test_help_lists_all_and_imports_none() -> None:
    """`jumok --help` lists every subcommand with its help and imports none of their packages."""
    code = (
        "import sys\nfrom jumok.cli.command import main\n"
        "try: main(['--help'])\n"
        "except SystemExit as end: print(end.code, *sys.modules, file=sys.stderr)"
    )
    ended = python(code)
    status, *modules = ended.stderr.split()

    assert status == "0"
    for row in SUBCOMMANDS:
        assert row.name in ended.stdout
        assert " ".join(row.help.split()[:4]) in ended.stdout
    packages = {module.partition(".")[0] for module in modules}
    assert not packages & {"grpc", "google", "matplotlib", "numpy", "torch", "onnx", "onnxruntime"}
    ours = {module.split(".")[1] for module in modules if module.startswith("jumok.")}
    assert ours == {"cli"}


def test_version(jumok: Any) -> None:
    """`jumok --version` prints the version of the package."""
    ended = jumok("--version")

    assert (ended.status, ended.out) == (0, f"jumok {importlib.metadata.version('jumok')}\n")


def test_unknown_subcommand(jumok: Any) -> None:
    """A subcommand that does not exist is a usage error."""
    ended = jumok("translat")

    assert ended.status == 2
    assert "No such command 'translat'" in ended.err


def test_subcommand_gets_its_parameters(jumok: Any, subcommand: Any) -> None:
    """A subcommand runs its function, whose docstring is its help."""
    subcommand("try_parameters", "print(count + 1)")

    assert jumok("try", "--count", "41").out == "42\n"
    shown = jumok("try", "--help").out
    assert "Try something." in shown
    assert "[batch, source]" in shown


def test_user_error_is_one_line(jumok: Any, subcommand: Any) -> None:
    """An error that a user can cause is one line on stderr and exit status 1."""
    subcommand("try_user_error", "raise ValueError('no:\\n  such thing')", "(ValueError,)")
    ended = jumok("try")

    assert (ended.status, ended.out, ended.err) == (1, "", "jumok try: no: such thing\n")


def test_file_error_names_the_file(jumok: Any, subcommand: Any) -> None:
    """An error about a file is its name and what is wrong with it."""
    subcommand("try_file", "open('/nowhere/at all')", "(OSError,)")

    assert jumok("try").err == "jumok try: /nowhere/at all: No such file or directory\n"


def test_bug_is_raised(subcommand: Any) -> None:
    """Any other error is raised unchanged."""
    subcommand("try_bug", "raise ValueError('bug')", "(KeyError,)")
    with pytest.raises(ValueError, match="bug"):
        command.main(["try"])


@pytest.mark.parametrize(
    ("name", "body", "first"),
    [
        ("try_import_first", "pass", "import not_installed.at_all"),
        ("try_import_later", "import not_installed.at_all", ""),
    ],
)
def test_missing_extra(
    jumok: Any,
    subcommand: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    name: str,
    body: str,
    first: str,
) -> None:
    """A missing module is reported with the command that installs it."""
    subcommand(name, body, first=first)
    assert jumok("try").err == "jumok try: not_installed is not installed: run `make install`\n"
    monkeypatch.setattr(outcome, "_CHECKOUT", tmp_path)
    ended = jumok("try")

    assert ended.status == 1
    assert ended.err == (
        "jumok try: not_installed is not installed: run `pip install 'jumok[train]'`\n"
    )


def test_our_own_missing_module_is_a_bug(subcommand: Any) -> None:
    """A missing module of jumok is not reported as a missing extra."""
    subcommand("try_ours", "pass", first="import jumok.client.nothing")
    with pytest.raises(ModuleNotFoundError, match=r"jumok\.client\.nothing"):
        command.main(["try"])


def test_client_extra_missing() -> None:
    """Without gRPC, `jumok health` names the extra in one line."""
    ended = python(
        "import sys\nsys.modules['grpc'] = None\n"
        "from jumok.cli.command import main\nmain(['health'])"
    )

    assert ended.returncode == 1
    assert ended.stderr == "jumok health: grpc is not installed: run `make install`\n"


def test_interrupt_is_quiet(jumok: Any, subcommand: Any) -> None:
    """Ctrl-C ends with status 130 and no output."""
    subcommand("try_interrupt", "raise KeyboardInterrupt")
    ended = jumok("try")

    assert (ended.status, ended.out, ended.err) == (130, "", "")


def test_closed_pipe_is_quiet(server: Any) -> None:
    """When its output is closed, the command ends without a message."""
    process = subprocess.Popen(
        [sys.executable, "-m", "jumok.cli", "translate", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin
    assert process.stdout
    assert process.stderr
    process.stdin.write("나는 학생입니다\n".encode())
    process.stdin.flush()
    assert process.stdout.readline() == b"I am a student\n"
    process.stdout.close()
    process.stdin.write("나는 학생입니다\n".encode() * 3)
    process.stdin.close()
    said = process.stderr.read()
    process.stderr.close()

    assert (process.wait(10), said) == (1, b"")
