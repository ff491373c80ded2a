"""What the tables of people, visits and contacts should say."""
from collections import defaultdict

from .chain import chain, exposed
from .kinds import place
from .slt import query
from .times import t, text


CONTACTS = ("SELECT f0, person, class, first_at, last_at, seconds, indirect_seconds, "
            "CAST(round(score * 1000) AS BIGINT) FROM contacts")


def scans(p):
    rows = sorted(p.scans, key=lambda s: (s[2], s[0], s[1], s[3]))
    full = [(w, v, text(at), m, d, p.venues[v]["district"], p.venues[v]["ward"]) for w, v, at, m, d in rows]
    by_mode = defaultdict(int)
    for row in rows:
        by_mode[row[3]] += 1
    order = "ORDER BY scanned_at, person, venue, mode"
    columns = "SELECT person, venue, scanned_at, mode, direction, district, ward FROM scans"
    only = lambda test: [row for row in full if test(row)]
    return [
        query("I", "SELECT count(*) FROM scans", [(len(rows),)]),
        query("TI", "SELECT mode, count(*) FROM scans GROUP BY mode ORDER BY mode", sorted(by_mode.items())),
        query("TTTTTTT", f"{columns} {order}", full),
        query("TTTTTTT", f"{columns} WHERE person = 'P0008' {order}", only(lambda r: r[0] == "P0008")),
        query("TTTTTTT", f"{columns} WHERE direction IS NULL AND venue NOT IN ('V-PHO', 'V-XA', 'V-VP') {order}",
              only(lambda r: r[4] is None and r[1] not in ("V-PHO", "V-XA", "V-VP"))),
        query("TTTTTTT", f"{columns} WHERE ward = '00133' AND direction = 'out' {order}",
              only(lambda r: r[6] == "00133" and r[4] == "out")),
    ]


def visits(p):
    flat = sorted(((w, v, b, e, e - b, o) for w, mine in p.visits.items() for v, b, e, o in mine),
                  key=lambda r: (r[2], r[0]))
    shown = lambda test: [(w, v, text(b), text(e), s, o) for w, v, b, e, s, o in flat if test(w, v, b, e, o)]
    columns, order = "SELECT person, venue, start_at, end_at, seconds, open FROM visits", "ORDER BY start_at, person"
    a, z = t(18, "07:10"), t(18, "07:40")
    edge, spans = next(r for r in flat if r[2] > a), []
    for sign, compare in {">": int.__gt__, ">=": int.__ge__, "=": int.__eq__, "<": int.__lt__, "<=": int.__le__}.items():
        for column, at in (("start_at", 2), ("end_at", 3)):
            count = sum(compare(r[at], edge[at]) for r in flat)
            for form in (column, f"coalesce({column}, NULL)"):
                sql = f"SELECT count(*) FROM visits WHERE {form} {sign} '{text(edge[at])}'"
                spans.append(query("I", sql, [(count,)]))
    return [
        query("TTTTIB", f"{columns} {order}", shown(lambda *_: True)),
        query("TTTTIB", f"{columns} WHERE person IN ('P0001', 'P0008', 'P9999') {order}",
              shown(lambda w, *_: w in ("P0001", "P0008"))),
        query("TTTTIB", f"{columns} WHERE start_at < '{text(z)}' AND end_at > '{text(a)}' AND venue = 'V-CHO' {order}",
              shown(lambda w, v, b, e, o: v == "V-CHO" and b < z and e > a)),
        query("TTTTIB", f"{columns} WHERE open {order}", shown(lambda w, v, b, e, o: o)),
        query("TTTTIB", f"{columns} WHERE person = 'P0005' OR venue = 'V-BV' {order}",
              shown(lambda w, v, *_: w == "P0005" or v == "V-BV")),
        *spans,
    ]


def met(p):
    return [(*row[:3], *map(text, row[3:5]), *row[5:]) for row in p.contacts]


def last_began(p):
    """Case and contact with the first second of their last listed meeting."""
    of = defaultdict(int)
    for one in p.listed:
        of[one[0], one[2]] = max(of[one[0], one[2]], one[4])
    return query("TTT", "SELECT f0, person, last_began_at FROM contacts ORDER BY f0, person",
                 [(*pair, text(began)) for pair, began in sorted(of.items())])


