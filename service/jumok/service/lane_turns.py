"""The order in which lanes step: how often each one does."""

from collections.abc import Hashable, Mapping
from typing import Final, Generic, TypeVar

K = TypeVar("K", bound=Hashable)

_SLOWEST: Final = 16
"""Every lane steps at least once in this many rounds, so that no stream appears to hang."""


class LaneTurns(Generic[K]):
    """Decides which lanes step in a round.

    The lane with the greatest claim steps in every round, and the others in proportion to theirs.
    If a lane's claim is the share of its callers divided by the rows that they hold, all callers
    get row-steps in proportion to their shares, however many rows they hold.
    """

    def __init__(self) -> None:
        """Start without lanes."""
        self._credit: dict[K, float] = {}

    def due(self, claims: Mapping[K, float]) -> list[K]:
        """Return the lanes that step in this round, in the given order; a new lane is among them.

        Args:
            claims: the claim of each lane with running sentences, above 0.
        """
        most = max(claims.values(), default=1.0)
        credit = {}
        for lane, claim in claims.items():
            saved = self._credit.get(lane)
            credit[lane] = 1.0 if saved is None else saved + max(claim / most, 1 / _SLOWEST)
        due = [lane for lane, saved in credit.items() if saved >= 1]
        # less than a whole turn is kept, so that no lane can save up several
        self._credit = {lane: saved % 1 for lane, saved in credit.items()}
        return due
