"""The file of API keys: names, hashes and limits; the keys themselves are not stored.

Keys have 256 random bits, so one round of SHA-256 protects them: nobody can try them all. Passwords
would need a slow hash.
"""

import fcntl
import hashlib
import os
import re
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
)

from jumok.bundle.validation import describe
from jumok.service.errors import KeyFileError

_PREFIX = "jumok_"  # by which scanners for secrets recognise a key


class KeyLimits(BaseModel):
    """What the calls of one key may use together; None for no limit.

    Attributes:
        concurrency: maximum number of running calls.
        tokens_per_second: source and generated tokens per second, on average.
        tokens_per_day: source and generated tokens per 24 hours.
        share: weight of its work in fair queueing.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    concurrency: int | None = Field(None, ge=1)
    tokens_per_second: float | None = Field(None, gt=0, allow_inf_nan=False)
    tokens_per_day: float | None = Field(None, gt=0, allow_inf_nan=False)
    share: float = Field(1.0, ge=0.01, le=100)


class KeyEntry(KeyLimits):
    """One key.

    Attributes:
        sha256: hash of the key, in hexadecimal.
    """

    sha256: str

    @field_validator("sha256")
    @classmethod
    def _is_a_hash(cls, sha256: str) -> str:
        if re.fullmatch("[0-9a-f]{64}", sha256) is None:  # it may be a key: do not show it
            raise ValueError("must be 64 hexadecimal digits")
        return sha256


KeyName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$")]


class KeyFile(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid")

    keys: dict[KeyName, KeyEntry] = {}


def key_hash(key: str) -> str:
    """Return the hash that is stored of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


def read_keys(path: Path) -> dict[str, KeyEntry]:
    """Read the keys of a file, by name.

    Raises:
        KeyFileError: it cannot be read, or is not such a file.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise KeyFileError(f"cannot read the keys in {path}: {error.strerror}") from error
    try:
        return KeyFile.model_validate_json(content).keys
    except ValidationError as error:
        raise KeyFileError(f"{path} is not a file of keys: {describe(error, str)}") from error


def create_key(path: Path, name: str, limits: KeyLimits) -> str:
    """Add a key to a file, which is created if necessary; return the key.

    Raises:
        KeyFileError: the name is invalid or taken, or the file cannot be read or written.
    """
    key = _PREFIX + secrets.token_urlsafe(32)
    with _changed(path) as keys:
        if name in keys:
            raise KeyFileError(
                f"{path} has a key {name} already: delete it first, or choose another name"
            )
        keys[name] = KeyEntry(sha256=key_hash(key), **limits.model_dump())
        try:
            KeyFile(keys=keys)
        except ValidationError as error:
            raise KeyFileError(
                f"{name!r} is no name for a key: use up to 64 letters, digits and . _ @ -"
            ) from error
    return key


def delete_key(path: Path, name: str) -> None:
    """Delete a key from a file.

    Raises:
        KeyFileError: there is no such key, or the file cannot be read or written.
    """
    with _changed(path) as keys:
        if keys.pop(name, None) is None:
            raise KeyFileError(f"{path} has no key {name}: `jumok key list` shows those it has")


@contextmanager
def _changed(path: Path) -> Iterator[dict[str, KeyEntry]]:
    """Yield the keys of a file to be changed, and replace the file as a whole."""
    folder = path.resolve().parent
    try:
        locked = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(locked, fcntl.LOCK_EX)  # commands at the same time lose no key
            keys = read_keys(path) if path.exists() else {}
            yield keys
            _replace(
                path.resolve(), KeyFile(keys=keys).model_dump_json(indent=1, exclude_none=True)
            )
        finally:
            os.close(locked)
    except OSError as error:
        raise KeyFileError(f"cannot write the keys to {path}: {error.strerror}") from error


def _replace(path: Path, content: str) -> None:
    """Write a file of mode 0600, or of the mode and owner of the one it replaces."""
    number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    new = Path(name)
    try:
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(content + "\n")
            file.flush()
            os.fsync(file.fileno())
            with suppress(FileNotFoundError, PermissionError):
                old = path.stat()
                os.fchmod(file.fileno(), old.st_mode & 0o777)
                os.fchown(file.fileno(), old.st_uid, old.st_gid)
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
