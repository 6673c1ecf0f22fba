"""Accounts: who an API key belongs to, and what its calls have used."""

import hmac
import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from jumok.service.caller import Caller
from jumok.service.errors import OverloadedError, UnauthenticatedError
from jumok.service.keys import KeyEntry, KeyLimits, key_hash, read_keys
from jumok.service.reloaded import Reloaded

_SECONDS_PER_DAY = 24 * 60 * 60
_BUSY_SECONDS = 1.0  # when to retry if all calls of a key are running
_CHECK_SECONDS = 1.0  # how often the file is checked for changes
_Clock = Callable[[], float]


class Account:
    """The calls of one API key.

    Attributes:
        caller: the caller that it stands for.
        running: number of running calls.
    """

    def __init__(self, name: str, limits: KeyLimits, clock: _Clock) -> None:
        """Open an account that has used nothing yet."""
        self.running = 0
        self._name, self._clock = name, clock
        self._second, self._day = _Allowance(1), _Allowance(_SECONDS_PER_DAY)
        self.limit(limits)

    def limit(self, limits: KeyLimits) -> None:
        """Change its limits; what was used stays used."""
        self.caller = Caller(self._name, limits.share, self._charge)
        self._concurrency = limits.concurrency
        self._second.limit(limits.tokens_per_second)
        self._day.limit(limits.tokens_per_day)

    def begin(self) -> None:
        """Begin a call.

        Raises:
            OverloadedError: the limits of the key do not allow it now.
        """
        now = self._clock()
        for allowance, period in ((self._day, "day"), (self._second, "second")):
            if (wait := allowance.wait(now)) > 0:
                raise OverloadedError(
                    f"the key {self._name} has used its tokens per {period}; "
                    f"try again in {math.ceil(wait)} s",
                    wait,
                )
        if self._concurrency is not None and self.running >= self._concurrency:
            raise OverloadedError(
                f"the key {self._name} has {self.running} running calls, its maximum; "
                "wait for one to end",
                _BUSY_SECONDS,
            )
        self.running += 1

    def end(self) -> None:
        """End a call."""
        self.running -= 1

    def _charge(self, tokens: int) -> None:
        now = self._clock()
        self._second.use(tokens, now)
        self._day.use(tokens, now)


class Accounts:
    """The accounts of all keys in a file, which may change at any time."""

    def __init__(self, path: Path, clock: _Clock = time.monotonic) -> None:
        """Read the file.

        Raises:
            KeyFileError: the file is wrong.
        """
        self._clock, self._checked = clock, clock()
        self._file = Reloaded("keys", [path], lambda: read_keys(path))
        self._accounts: dict[str, Account] = {}
        self._hashes: list[tuple[bytes, Account]] = []
        self._keys: Mapping[str, KeyEntry] = {}
        self._open(self._file.value)

    def find(self, authorization: str | None) -> Account:
        """Return the account of a call.

        Args:
            authorization: the call's `authorization` header, "Bearer KEY".

        Raises:
            UnauthenticatedError: there is no key, or none that is known.
        """
        now = self._clock()
        if now - self._checked >= _CHECK_SECONDS:
            self._checked = now
            self._open(self._file.refresh())
        scheme, _, key = (authorization or "").partition(" ")
        if not key or scheme.lower() != "bearer":
            raise UnauthenticatedError(
                "this service requires an API key: send `authorization: Bearer KEY` with the call"
            )
        digest, found = key_hash(key.strip()).encode(), None
        for known, account in self._hashes:  # all of them, so that time tells nothing
            if hmac.compare_digest(known, digest):
                found = account
        if found is None:
            raise UnauthenticatedError("the API key is not known here: ask for a new one")
        return found

    def _open(self, keys: Mapping[str, KeyEntry]) -> None:
        if keys is self._keys:
            return
        self._keys, before, self._accounts = keys, self._accounts, {}
        for name, entry in keys.items():
            account = before.get(name) or Account(name, entry, self._clock)
            account.limit(entry)
            self._accounts[name] = account
        self._hashes = [
            (entry.sha256.encode(), self._accounts[name]) for name, entry in keys.items()
        ]


class _Allowance:
    """An amount per period that refills evenly, and whose last user may overdraw it."""

    def __init__(self, period: float) -> None:
        """Allow anything, until `limit` is called; `period` is in seconds."""
        self._period = period
        self._amount: float | None = None
        self._used, self._at = 0.0, -math.inf

    def limit(self, amount: float | None) -> None:
        """Allow an amount per period, at most as much at once; None for any."""
        self._amount = amount

    def use(self, amount: float, now: float) -> None:
        """Use an amount."""
        self._refill(now)
        self._used += amount

    def wait(self, now: float) -> float:
        """Return after how many seconds some of it is left."""
        self._refill(now)
        if self._amount is None or self._used < self._amount:
            return 0
        return (self._used - self._amount + 1) * self._period / self._amount

    def _refill(self, now: float) -> None:
        if self._amount is None:
            self._used = 0.0
        else:
            refilled = (now - self._at) * self._amount / self._period
            self._used = max(0.0, self._used - refilled)
        self._at = now
