"""What was shown at full hours: a function of the stream, which what comes later does not change."""
from . import figures
from .follow import Followed
from .kinds import DISTRICTS
from .slt import query
from .times import DAY, HOUR, t, text

KEPT = 816
DECIMALS = dict(incidence_7d_100k=2, vaccine_1_pct=1, vaccine_full_pct=1, vaccine_full_50_pct=1,
                contacts_found_24h_pct=1, known_contacts_pct=1, report_delay_h=1)
WHOLE = [name for name in figures.FIGURES if name not in DECIMALS]
COMPARE = {">": int.__gt__, ">=": int.__ge__, "=": int.__eq__, "<": int.__lt__, "<=": int.__le__}
ORDER = "ORDER BY hour, district NULLS FIRST"
FIRST, LAST = t(1, "00:00"), t(20, "11:00")


def passed(events):
    """(full hour, how many events had come by then), each hour once: the first event past an hour shows it."""
    now, out = None, []
    for k, event in enumerate(events):
        if now is not None:
            # The zone is whole hours from UTC.
            hours = range(-(-now // HOUR) * HOUR, event["at"], HOUR)
            out += [(hour, k) for hour in hours[-KEPT:]]
        now = max(now or 0, event["at"])
    return out


def areas_at(events, hour):
    """By district, of None the city's: the figures of some events at an hour."""
    picture = Followed(events, hour)
    return {None: figures.city(picture), **figures.districts(picture)}


def shown(events):
    """(district, hour, figures) in order of hour and district, the city's first."""
    return [(code, hour, row) for hour, k in passed(events)
            for code, row in sorted(areas_at(events[:k], hour).items(), key=lambda it: it[0] or "")]


def hindsight(events, rows):
    """The (district, hour) at which something else would be shown had all events come in time."""
    came = dict(passed(events))
    late = {hour for hour, k in came.items() if any(event["at"] <= hour for event in events[k:])}
    told = {hour: areas_at([event for event in events if event["at"] <= hour], hour) for hour in late}
    return {(code, hour) for code, hour, row in rows if hour in told and told[hour][code] != row}


def listed(rows, where, test, names):
    """A statement of some figures, whole rows in their order."""
    sql = f"SELECT district, hour, {', '.join(names)} FROM district_hours WHERE {where} {ORDER}"
    found = [(code, text(hour), *(row[name] for name in names)) for code, hour, row in rows if test(code, hour)]
    assert found, where
    return query("TT" + "I" * len(names), sql, found)


def halves(rows, where, test):
    return [listed(rows, where, test, names) for names in (figures.COUNTS, figures.REST)]


def total(name):
    """The sum of a figure in units of its last decimal."""
    return f"sum({name})" if name in WHOLE else f"CAST(round(sum({name}) * {10 ** DECIMALS[name]}) AS BIGINT)"


def added(rows, name):
    values = [row[name] for row in rows if row[name] is not None]
    return sum(round(value * 10 ** DECIMALS.get(name, 0)) for value in values) if values else None


def by_district(rows):
    return {code: [row for other, _, row in rows if other == code] for code in (None, *sorted(DISTRICTS))}


def counts(rows):
    """How many hours there are, of which district, from when until when."""
    spans = []
    for code in by_district(rows):
        hours = [hour for other, hour, _ in rows if other == code]
        spans.append((code, len(hours), len(set(hours)), text(min(hours)), text(max(hours))))
    every = {hour for _, hour, _ in rows}
    known = "district IS NULL OR district IN (SELECT code FROM districts)"
    return [
        query("III", "SELECT count(*), count(DISTINCT hour), count(DISTINCT district) FROM district_hours",
              [(len(rows), len(every), len(DISTRICTS))]),
        query("TIITT", "SELECT district, count(*), count(DISTINCT hour), min(hour), max(hour) FROM district_hours "
              "GROUP BY district ORDER BY district NULLS FIRST", spans),
        query("I", f"SELECT count(*) FROM district_hours WHERE {known}", [(len(rows),)]),
        query("I", "SELECT count(*) FROM district_hours WHERE date_trunc('hour', hour) <> hour", [(0,)]),
    ]


def sums(rows):
    """Every figure over all hours of a district; how often it was known at all; each level as often as it was shown."""
    known = lambda of, name: sum(row[name] is not None for row in of)
    parts, mine = [], by_district(rows)
    for names, asked, told in ((figures.COUNTS, total, added), (figures.REST, total, added),
                               (figures.REST, "count({})".format, known)):
        sql = f"SELECT district, {', '.join(map(asked, names))} FROM district_hours"
        parts.append(query("T" + "I" * len(names), f"{sql} GROUP BY district ORDER BY district NULLS FIRST",
                           [(code, *(told(of, name) for name in names)) for code, of in mine.items()]))
    levels = {}
    for code, _, row in rows:
        levels.setdefault((code, row["level"]), []).append(row)
    key = lambda it: (it[0] or "", it[1] or 0)
    parts.append(query("TII", "SELECT district, level, count(*) FROM district_hours GROUP BY district, level "
                       "ORDER BY district NULLS FIRST, level NULLS FIRST",
                       [(*it, len(levels[it])) for it in sorted(levels, key=key)]))
    return parts


def filters(rows):
    """The same hours, however they are asked for."""
    hour, parts = t(18, "15:00"), []
    count = lambda test: [(sum(test(code, at) for code, at, _ in rows),)]
    ask = lambda where, test: query("I", f"SELECT count(*) FROM district_hours WHERE {where}", count(test))
    for sign, compare in COMPARE.items():
        for form in ("hour", "coalesce(hour, NULL)"):
            parts.append(ask(f"{form} {sign} '{text(hour)}'", lambda _, at: compare(at, hour)))
    for second in (hour - 1, hour + 1):
        parts.append(ask(f"hour = '{text(second)}'", lambda *_: False))
        parts.append(ask(f"hour < '{text(second)}'", lambda _, at: at < second))
    for where, test in {
        "district = '007'": lambda code: code == "007", "district <> '007'": lambda code: code not in (None, "007"),
        "district IS NULL": lambda code: code is None, "district IS NOT NULL": lambda code: code is not None,
        "district IN ('001', '269', '998')": lambda code: code in ("001", "269"), "district = '998'": lambda _: False,
        "coalesce(district, '') = ''": lambda code: code is None,
        "district IS NULL OR district = '016'": lambda code: code in (None, "016"),
    }.items():
        parts.append(ask(where, lambda code, _: test(code)))
        parts.append(ask(f"({where}) AND hour >= '{text(hour)}'", lambda code, at: test(code) and at >= hour))
    parts.append(ask(f"hour < '{text(FIRST)}' OR hour > '{text(LAST)}'", lambda *_: False))
    return parts


def beside(rows):
    """An hour beside others: a day before, the hour before, the most that was ever shown."""
    at = {(code, hour): row for code, hour, row in rows}
    names = ("scans_today", "f0_new_24h", "f0_active", "breaches_24h")
    asked = ", ".join(f"a.{name} - b.{name}" for name in names)
    some = ("002", "006", "007")
    days = [(code, text(hour), *(row[name] - at[code, hour - DAY][name] for name in names)) for code, hour, row in rows
            if code in some and hour >= t(17, "00:00") and (hour - FIRST) % (3 * HOUR) == 0]
    steps = [(text(hour), row["present_now"], row["present_now"] - at[None, hour - HOUR]["present_now"])
             for code, hour, row in rows if code is None and hour >= t(19, "00:00")]
    most = [(code, max(row["present_now"] for row in of), max(row["scans_per_min"] for row in of),
             min(row["venues_silent"] for row in of), max(row["f1_open"] for row in of))
            for code, of in by_district(rows).items()]
    third = f"(date_part('epoch', a.hour) - {FIRST}) % {3 * HOUR} = 0"
    return [
        query("TTIIII", f"SELECT a.district, a.hour, {asked} FROM district_hours a JOIN district_hours b "
              "ON a.district = b.district AND a.hour = b.hour + INTERVAL '24 hours' "
              f"WHERE a.district IN {some} AND a.hour >= '{text(t(17, '00:00'))}' AND {third} "
              "ORDER BY a.hour, a.district", days),
        query("TII", "SELECT hour, present_now, step FROM (SELECT hour, present_now, present_now - lag(present_now) "
              "OVER (ORDER BY hour) AS step FROM district_hours WHERE district IS NULL) "
              f"WHERE hour >= '{text(t(19, '00:00'))}' ORDER BY hour", steps),
        query("TIIII", "SELECT district, max(present_now), max(scans_per_min), min(venues_silent), max(f1_open) "
              "FROM district_hours GROUP BY district ORDER BY district NULLS FIRST", most),
    ]


def there(codes):
    """The city and some districts."""
    return f"(district IS NULL OR district IN ({', '.join(map(repr, codes))}))" if codes else "district IS NULL"


def whole(rows):
    """All figures: at each sixth hour of two days, and in the last hours, in which a case is reported and taken back,
    another is written anew, and a contact is cleared."""
    some, few = ("001", "003", "004", "006", "007"), ("004", "006", "007")
    every = [t(day, f"{clock:02d}:00") for day in (18, 19) for clock in range(0, 24, 6)]
    morning, last = t(20, "06:00"), f"hour = '{text(LAST)}'"
    return [
        # The columns in their order.
        query("TT" + "I" * len(figures.FIGURES), f"SELECT * FROM district_hours WHERE {there(few)} AND {last} {ORDER}",
              [(code, text(hour), *(row[name] for name in figures.FIGURES)) for code, hour, row in rows
               if code in (None, *few) and hour == LAST]),
        *halves(rows, f"{there(some)} AND hour IN {tuple(map(text, every))}",
                lambda code, hour: code in (None, *some) and hour in every),
        *halves(rows, f"{there(few)} AND hour >= '{text(morning)}'",
                lambda code, hour: code in (None, *few) and hour >= morning),
    ]


def corrected(rows):
    """A case of 002 that was none, as it was shown for a day and more; one of 007 that was dated anew."""
    a, z, codes = t(17, "08:00"), t(18, "16:00"), ("002", "007")
    return listed(rows, f"district IN {codes} AND hour BETWEEN '{text(a)}' AND '{text(z)}'",
                  lambda code, hour: code in codes and a <= hour <= z,
                  ("f0_new_24h", "f0_new_7d", "f0_active", "f1_open", "f2_open", "incidence_7d_100k", "level"))


LATE = [
    # Registers, doses and cases that came after a later record.
    (t(2, "22:00"), t(9, "02:00"), ("002", "003", "007"), (
        "f0_new_7d", "f0_active", "vaccine_1_pct", "vaccine_full_pct", "vaccine_full_50_pct", "venues_silent")),
    # Scans that came at the very end.
    (t(17, "06:00"), t(18, "14:00"), ("007",), ("scans_today", "people_today", "present_now", "venues_active")),
    (t(19, "18:00"), t(20, "02:00"), (), ("scans_today", "people_today", "present_now", "venues_active")),
]


def late(events, rows):
    """What came late was not shown, though it lies before the hour."""
    otherwise, parts = hindsight(events, rows), []
    for a, z, codes, names in LATE:
        here = lambda code, hour: code in (None, *codes) and a <= hour <= z
        for each in (None, *codes):
            told = sum(here(code, hour) for code, hour in otherwise if code == each)
            assert 0 < told < (z - a) // HOUR, (each, text(a))
        parts.append(listed(rows, f"{there(codes)} AND hour BETWEEN '{text(a)}' AND '{text(z)}'", here, names))
    return parts


def hours(events):
    rows = shown(events)
    assert (min(row[1] for row in rows), max(row[1] for row in rows)) == (FIRST, LAST)
    return [*counts(rows), *sums(rows), *whole(rows), corrected(rows), *late(events, rows), *beside(rows),
            *filters(rows)]
