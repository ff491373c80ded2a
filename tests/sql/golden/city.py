"""What the golden city's producers send: registers, scans, cases, in their order."""
import json

from .times import NOW, t, text


def person(n):
    return f"P{n:04d}"


# venue, name, type, district, ward, latitude, longitude, capacity
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
    ("V-TRUONG", "Trường Trung Liệt", "school", "006", "00217", 21.0108, 105.8224, 900),
    ("V-BEN", "Bến xe Gia Lâm", "transport", "004", "00133", 21.0448, 105.8780, None),
    ("V-DEN", "Đền Voi Phục", "worship", "001", "00256", 21.0300, 105.8060, None),  # a ward of another district
    ("V-SAN", "Sân Mỹ Đình", "leisure", "019", "99999", 21.0204, 105.7639, None),  # a ward that nobody knows
    ("V-DAU", "Chợ không rõ quận", "market", None, None, 21.02167, 105.914179, None),  # the middle of ward 00148
    ("V-000", "Trụ sở", "government", "000", None, None, None, 10),
    ("V-XA2", "Ga Sài Gòn", "transport", "003", "00091", 10.7821, 106.6771, None),  # off the map
    ("V-VANG", "Chợ vắng", "market", "007", "00259", 21.0110, 105.8573, 20),
    ("V-DOI", "Quán đã dời", "cafe", "002", "00037", 21.0373, 105.8569, 30),
]
# The middle of a ward that is far from any other one's box: in whatever way outlines are drawn, it is there.
BY_CELL = {"V-DAU": ("004", "00148")}
# A record that comes after a later one of the same venue: what is later by `at` holds.
OLDER = ("V-DOI", "Quán cũ", "restaurant", "004", "00133", 21.0448, 105.8687, 99)


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
    for n in range(101, 123):
        rows.append((person(n), "V-TRUONG", t(19, "07:30") + (n - 100) * 20, "person_qr", "in", "cong-truong"))
        rows.append((person(n), "V-TRUONG", t(19, "11:00"), "person_qr", "out", "cong-truong"))
    for n in range(130, 155):
        rows.append((person(n), "V-BEN", t(19, "17:00") + n % 3, "venue_qr", None, None))
        rows.append((person(n), "V-BEN", t(19, "17:20") + n, "venue_qr", "out", None))
    rows += [(person(n), venue, at, mode, way, "gate-1" if n < 9 else None) for n, venue, at, mode, way in SPECIAL]
    return rows


