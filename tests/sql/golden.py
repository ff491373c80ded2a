#!/usr/bin/env python3
"""The golden city: writes golden.ndjson, and by the rules of the domain (not by the engine) the files
scans.slt, visits.slt, contacts.slt and cases.slt beside it.

Every value is fixed; running it again changes nothing. The rules are written out here once more, from the words
of the domain, so that the expected rows owe nothing to the engine.
"""
import json
import os
from collections import defaultdict
from datetime import datetime, timedelta, timezone

HERE = os.path.dirname(os.path.abspath(__file__))
ZONE = timezone(timedelta(hours=7))


def t(day, clock):
    """A second of October 2021, local."""
    parts = [int(part) for part in clock.split(":")] + [0]
    return int(datetime(2021, 10, day, parts[0], parts[1], parts[2], tzinfo=ZONE).timestamp())


def text(second):
    return "NULL" if second is None else datetime.fromtimestamp(second, ZONE).isoformat()


NOW = t(20, "12:00")
# kind: typical minutes, most minutes, weight in thousandths
KINDS = {
    "market": (45, 180, 600), "supermarket": (40, 180, 500), "restaurant": (60, 240, 1000),
    "home_area": (20, 720, 100), "hospital": (90, 960, 900), "checkpoint": (0, 0, 0),
    "factory": (300, 720, 700), "office": (240, 720, 600), "cafe": (60, 300, 1000), "other": (30, 480, 500),
}
VENUES = [
    ("V-CHO", "Chợ Hôm", "market", "007", "00256", 21.0169, 105.8525, 800),
    ("V-SIEUTHI", "Siêu thị Đống Đa", "supermarket", "006", None, 21.0105, 105.8262, 300),
    ("V-PHO", "Phở Thìn Lò Đúc", "restaurant", "007", None, 21.0180, 105.8560, 60),
    ("V-NGO", "Ngõ 12 Bạch Mai", "home_area", "007", None, 21.0040, 105.8510, None),
    ("V-BV", "Bệnh viện Thanh Nhàn", "hospital", "007", None, 21.0010, 105.8560, 500),
    ("V-CHOT", "Chốt cầu Chương Dương", "checkpoint", "004", None, 21.0360, 105.8620, None),
    ("V-XUONG", "Xưởng may Đức Giang", "factory", "004", None, 21.0600, 105.8900, 1000),
    ("V-VP", None, "office", None, None, None, None, None),
    ("V-CAFE", "Cà phê Giảng", "cafe", "002", None, 21.0335, 105.8530, 40),
    ("V-XA", "Chợ Bến Thành", "market", None, None, 10.7725, 106.6980, None),
    ("V-IM", "Siêu thị chưa mở", "supermarket", "006", None, 21.0110, 105.8270, None),
]
TYPE = {venue[0]: venue[2] for venue in VENUES}


def person(n):
    return f"P{n:04d}"


