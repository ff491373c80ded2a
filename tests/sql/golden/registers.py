"""What the registers, the areas, the windows, the map, the alerts and the arrivals should say."""
from collections import defaultdict

from . import figures, hexes
from .alerts import judged
from .city import REFUSED
from .hexes import parent, placed
from .kinds import DISTRICTS, WARDS, place
from .slt import query
from .times import date_text, day_of, text

# The register of vaccinations beside person, dose and day.
REGISTER = ("full_name", "born_on", "sex", "permanent_residence", "temporary_residence", "vaccine", "facility")


def registers(p):
    venues = []
    for venue, it in sorted(p.venues.items()):
        cell = placed(p, venue)
        venues.append((venue, it["record"].get("name"), it["kind"], it["district"], it["ward"],
                       *(it["point"] or (None, None)), it["record"].get("capacity"), cell and parent(cell, 9)))
    people = [(who, *place(r.get("district"), r.get("ward")), p.age(who)) for who, r in sorted(p.residents.items())]
    doses = [(who, dose, x.get("vaccine"), x["given_on"], x.get("facility"), all(key in x for key in REGISTER))
             for (who, dose), x in sorted(p.doses.items())]
    return [
        query("TTTTTRRIT", "SELECT venue, name, type, district, ward, lat, lon, capacity, h3_9 FROM venues "
              "ORDER BY venue", venues),
        query("TTTI", "SELECT person, district, ward, age FROM residents ORDER BY person", people),
        query("TITTTB", "SELECT person, dose, vaccine, given_on, facility, complete FROM vaccinations "
              "ORDER BY person, dose", doses),
    ]


def areas(p):
    parts = [query("TTTTRRIR", "SELECT code, name, name_en, kind, lat, lon, population, area_km2 FROM districts "
                   "ORDER BY code",
                   [(code, d["name_vi"], d["name_en"], d["kind"], float(d["lat"]), float(d["lon"]),
                     d["population_2019"], float(d["area_km2"])) for code, d in sorted(DISTRICTS.items())])]
    for table, found in (("districts", figures.districts(p)), ("wards", figures.wards(p))):
        busy = {code: row for code, row in found.items() if table == "districts" or any(row.values())}
        of = "" if table == "districts" else f"WHERE code IN ({', '.join(map(repr, busy))}) "
        for names in (figures.COUNTS, figures.REST):
            rows = [(code, *(row[name] for name in names)) for code, row in busy.items()]
            parts.append(query("T" + "I" * len(names), f"SELECT code, {', '.join(names)} FROM {table} {of}ORDER BY code",
                               rows))
    quiet = " + ".join(name for name in figures.FIGURES if isinstance(found["00001"][name], int))
    parts.append(query("I", f"SELECT count(*) FROM wards WHERE {quiet} = 0 AND vaccine_1_pct IS NULL "
                       "AND incidence_7d_100k IS NULL AND report_delay_h IS NULL AND level IS NULL",
                       [(sum(not any(row.values()) and row["vaccine_1_pct"] is None for row in found.values()),)]))
    some = [(code, w["district_code"], w["name_vi"], w["kind"], float(w["lat"]), float(w["lon"]))
            for code, w in sorted(WARDS.items()) if code in busy]
    parts.append(query("TTTTRR", f"SELECT code, district, name, kind, lat, lon FROM wards {of}ORDER BY code", some))
    return parts


def windows(p):
    minutes, days, new = defaultdict(int), defaultdict(list), defaultdict(int)
    for who, venue, at, *_ in p.scans:
        minutes[p.venues[venue]["district"], at // 60 * 60] += 1
        days[p.venues[venue]["ward"], day_of(at)].append(who)
    for who, mine in p.episodes.items():
        for one in mine:
            new[p.residence(who)[1], day_of(one["reported"])] += 1
    key = lambda it: (it[1], it[0] is not None, it[0] or "")
    rows = [(*it[:1], text(it[1]), minutes[it]) for it in sorted(minutes, key=key)]
    by_day = [(it[0], date_text(it[1]), len(days[it]), len(set(days[it])), new[it])
              for it in sorted(set(days) | set(new), key=key)]
    since = "2021-10-20T08:00:00+07:00"
    return [
        query("TTI", "SELECT district, minute, scans FROM district_minutes ORDER BY minute, district NULLS FIRST", rows),
        query("TTI", f"SELECT district, minute, scans FROM district_minutes WHERE minute >= '{since}' "
              "AND minute < '2021-10-20T11:59:00+07:00' ORDER BY minute, district NULLS FIRST",
              [row for row in rows if since <= row[1] < "2021-10-20T11:59:00+07:00"]),
        query("TTIII", "SELECT ward, day, scans, people, f0_new FROM ward_days ORDER BY day, ward NULLS FIRST", by_day),
    ]


def layers(p):
    columns = "SELECT cell, res, CAST(round(value * 1000) AS BIGINT), band FROM"
    return [query("TIII", f"{columns} {table} ORDER BY res, cell", rows)
            for table, rows in (("hex_risk", hexes.risk(p)), ("hex_presence", hexes.presence(p)))]


def alerts(events):
    rows = judged(events)
    names = ("severity", "district", "ward", "venue", "venue_name", "lat", "lon", "person", "since", "changed")
    line = lambda key, row: (key[0], *(text(row[n]) if n in ("since", "changed") else row[n] for n in names))
    state = lambda row: "ended" if row["ended"] else "open"
    numbers = [(k[0], r["venue"], r["person"], state(r), r["value"], r["f0"], r["f1"]) for k, r in rows if not r["ended"]]
    order = "ORDER BY since, rule, venue"
    return [
        query("T" * 11, f"SELECT rule, {', '.join(names)} FROM alerts {order}", [line(*it) for it in rows]),
        query("TTTTT", f"SELECT rule, venue, state, ended, coalesce(acknowledged_by, note) FROM alerts {order}",
              [(k[0], r["venue"], state(r), text(r["ended"]), None) for k, r in rows]),
        query("TTTTIII", f"SELECT rule, venue, person, state, value, f0, f1 FROM alerts WHERE ended IS NULL {order}",
              numbers),
        query("II", "SELECT count(*), count(DISTINCT id) FROM alerts", [(len(rows), len({k for k, _ in rows}))]),
    ]


def arrivals(events):
    """Where time is that of the events, an event is received at the `now` that it makes or finds."""
    late, last, now = defaultdict(list), defaultdict(int), 0
    for event in events:
        now = max(now, event["at"])
        source = event.get("device", "http")
        late[source].append(now - event["at"])
        last[source] = max(last[source], event["at"])
    parts = [
        query("TTT", "SELECT kind, field, source FROM rejected ORDER BY kind, field",
              sorted((kind, field, "http") for _, kind, field in REFUSED)),
        query("I", "SELECT count(*) FROM rejected WHERE reason <> '' AND rejected_at <= now() "
              "AND rejected_at > now() - INTERVAL '1 hour'", [(len(REFUSED),)]),
        query("TIT", "SELECT source, events, last_at FROM sources ORDER BY source",
                   [(name, len(late[name]), text(last[name])) for name in sorted(late)]),
    ]
    for name in sorted(late):
        mine = sorted(late[name])
        least = lambda percent: mine[max(1, -(-len(mine) * percent // 100)) - 1]
        near = lambda column, s: f"{column} BETWEEN {s * 0.94} AND {s * 1.06}"
        sql = (f"SELECT {near('late_p50_s', least(50))}, {near('late_p99_s', least(99))} "
               f"FROM sources WHERE source = '{name}'")
        parts.append(query("BB", sql, [(True, True)]))
    return parts
