"""Accounts: which key a call has, and what that key still allows."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from jumok.service.accounts import Account, Accounts
from jumok.service.errors import KeyFileError, OverloadedError, UnauthenticatedError
from jumok.service.keys import KeyLimits, create_key, delete_key


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


def refused_for(account: Account) -> float:
    """Return after how many seconds the account would allow a call."""
    with pytest.raises(OverloadedError) as error:
        account.begin()
    return error.value.retry_seconds


def test_a_key_is_found_by_its_header(path: Path, clock: Clock) -> None:
    """The header names the account; anything else is refused, without repeating it."""
    keys = {name: create_key(path, name, KeyLimits(share=2)) for name in ("alice", "bob")}
    accounts = Accounts(path, clock)
    for name, key in keys.items():
        for header in (f"Bearer {key}", f"bearer  {key} "):
            caller = accounts.find(header).caller
            assert (caller.name, caller.share) == (name, 2)
    key = keys["alice"]
    for wrong in (None, "", "Bearer", "Bearer ", key, f"Basic {key}", f"Bearer {key}x", "Bearer é"):
        with pytest.raises(UnauthenticatedError) as error:
            accounts.find(wrong)
        assert key not in str(error.value)


def test_the_file_is_read_again(path: Path, clock: Clock) -> None:
    """New keys work and deleted ones do not, a second after the change, without a restart."""
    alice = create_key(path, "alice", KeyLimits(tokens_per_day=100))
    accounts = Accounts(path, clock)
    accounts.find(f"Bearer {alice}").caller.charge(200)
    bob = create_key(path, "bob", KeyLimits())
    clock.now += 1
    accounts.find(f"Bearer {bob}").begin()
    assert refused_for(accounts.find(f"Bearer {alice}")) > 0  # what was used stays used
    delete_key(path, "alice")
    clock.now += 1
    with pytest.raises(UnauthenticatedError):
        accounts.find(f"Bearer {alice}")


def test_a_broken_file_keeps_the_keys(path: Path, clock: Clock) -> None:
    """If the changed file is wrong, the old keys stay valid, with one line in the log."""
    key = create_key(path, "alice", KeyLimits())
    accounts = Accounts(path, clock)
    path.write_text("{")
    with capture_logs() as log:
        for _ in range(3):
            clock.now += 1
            accounts.find(f"Bearer {key}")
    assert [line["log_level"] for line in log] == ["error"]
    assert key not in str(log)
    with pytest.raises(KeyFileError):
        Accounts(path, clock)


def test_concurrency(clock: Clock) -> None:
    """A key has at most so many running calls."""
    account = Account("alice", KeyLimits(concurrency=2), clock)
    account.begin()
    account.begin()
    assert refused_for(account) > 0
    account.end()
    account.begin()


@pytest.mark.parametrize(
    ("limits", "refill"),
    [(KeyLimits(tokens_per_second=10), 1.0), (KeyLimits(tokens_per_day=10), 86_400.0)],
)
def test_tokens_per_period(limits: KeyLimits, refill: float, clock: Clock) -> None:
    """A key that has used its tokens is refused until enough have been refilled."""
    account = Account("alice", limits, clock)
    account.begin()
    account.caller.charge(9)
    account.begin()  # there is one left, and the length of the translation is not known yet
    account.caller.charge(11)
    wait = refused_for(account)
    assert wait == pytest.approx(1.1 * refill)
    clock.now += wait / 2
    assert refused_for(account) == pytest.approx(wait / 2)
    clock.now += wait / 2 + 0.01
    account.begin()


def test_an_idle_key_saves_one_period(clock: Clock) -> None:
    """A key that was idle for long may use the tokens of one period at once, not more."""
    account = Account("alice", KeyLimits(tokens_per_second=10), clock)
    clock.now += 3600
    account.caller.charge(10)
    assert refused_for(account) > 0


def test_without_limits_anything_goes(clock: Clock) -> None:
    """A key without limits is never refused."""
    account = Account("alice", KeyLimits(), clock)
    for _ in range(1000):
        account.begin()
        account.caller.charge(10**9)