def scans():
    """(person, venue, at, mode, direction, device)"""
    rows = []
    for day in range(14, 20):
        for n in range(1, 71 if day == 18 else 41):
            if (n + day) % 3 == 0:
                begin = t(day, "07:00") + n * 60
                device = f"gate-{n % 3}" if n % 2 else None
                rows.append((person(n), "V-CHO", begin, "person_qr", "in", device))
                if n % 5:
                    rows.append((person(n), "V-CHO", begin + 1800 + n, "person_qr", "out", device))
            if (n + day) % 7 == 2:
                rows.append((person(n), "V-PHO", t(day, "11:30") + n * 45, "venue_qr", None, None))
            if n % 10 == day % 10:
                rows.append((person(n), "V-XUONG", t(day, "13:00"), "person_qr", "in", "gate-9"))
    special = [
        (1, "V-CHO", t(20, "11:30"), "person_qr", "in"), (2, "V-CHO", t(20, "11:59:59"), "person_qr", "in"),
        (5, "V-CAFE", t(20, "11:00"), "venue_qr", None), (5, "V-CAFE", t(20, "11:20"), "venue_qr", None),
        (7, "V-PHO", t(20, "10:30"), "venue_qr", "out"), (8, "V-CHOT", t(20, "06:00"), "checkpoint", None),
        (8, "V-CHO", t(20, "08:00"), "person_qr", "in"), (8, "V-CHO", t(20, "08:10"), "patrol", None),
        (8, "V-CHO", t(20, "08:30"), "person_qr", "out"), (10, "V-MOI", t(20, "09:00"), "person_qr", "in"),
        (10, "V-MOI", t(20, "09:20"), "person_qr", "out"), (11, "V-VP", t(20, "08:00"), "person_qr", "in"),
        (11, "V-VP", t(20, "11:00"), "person_qr", "in"), (13, "V-XA", t(19, "20:00"), "person_qr", "in"),
        (13, "V-XA", t(19, "23:30"), "person_qr", "out"), (14, "V-SIEUTHI", t(19, "23:50"), "person_qr", "in"),
        (14, "V-SIEUTHI", t(20, "00:10"), "person_qr", "out"), (3, "V-CHO", t(20, "08:05"), "person_qr", "in"),
        (4, "V-CHO", t(19, "15:00"), "person_qr", "in"), (4, "V-NGO", t(19, "18:00"), "person_qr", "in"),
        (16, "V-BV", t(20, "07:00"), "person_qr", "in"), (17, "V-BV", t(20, "07:10"), "person_qr", "in"),
        (40, "V-CHO", NOW, "person_qr", "in"),
    ]
    rows += [(person(n), venue, at, mode, way, "gate-1" if n < 9 else None) for n, venue, at, mode, way in special]
    return rows


CASES = [
    dict(id="c01", at=t(19, "10:00"), person="P0003", status="f0", onset=t(17, "00:00"), sampled=t(18, "07:00"),
         isolated_at=t(19, "12:00"), found="community", district="007", ward="00256"),
    dict(id="c02", at=t(18, "09:00"), person="P0006", status="f0", onset=t(12, "00:00"), found="community",
         district="007"),
    dict(id="c03", at=t(18, "10:00"), person="P0006", status="f0", supersedes="c02", onset=t(16, "00:00"),
         sampled=t(17, "08:00"), found="community", district="007"),
    dict(id="c04", at=t(17, "09:00"), person="P0009", status="f0", onset=t(16, "00:00"), district="002"),
    dict(id="c05", at=t(18, "15:00"), retracts="c04"),
    dict(id="c06", at=t(17, "09:30"), person="P0012", status="f0", sampled=t(16, "09:30"), found="quarantine",
         district="006"),
    dict(id="c07", at=t(19, "09:30"), person="P0012", status="recovered"),
    dict(id="c08", at=t(10, "09:00"), person="P0015", status="f0", onset=t(8, "00:00"), found="import",
         district="006"),
    dict(id="c09", at=t(12, "09:00"), person="P0015", status="recovered"),
    dict(id="c10", at=t(19, "18:00"), person="P0015", status="f0", found="community", onset=t(19, "06:00")),
    dict(id="c11", at=t(19, "08:00"), person="P0004", status="f1", isolated_at=t(19, "08:00"), district="007"),
    dict(id="c12", at=t(19, "11:00"), person="P0021", status="f1"),
    dict(id="c13", at=t(20, "09:00"), person="P0021", status="cleared"),
]


def visits_of(own):
    order = {"out": 0, None: 1, "in": 2}
    own = sorted(set(own), key=lambda s: (s[2], order[s[4]], s[1].encode(), s[3]))
    done, held = [], None  # held: venue, start, last
    for _, venue, at, mode, way, *_ in own:
        typical, most, _ = (KINDS[TYPE.get(venue, "other")])
        road = mode in ("checkpoint", "patrol")
        if held and held[0] == venue:
            soft = held[2] + typical * 60
            if way != "out" or road:
                if road:
                    continue
                if at <= soft and at <= held[1] + most * 60:
                    held = (venue, held[1], at)
                    continue
                done.append((venue, held[1], min(at, soft), False))
                held = (venue, at, at)
                continue
            done.append((venue, held[1], at if at <= held[1] + most * 60 else min(at, soft), False))
            held = None
            continue
        if held:
            soft = held[2] + KINDS[TYPE.get(held[0], "other")][0] * 60
            done.append((held[0], held[1], min(at, soft), False))
            held = None
        if way != "out" and not road and typical:
            held = (venue, at, at)
    if held:
        soft = held[2] + KINDS[TYPE.get(held[0], "other")][0] * 60
        done.append((held[0], held[1], min(NOW, soft), soft > NOW))
    return [visit for visit in done if visit[2] > visit[1]]


