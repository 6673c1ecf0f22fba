from hypothesis import given
from hypothesis import strategies as st

from jumok.training.aligners.symmetrisation import grow_diag_final_and

_LINKS = st.frozensets(st.tuples(st.integers(0, 4), st.integers(0, 4)))


def test_links_of_both_directions_are_kept() -> None:
    """Links of both directions are kept."""
    assert grow_diag_final_and(frozenset({(0, 0)}), frozenset({(0, 0)})) == {(0, 0)}


def test_a_neighbour_joins_while_a_word_of_it_is_free() -> None:
    """A neighbouring link of one direction is added if one of its words is unaligned."""
    forward = frozenset({(0, 0), (0, 1)})
    assert grow_diag_final_and(forward, frozenset({(0, 0)})) == forward


def test_a_neighbour_of_two_linked_words_stays_out() -> None:
    """A link of one direction between two aligned words is not added."""
    both = frozenset({(0, 0), (1, 1)})
    assert grow_diag_final_and(both | {(0, 1)}, both) == both


def test_neighbours_of_added_links() -> None:
    """Neighbours of added links are considered, too."""
    forward = frozenset({(0, 0), (1, 1), (2, 2)})
    assert grow_diag_final_and(forward, frozenset({(0, 0)})) == forward


def test_a_far_link_joins_only_between_two_free_words() -> None:
    """Finally, other links are added if both words are unaligned."""
    both = frozenset({(0, 0)})
    assert grow_diag_final_and(both | {(4, 4)}, both) == {(0, 0), (4, 4)}
    assert grow_diag_final_and(both | {(0, 4)}, both) == both


@given(_LINKS, _LINKS)
def test_it_lies_between_intersection_and_union(
    forward: frozenset[tuple[int, int]], backward: frozenset[tuple[int, int]]
) -> None:
    """The result contains the intersection and is contained in the union."""
    links = grow_diag_final_and(forward, backward)
    assert forward & backward <= links <= forward | backward