SPECIAL = [
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
    # A case whose one contact was told in time.
    (80, "V-DEN", t(17, "09:00"), "venue_qr", "in"), (81, "V-DEN", t(17, "09:45"), "venue_qr", "in"),
    # The last full minute, from its first second on; V-DOI as it is now, not as it was.
    (60, "V-DOI", t(20, "11:59"), "venue_qr", "in"), (61, "V-DEN", t(20, "11:58:59"), "venue_qr", None),
    (61, "V-SAN", t(20, "11:59:30"), "venue_qr", None), (62, "V-DAU", t(20, "10:00"), "person_qr", "in"),
    (63, "V-XA2", t(20, "10:05"), "person_qr", "in"), (64, "V-000", t(20, "11:50"), "person_qr", "in"),
    # Isolated, and elsewhere: at a market; the next one in a hospital too, and out of isolation the day after.
    (50, "V-PHO", t(18, "08:00"), "venue_qr", "in"), (50, "V-BV", t(18, "09:00"), "person_qr", "in"),
    (51, "V-PHO", t(18, "19:00"), "venue_qr", "in"), (51, "V-PHO", t(19, "13:00"), "venue_qr", "in"),
    (130, "V-CHO", t(20, "07:00"), "person_qr", "in"), (130, "V-CHO", t(20, "07:40"), "person_qr", "out"),
    (130, "V-SIEUTHI", t(20, "08:00"), "person_qr", "in"),
]

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
    # Two isolated as contacts, one of them cleared.
    dict(id="c14", at=t(17, "09:00"), person="P0050", status="f1", isolated_at=t(17, "09:00"), district="001",
         ward="00001"),
    dict(id="c15", at=t(17, "10:00"), person="P0051", status="f1", isolated_at=t(17, "10:00"), district="001"),
    dict(id="c16", at=t(19, "12:00"), person="P0051", status="cleared"),
    # A case that was reported, and taken back: a cluster at a school that was none.
    dict(id="c17", at=t(20, "10:00"), person="P0101", status="f0", onset=t(19, "00:00"), found="community",
         district="006", ward="00217"),
    dict(id="c18", at=t(20, "11:00"), retracts="c17"),
    # A contact who became a case, isolated before the report; a chain of corrections, of which the last holds.
    dict(id="c19", at=t(20, "06:30"), person="P0130", status="f1"),
    dict(id="c20", at=t(20, "09:00"), person="P0130", status="f0", sampled=t(19, "06:00"), found="community",
         district="004"),
    dict(id="c21", at=t(20, "09:10"), person="P0130", status="f0", supersedes="c20", sampled=t(19, "07:30"),
         isolated_at=t(19, "20:00"), found="community", district="004", ward="00118"),
    dict(id="c22", at=t(20, "09:20"), person="P0130", status="f0", supersedes="c21", sampled=t(19, "08:00"),
         isolated_at=t(19, "20:00"), found="community", district="004", ward="00133"),
    # One id twice: the later `at` holds, the other has no effect.
    dict(id="c23", at=t(20, "09:30"), person="P0070", status="f0", found="community", district="002"),
    dict(id="c23", at=t(20, "09:25"), person="P0071", status="f0", found="community", district="002"),
    # Someone else's contact of the second order, and one who has died.
    dict(id="c24", at=t(20, "08:00"), person="P0072", status="f2", district="003"),
    dict(id="c25", at=t(6, "08:00"), person="P0073", status="f0", sampled=t(5, "20:15"), district="002",
         ward="00037"),
    dict(id="c26", at=t(16, "08:00"), person="P0073", status="deceased"),
    # Reached before the case was reported, and reached in time.
    dict(id="c27", at=t(18, "16:00"), person="P0018", status="f1"),
    dict(id="c28", at=t(18, "12:00"), person="P0013", status="f1", isolated_at=t(18, "12:00"), district="006",
         ward="00208"),
    dict(id="c29", at=t(18, "20:00"), person="P0080", status="f0", found="import", onset=t(17, "20:00"),
         sampled=t(18, "09:39"), district="003"),
    dict(id="c30", at=t(19, "20:00"), person="P0081", status="f1", district="003"),
    # More than 20 in 100,000 where nobody is vaccinated; one of them a second before the week.
    *(dict(id=f"e{n}", at=t(13, "12:00:01") - (n == 0), person=f"P05{n:02d}", status="f0", district="269",
           **({"found": "community"} if n % 2 else {})) for n in range(33)),
]


def residents():
    """(id, day of October, person, born_on, district, ward)"""
    rows = []
    for n in range(1, 31):
        born = f"{1935 + n * 2}-{1 + n % 12:02d}-01"
        ward = {5: "00259", 0: "00208"}.get(n % 10)
        rows.append((f"r{n}", 1, person(n), born, "007" if n % 2 else "006", ward))
    return rows + [
        ("r41", 1, "P0041", "2010-05-09", "006", "00208"), ("r42", 1, "P0042", None, "006", "00208"),
        ("r43", 1, "P0043", "1950-01-01", "000", None), ("r44", 1, "P0044", "1950-01-01", "007", "00208"),
        ("r45b", 9, "P0045", "1960-02-02", "002", "00037"), ("r45a", 2, "P0045", "1961-03-03", "007", "00259"),
        # Whole years count from the first of the month of birth.
        ("r46", 1, "P0046", "2003-10-31", "002", "00037"), ("r47", 1, "P0047", "2003-11-01", "002", "00037"),
        ("r48", 1, "P0048", "1956-10-21", "002", "00037"), ("r49", 1, "P0049", "1971-11-01", "002", "00037"),
        ("r50", 1, "P0050", "1971-10-30", "002", "00037"),
        ("r55", 1, "P0500", "1940-01-01", "269", None), ("r56", 1, "P0501", "1990-12-01", "269", "09607"),
        ("r54a", 3, "P0054", "1990-01-01", "001", None), ("r54b", 3, "P0054", "1991-01-01", "003", None),
    ]


FULL = dict(full_name="Nguyễn Thị Ánh", sex="f", permanent_residence="Hà Nội", temporary_residence="Hà Nội")