def episodes():
    named = {case.get("supersedes") for case in CASES} | {case.get("retracts") for case in CASES}
    out = defaultdict(list)
    for case in sorted(CASES, key=lambda c: (c["at"], c["id"])):
        if case["id"] in named or "retracts" in case:
            continue
        mine = out[case["person"]]
        if case["status"] == "f0":
            if not mine or mine[-1]["ended"]:
                mine.append(dict(reported=case["at"], onset=None, sampled=None, isolated_at=None, found=None,
                                 district=None, ward=None, ended=None, outcome=None))
            for key in ("onset", "sampled", "isolated_at", "found"):
                mine[-1][key] = case.get(key, mine[-1][key])
            if "district" in case:
                mine[-1]["district"], mine[-1]["ward"] = case["district"], case.get("ward")
        elif case["status"] in ("recovered", "cleared", "deceased") and mine and not mine[-1]["ended"]:
            mine[-1]["ended"], mine[-1]["outcome"] = case["at"], case["status"]
    for mine in out.values():
        before = None
        for one in mine:
            days = [day for day in (one["onset"], one["sampled"]) if day is not None]
            zero = min(days) if days else one["reported"]
            one["from"] = max([zero - 72 * 3600] + ([before] if before else []))
            one["to"] = one["isolated_at"] or one["ended"] or zero + 240 * 3600
            one["zero"] = one["onset"] or one["sampled"] or one["reported"]
            before = one["to"]
    return {who: mine for who, mine in out.items() if mine}


INFECTIOUS = [499, 750, 935, 1000, 939, 788, 602, 422, 275, 168, 97, 53, 27, 14]


