"""Combine the alignments of two directions."""

from jumok.evaluation.scoring.sentence_pair import Links

_NEIGHBOURS = ((-1, 0), (0, -1), (1, 0), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1))


def grow_diag_final_and(forward: Links, backward: Links) -> Links:
    """Extend the intersection of two alignments within their union (Koehn et al. 2005, section 2).

    First add neighbours of links, including diagonal ones, of which at least one word is unaligned;
    then add links of which both words are unaligned.
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