def doses():
    """Events of vaccination."""
    rows = []
    for n in range(1, 31):
        for dose in range(1, 1 + n % 3):
            x = dict(id=f"x{n}-{dose}", at=t(5, "09:00"), person=person(n), dose=dose, vaccine="AstraZeneca",
                     given_on=f"2021-0{6 + dose}-20", facility="TTYT Hai Bà Trưng")
            if n % 4 == 1:
                x |= FULL | dict(born_on="1980-01-01")
            rows.append(x)
    base = dict(vaccine="Pfizer", facility="TTYT Hoàn Kiếm")
    return rows + [
        # A dose written anew: the later record holds, though it comes first.
        dict(id="y1", at=t(8, "10:00"), person="P0045", dose=1, given_on="2021-09-01", **base),
        dict(id="y2", at=t(7, "10:00"), person="P0045", dose=1, given_on="2021-08-01", vaccine="Moderna"),
        # Only the second and third; the second, but tomorrow; today.
        dict(id="y3", at=t(8, "10:00"), person="P0048", dose=2, given_on="2021-09-02", born_on="1956-10-21",
             **FULL, **base),
        dict(id="y4", at=t(8, "10:00"), person="P0048", dose=3, given_on="2021-10-01"),
        dict(id="y5", at=t(8, "10:00"), person="P0050", dose=2, given_on="2021-10-21", **base),
        dict(id="y6", at=t(8, "10:00"), person="P0046", dose=1, given_on="2021-10-20", **base),
        dict(id="y7", at=t(8, "10:00"), person="P0999", dose=9, given_on="2021-01-31"),
        # One field of the register is missing, each time another.
        *(dict(id=f"z{k}", at=t(8, "11:00"), person=f"P08{k:02d}", dose=1, given_on="2021-07-01",
               **{name: value for name, value in (FULL | base | dict(born_on="1970-01-01")).items() if name != field})
          for k, field in enumerate((*FULL, *base, "born_on"))),
    ]


# Lines that are refused, with the kind and the field that `rejected` says.
REFUSED = [
    (dict(kind="scan", id="bad", at=NOW, person="P0001", venue="V-CHO", mode="guess"), "scan", "mode"),
    (dict(kind="venue", id="bad2", at=NOW, venue="V-LA", type="casino"), "venue", "type"),
    (dict(kind="case", id="bad3", at=NOW, person="P0001", status="f0", district="998"), "case", "district"),
    (dict(kind="declaration", id="bad4", at=NOW, person="P0001"), "declaration", "about"),
    ('{"kind": "scan", "id"', "unknown", ""),
]


def record(kind, ident, at, venue):
    venue, name, of, district, ward, lat, lon, capacity = venue
    return dict(kind=kind, id=ident, at=at, venue=venue, name=name, type=of, district=district, ward=ward, lat=lat,
                lon=lon, capacity=capacity)


def events():
    """What is taken, in the order in which it is sent."""
    out = [record("venue", f"v-{venue[0]}", t(1, "00:00"), venue) for venue in VENUES]
    out.append(record("venue", "v-OLD", t(1, "00:00") - 60, OLDER))
    for ident, day, who, born, district, ward in residents():
        out.append(dict(kind="resident", id=ident, at=t(day, "00:00"), person=who, born_on=born, district=district,
                        ward=ward))
    out += [dict(kind="vaccination", **dose) for dose in doses()]
    rows = [dict(kind="scan", at=at, person=who, venue=venue, mode=mode, direction=way, device=device)
            for who, venue, at, mode, way, device in sorted(scans(), key=lambda s: s[2])]
    is_late = lambda row: row["person"] == "P0013" or row["at"] == NOW
    rows = [row for row in rows if not is_late(row)], [row for row in rows if is_late(row)]
    for k, row in enumerate(rows[0] + rows[1]):
        row["id"] = f"s{k}"
    declaration = dict(kind="declaration", id="d1", at=t(20, "07:00"), person="P0020", about="health",
                       symptoms=["fever"])
    out += sorted(rows[0] + [dict(kind="case", **case) for case in CASES] + [declaration], key=lambda e: e["at"])
    return [{key: value for key, value in event.items() if value is not None} for event in out + rows[1]]


def line(event):
    if isinstance(event, str):
        return event
    times = ("at", "onset", "sampled", "isolated_at")
    return json.dumps({key: text(value) if key in times else value for key, value in event.items()},
                      ensure_ascii=False)


def lines():
    """The lines of golden.ndjson: a scan comes twice, and some are refused."""
    every = events()
    again = {**every[-1], "id": "again"}
    return [line(event) for event in [*every, again, *(bad for bad, *_ in REFUSED)]]
