"""The file of API keys, and the command that changes it."""

import hashlib
import json
import stat
from pathlib import Path
from typing import Any

import pytest

from jumok.service.errors import KeyFileError
from jumok.service.keys import KeyLimits, create_key, delete_key, read_keys
from tests.client.conftest import jumok

__all__ = ["jumok"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


def test_a_key_is_stored_as_its_hash(path: Path) -> None:
    """The file has the hash of a key, not the key, and only its owner can read it."""
    key = create_key(path, "alice", KeyLimits(concurrency=3))
    entry = read_keys(path)["alice"]
    assert entry.sha256 == hashlib.sha256(key.encode()).hexdigest()
    assert entry.concurrency == 3
    assert key not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_keys_are_created_and_deleted(path: Path) -> None:
    """Creating and deleting keys leaves the others as they were, and the mode of the file."""
    keys = {name: create_key(path, name, KeyLimits()) for name in ("alice", "bob", "carol")}
    assert len(set(keys.values())) == 3
    before = read_keys(path)
    path.chmod(0o640)
    delete_key(path, "bob")
    assert read_keys(path) == {name: before[name] for name in ("alice", "carol")}
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.parametrize("name", ["", "a b", "-a", "a\n", "x" * 65, "ключ"])
def test_a_wrong_name_is_refused(path: Path, name: str) -> None:
    """A name that could be confused in logs is refused, and the file is not written."""
    with pytest.raises(KeyFileError, match="is no name for a key"):
        create_key(path, name, KeyLimits())
    assert not path.exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is not a file of keys"),
        ('{"keys": {"a": {}}}', "keys.a.sha256 is missing"),
        ('{"keys": {"a": {"sha256": "jumok_secret"}}}', "must be 64 hexadecimal digits"),
        ('{"keys": {}, "limit": 1}', "limit is not a known key"),
        ('{"keys": {"a": {"sha256": "%s", "share": 0}}}' % ("0" * 64), "share must be at least"),
    ],
)
def test_a_wrong_file_is_explained(path: Path, content: str, message: str) -> None:
    """What is wrong with a file is said in one line, which does not repeat a key in it."""
    path.write_text(content)
    with pytest.raises(KeyFileError, match=message) as error:
        read_keys(path)
    assert "\n" not in str(error.value)
    assert "secret" not in str(error.value)


def test_the_command(jumok: Any, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`jumok key` creates a key, which it prints once, lists the names, and deletes keys."""
    monkeypatch.setenv("JUMOK_KEYS", str(path))
    key = jumok("key", "create", "alice", "--tokens-per-day", "1000").out.strip()
    assert read_keys(path)["alice"].sha256 == hashlib.sha256(key.encode()).hexdigest()
    assert jumok("key", "list").out == "alice tokens_per_day=1000\n"
    assert jumok("key", "create", "alice").err == (
        f"jumok key: {path} has a key alice already: delete it first, or choose another name\n"
    )
    assert jumok("key", "delete", "alice").status == 0
    assert jumok("key", "list").out == ""
    assert jumok("key", "delete", "alice").status == 1
    assert json.loads(path.read_text()) == {"keys": {}}


def test_the_command_needs_a_file_and_a_name(
    jumok: Any, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a file or a name the command says how to give one."""
    monkeypatch.delenv("JUMOK_KEYS", raising=False)
    assert jumok("key", "list").err == (
        "jumok key: name the file of keys: --file PATH, or JUMOK_KEYS\n"
    )
    assert jumok("key", "create", "--file", str(path)).err == (
        "jumok key: name the key: `jumok key create NAME`\n"
    )
    missing = jumok("key", "list", "--file", str(path)).err
    assert missing == f"jumok key: cannot read the keys in {path}: No such file or directory\n"
