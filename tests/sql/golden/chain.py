"""Chains of cases, and who was at a venue."""


def chain(picture, root, depth_max=3):
    """(depth, parent, person, class, reported, first, last, seconds, score in thousandths), in breadth."""
    reported = lambda who: picture.episodes[who][-1]["reported"] if who in picture.episodes else None
    rows, seen, level = [(0, None, root, "f0", reported(root), None, None, None, None)], {root}, [root]
    for depth in range(1, depth_max + 1):
        found = {}
        for f0, who, kind, first, last, seconds, _, score in picture.contacts:
            if f0 in level and who not in seen:
                row = (depth, f0, who, kind, reported(who), first, last, seconds, score)
                if who not in found or (first, f0) < (found[who][5], found[who][1]):
                    found[who] = row
        rows += found.values()
        seen |= set(found)
        level = [who for who, row in found.items() if row[3] == "f0"]
    return rows


def exposed(picture, venue, begin, end):
    """(person, class, from, to, seconds), by (from, person)."""
    rows = []
    for who, mine in picture.visits.items():
        kind = "f0" if who in picture.episodes else "f1" if who in picture.f1_open else None
        for v, a, z, _ in mine:
            a, z = max(a, begin), min(z, end)
            if v == venue and a < z:
                rows.append((who, kind, a, z, z - a))
    return sorted(rows, key=lambda row: (row[2], row[0]))