def contacts(p):
    rows, columns = met(p), CONTACTS
    return [
        query("TTTTTIII", f"{columns} ORDER BY f0, person", rows),
        query("TTTTTIII", f"{columns} WHERE f0 = 'P0006' ORDER BY person", [r for r in rows if r[0] == "P0006"]),
        query("TTTTTIII", f"{columns} WHERE person = 'P0009' OR class = 'f0' ORDER BY f0, person",
              [r for r in rows if r[1] == "P0009" or r[2] == "f0"]),
        query("TI", "SELECT person, seconds FROM contacts_of('P0003') ORDER BY person",
              [(r[1], r[5]) for r in rows if r[0] == "P0003"]),
        query("I", "SELECT count(*) FROM contacts_of('nobody')", [(0,)]),
        query("I", "SELECT count(*) FROM contacts_of('P0101')", [(0,)]),
        last_began(p),
    ]


def lingering(p):
    """In a city where what a case has breathed out lingers."""
    return [query("TTTTTIII", f"{CONTACTS} ORDER BY f0, person", met(p)), last_began(p),
            query("I", "SELECT count(*) FROM contacts WHERE seconds = 0", [(sum(r[5] == 0 for r in p.contacts),)])]


def chains(p):
    told = lambda second: None if second is None else text(second)
    columns = ("SELECT depth, parent, person, class, reported_at, first_at, last_at, seconds, "
               "CAST(round(score * 1000) AS BIGINT) FROM chain_of({}) ORDER BY depth, person")
    def asked(arguments, *of):
        rows = sorted(chain(p, *of), key=lambda row: (row[0], row[2]))
        return query("ITTTTTTII", columns.format(arguments), [(*r[:4], *map(told, r[4:7]), *r[7:]) for r in rows])
    def there(venue, begin, end):
        spans = f"'{text(begin)}', '{text(end)}'"
        sql = f"SELECT person, class, from_at, to_at, seconds FROM exposed_at('{venue}', {spans}) ORDER BY from_at, person"
        return query("TTTTI", sql, [(w, k, text(a), text(z), s) for w, k, a, z, s in exposed(p, venue, begin, end)])
    return [
        asked("'P0006'", "P0006"), asked("'P0006', 1", "P0006", 1), asked("'P0015', 2", "P0015", 2),
        query("I", "SELECT count(*) FROM chain_of('P0101')", [(0,)]),
        there("V-CHO", t(18, "07:20"), t(18, "07:50")), there("V-XUONG", t(16, "12:00"), t(16, "23:00")),
        there("V-CHO", t(20, "08:00"), t(20, "12:00")), there("V-MOI", t(20, "09:00"), t(20, "09:00:01")),
    ]


def cases(p):
    rows, homes = [], []
    for who, mine in sorted(p.episodes.items()):
        for n, one in enumerate(mine):
            rows.append((who, n + 1, text(one["reported"]), text(one["onset"]), text(one["sampled"]),
                         text(one["isolated_at"]), text(one["ended"]), one["outcome"], one["found"],
                         text(one["from"]), text(one["to"])))
            homes.append((who, n + 1, *p.residence(who), *(len(p.contacts_of(who, n, k)) for k in ("f1", "f0"))))
    return [
        query("TITTTTTTTTT", "SELECT person, episode, reported_at, onset, sampled, isolated_at, ended_at, outcome, "
              "found, infectious_from, infectious_to FROM cases ORDER BY person, episode", rows),
        query("TITTII", "SELECT person, episode, district, ward, contacts, contacts_f0 FROM cases "
              "ORDER BY person, episode", homes),
    ]


def case_history(p):
    rows = []
    for case, stands in p.history:
        times = (text(case.get(key)) for key in ("onset", "sampled", "isolated_at"))
        rows.append((case["id"], text(case["at"]), case.get("person"), case.get("status"), *times, case.get("found"),
                     *place(case.get("district"), case.get("ward")), case.get("supersedes"), case.get("retracts"),
                     stands))
    return [
        query("TTTTTTTTTTTTB", "SELECT id, at, person, status, onset, sampled, isolated_at, found, district, ward, "
              "supersedes, retracts, stands FROM case_history ORDER BY at, id", rows),
        query("T", "SELECT id FROM case_history WHERE NOT stands ORDER BY id", sorted((r[0],) for r in rows if not r[-1])),
    ]