def contacts(visits, cases):
    at_venue = defaultdict(list)
    for who, mine in visits.items():
        for venue, begin, end, _ in mine:
            at_venue[venue].append((who, begin, end))
    rows = []
    for f0, mine in cases.items():
        met = defaultdict(list)
        for one in mine:
            for venue, begin, end, _ in visits.get(f0, []):
                begin, end = max(begin, one["from"]), min(end, one["to"])
                for other, first, last in at_venue[venue]:
                    first, last = max(first, begin), min(last, end)
                    if other != f0 and last > first:
                        day = (first - one["zero"]) // 86400
                        weight = KINDS[TYPE.get(venue, "other")][2]
                        permille = INFECTIOUS[day + 3] if -3 <= day <= 10 else 0
                        met[other].append((first, last, (last - first) * permille * weight))
        for other, meetings in met.items():
            by_day = defaultdict(int)
            for first, last, _ in meetings:
                by_day[(first + 7 * 3600) // 86400] += last - first
            kept = [m for m in meetings if by_day[(m[0] + 7 * 3600) // 86400] >= 900]
            if kept:
                total = sum(m[2] for m in kept)
                thousandths = (total * 1000 * 2 + 60_000_000) // (2 * 60_000_000)
                rows.append((f0, other, "f0" if other in cases else "f1", min(m[0] for m in kept),
                             max(m[1] for m in kept), sum(m[1] - m[0] for m in kept), 0, thousandths))
    return sorted(rows, key=lambda row: row[:2])


def events():
    """In the order in which they are sent."""
    out = []
    for venue, name, kind, district, ward, lat, lon, capacity in VENUES:
        out.append(dict(kind="venue", id=f"v-{venue}", at=t(1, "00:00"), venue=venue, name=name, type=kind,
                        district=district, ward=ward, lat=lat, lon=lon, capacity=capacity))
    for n in range(1, 31):
        born = f"{1935 + n * 2}-{1 + n % 12:02d}-01"
        out.append(dict(kind="resident", id=f"r{n}", at=t(1, "00:00"), person=person(n), born_on=born,
                        district="007" if n % 2 else "006"))
        for dose in range(1, 1 + n % 3):
            x = dict(kind="vaccination", id=f"x{n}-{dose}", at=t(5, "09:00"), person=person(n), dose=dose,
                     vaccine="AstraZeneca", given_on=f"2021-0{6 + dose}-20", facility="TTYT Hai Bà Trưng")
            if n % 4 == 1:
                x |= dict(full_name="Nguyễn Thị Ánh", born_on=born, sex="f", permanent_residence="Hà Nội",
                          temporary_residence="Hà Nội")
            out.append(x)
    rows = sorted(scans(), key=lambda s: s[2])
    late = [row for row in rows if row[0] == "P0013"]
    for k, (who, venue, at, mode, way, device) in enumerate([r for r in rows if r not in late and r[2] < NOW]):
        out.append(dict(kind="scan", id=f"s{k}", at=at, person=who, venue=venue, mode=mode, direction=way,
                        device=device))
    for case in CASES:
        out.append(dict(kind="case", **case))
    out.append(dict(kind="declaration", id="d1", at=t(20, "07:00"), person="P0020", about="health",
                    symptoms=["fever"]))
    for k, (who, venue, at, mode, way, device) in enumerate(late + [r for r in rows if r[2] == NOW]):
        out.append(dict(kind="scan", id=f"l{k}", at=at, person=who, venue=venue, mode=mode, direction=way,
                        device=device))
    # The same scan again under another id, and one that is refused: no such mode.
    out.append({**out[-1], "id": "again"})
    out.append(dict(kind="scan", id="bad", at=NOW, person="P0001", venue="V-CHO", mode="guess"))
    for event in out:
        for key, value in event.items():
            if key in ("at", "onset", "sampled", "isolated_at") and isinstance(value, int):
                event[key] = text(value)
    return [{key: value for key, value in event.items() if value is not None} for event in out]


def query(types, sql, rows):
    lines = [" ".join("NULL" if value is None else str(value) for value in row) for row in rows]
    return "\n".join([f"query {types}", sql, "----", *lines, ""]) + "\n"


def write(name, parts):
    with open(os.path.join(HERE, name), "w", encoding="utf-8") as file:
        file.write("# Written by golden.py from the rules. Do not edit.\n\n" + "".join(parts))


def main():
    every = events()
    with open(os.path.join(HERE, "golden.ndjson"), "w", encoding="utf-8") as file:
        file.writelines(json.dumps(event, ensure_ascii=False) + "\n" for event in every)
    known = {v[0]: v for v in VENUES}
    rows = sorted({row[:5] for row in scans()}, key=lambda s: (s[2], s[0], s[1], s[3]))
    full = [(w, v, text(at), m, d, known[v][3] if v in known else None, known[v][4] if v in known else None)
            for w, v, at, m, d in rows]
    by_mode = defaultdict(int)
    for row in rows:
        by_mode[row[3]] += 1
    order = "ORDER BY scanned_at, person, venue, mode"
    columns = "SELECT person, venue, scanned_at, mode, direction, district, ward FROM scans"
    only = lambda test: [row for row in full if test(row)]
    write("scans.slt", [
        query("I", "SELECT count(*) FROM scans", [(len(rows),)]),
        query("TI", "SELECT mode, count(*) FROM scans GROUP BY mode ORDER BY mode", sorted(by_mode.items())),
        query("TTTTTTT", f"{columns} WHERE venue <> 'V-XA' AND venue <> 'V-VP' {order}",
              only(lambda r: r[1] not in ("V-XA", "V-VP"))),
        query("TTTTTTT", f"{columns} WHERE person = 'P0008' {order}", only(lambda r: r[0] == "P0008")),
        query("TTTTTTT", f"{columns} WHERE direction IS NULL AND venue NOT IN ('V-PHO', 'V-XA', 'V-VP') {order}",
              only(lambda r: r[4] is None and r[1] != "V-PHO")),
    ])
    own = defaultdict(list)
    for row in scans():
        own[row[0]].append(row)
    visits = {who: visits_of(mine) for who, mine in own.items()}
    flat = sorted(((w, v, b, e, e - b, str(o).lower()) for w, mine in visits.items() for v, b, e, o in mine),
                  key=lambda r: (r[2], r[0]))
    shown = lambda test: [(w, v, text(b), text(e), s, o) for w, v, b, e, s, o in flat if test(w, v, b, e)]
    columns = "SELECT person, venue, start_at, end_at, seconds, open FROM visits"
    a, z = t(18, "07:10"), t(18, "07:40")
    spans = []
    for begin in (">", ">=", "=", "<", "<="):
        edge = next(r for r in flat if r[2] > a)
        compare = {">": int.__gt__, ">=": int.__ge__, "=": int.__eq__, "<": int.__lt__, "<=": int.__le__}[begin]
        for column, at in (("start_at", 2), ("end_at", 3)):
            count = sum(compare(r[at], edge[at]) for r in flat)
            for form in (column, f"coalesce({column}, NULL)"):
                spans.append(query("I", f"SELECT count(*) FROM visits WHERE {form} {begin} '{text(edge[at])}'",
                                   [(count,)]))
    write("visits.slt", [
        query("TTTTIB", f"{columns} ORDER BY start_at, person", shown(lambda *_: True)),
        query("TTTTIB", f"{columns} WHERE person IN ('P0001', 'P0008', 'P9999') ORDER BY start_at, person",
              shown(lambda w, *_: w in ("P0001", "P0008"))),
        query("TTTTIB", f"{columns} WHERE start_at < '{text(z)}' AND end_at > '{text(a)}' AND venue = 'V-CHO' "
              "ORDER BY start_at, person", shown(lambda w, v, b, e: v == "V-CHO" and b < z and e > a)),
        query("TTTTIB", f"{columns} WHERE open ORDER BY start_at, person",
              [(w, v, text(b), text(e), s, o) for w, v, b, e, s, o in flat if o == "true"]),
        query("TTTTIB", f"{columns} WHERE person = 'P0005' OR venue = 'V-BV' ORDER BY start_at, person",
              shown(lambda w, v, *_: w == "P0005" or v == "V-BV")),
        *spans,
    ])
    cases = episodes()
    met = contacts(visits, cases)
    rows = [(f0, who, cls, text(b), text(e), s, i, m) for f0, who, cls, b, e, s, i, m in met]
    columns = ("SELECT f0, person, class, first_at, last_at, seconds, indirect_seconds, "
               "CAST(round(score * 1000) AS BIGINT) FROM contacts")
    write("contacts.slt", [
        query("TTTTTIII", f"{columns} ORDER BY f0, person", rows),
        query("TTTTTIII", f"{columns} WHERE f0 = 'P0006' ORDER BY person", [r for r in rows if r[0] == "P0006"]),
        query("TTTTTIII", f"{columns} WHERE person = 'P0009' OR class = 'f0' ORDER BY f0, person",
              [r for r in rows if r[1] == "P0009" or r[2] == "f0"]),
        query("TI", "SELECT person, seconds FROM contacts_of('P0003') ORDER BY person",
              [(r[1], r[5]) for r in rows if r[0] == "P0003"]),
        query("I", "SELECT count(*) FROM contacts_of('nobody')", [(0,)]),
    ])
    lines = []
    for who, mine in sorted(cases.items()):
        for n, one in enumerate(mine, 1):
            lines.append((who, n, text(one["reported"]), text(one["onset"]), text(one["sampled"]),
                          text(one["isolated_at"]), text(one["ended"]), one["outcome"], one["found"],
                          text(one["from"]), text(one["to"])))
    write("cases.slt", [
        query("TITTTTTTTTT", "SELECT person, episode, reported_at, onset, sampled, isolated_at, ended_at, outcome, "
              "found, infectious_from, infectious_to FROM cases ORDER BY person, episode", lines),
    ])
    print(len(every), "events", len(flat), "visits", len(met), "contacts")


main()
