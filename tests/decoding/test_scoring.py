"""Forced decoding, compared with the tables."""

import numpy as np

from jumok.decoding.batch_search import force
from tests.decoding.tables import END, SOURCES, SPECIAL, Tables, code, table

TARGETS = [[5], [], [4, 6, 4], [6, 6], [1, 2, 4, 5, 6]]


def test_force() -> None:
    """Given translations of different lengths are scored token by token, including the end."""
    for source, target, found in zip(
        SOURCES, TARGETS, force(Tables(), SOURCES, TARGETS, SPECIAL), strict=True
    ):
        ids = [*target, END]
        rows = [table(tuple(source), code(ids[:place])) for place in range(len(ids))]
        assert found.token_ids == tuple(target)
        wanted = [row[token_id] for (row, _), token_id in zip(rows, ids, strict=True)]
        np.testing.assert_array_equal(found.log_probs, wanted)
        np.testing.assert_array_equal(found.attention, [attention for _, attention in rows])


def test_posterior() -> None:
    """Posterior attention weights each position by how well it alone explains the token."""
    for source, target, found in zip(
        SOURCES, TARGETS, force(Tables(), SOURCES, TARGETS, SPECIAL, posterior=True), strict=True
    ):
        assert found.posterior is not None
        for place, token_id in enumerate([*target, END]):
            number = code(target[:place])
            alone = [table((position,), number)[0][token_id] for position in source]
            joint = found.attention[place] * np.exp(alone)
            np.testing.assert_allclose(found.posterior[place], joint / joint.sum(), rtol=1e-5)
    plain = force(Tables(), SOURCES, TARGETS, SPECIAL)
    assert all(found.posterior is None for found in plain)
