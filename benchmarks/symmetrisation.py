"""Makes one word alignment of two one-sided ones."""

from jumok.training.sentence_pair import Links

_NEIGHBOURS = ((-1, 0), (0, -1), (1, 0), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1))


def grow_diag_final_and(forward: Links, backward: Links) -> Links:
    """Grow the intersection of two alignments into their union (Koehn et al. 2005, 2).

    Neighbours of links, diagonal ones too, join as long as one of their words has no link yet;
    then any link whose two words have none.
    """
    links = set(forward & backward)
    union = forward | backward
    sources = {source for source, _ in links}
    targets = {target for _, target in links}

    def join(source: int, target: int) -> None:
        links.add((source, target))
        sources.add(source)
        targets.add(target)

    grown = -1
    while grown < len(links):
        grown = len(links)
        for source, target in sorted(links):
            for down, right in _NEIGHBOURS:
                near = (source + down, target + right)
                if near in union and (near[0] not in sources or near[1] not in targets):
                    join(*near)
    for direction in (forward, backward):
        for source, target in sorted(direction):
            if source not in sources and target not in targets:
                join(source, target)
    return frozenset(links)
