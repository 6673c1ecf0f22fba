from hypothesis import given
from hypothesis import strategies as st

from jumok.training.aligners.symmetrisation import grow_diag_final_and

_LINKS = st.frozensets(st.tuples(st.integers(0, 4), st.integers(0, 4)))


def test_what_both_directions_say_is_kept() -> None:
    """A link of both directions stays."""
    assert grow_diag_final_and(frozenset({(0, 0)}), frozenset({(0, 0)})) == {(0, 0)}


def test_a_neighbour_joins_while_a_word_of_it_is_free() -> None:
    """A link of one direction beside a link of both joins where one of its words has none."""
    forward = frozenset({(0, 0), (0, 1)})
    assert grow_diag_final_and(forward, frozenset({(0, 0)})) == forward


def test_a_neighbour_of_two_linked_words_stays_out() -> None:
    """A link of one direction between two words that both have links is left out."""
    both = frozenset({(0, 0), (1, 1)})
    assert grow_diag_final_and(both | {(0, 1)}, both) == both


def test_growing_goes_on_from_what_joined() -> None:
    """A link that joined lets its own neighbours join."""
    forward = frozenset({(0, 0), (1, 1), (2, 2)})
    assert grow_diag_final_and(forward, frozenset({(0, 0)})) == forward


def test_a_far_link_joins_only_between_two_free_words() -> None:
    """In the end a link of one direction joins if neither of its words has one."""
    both = frozenset({(0, 0)})
    assert grow_diag_final_and(both | {(4, 4)}, both) == {(0, 0), (4, 4)}
    assert grow_diag_final_and(both | {(0, 4)}, both) == both


@given(_LINKS, _LINKS)
def test_it_lies_between_intersection_and_union(
    forward: frozenset[tuple[int, int]], backward: frozenset[tuple[int, int]]
) -> None:
    """Nothing that both say is lost, and nothing is made up."""
    links = grow_diag_final_and(forward, backward)
    assert forward & backward <= links <= forward | backward
