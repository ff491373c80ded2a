#!/usr/bin/env python3
"""The worked questions over the golden city: writes questions.slt. The statements are those of
engine/sql/src/questions.rs, word for word; the rows are worked out here by the rules of the domain, from golden/.

Run it after golden.py, and after each change of a question.
"""
import os
import re
import statistics
import sys
import unicodedata
from collections import Counter, defaultdict
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from golden import city, hexes, slt  # noqa: E402
from golden.figures import half_up  # noqa: E402
from golden.follow import Followed  # noqa: E402
from golden.kinds import DISTRICTS, place  # noqa: E402
from golden.times import HOUR, NOW, date_text, day_of, midnight, text  # noqa: E402

SOURCE = os.path.join(slt.HERE, "..", "..", "engine", "sql", "src", "questions.rs")
LAST = "\U0010ffff"  # sorts where no value is: at the end


def last(value):
    return LAST if value is None else value


def per_100k(n, population):
    return half_up(Fraction(n * 100_000, int(population)), 2)


def rounded(seconds):
    """A median of seconds, in hours to one decimal, halves away from zero; None where there are none."""
    if not seconds:
        return None
    hours = Decimal(str(statistics.median(sorted(seconds)))) / HOUR
    return float(hours.quantize(Decimal("0.1"), ROUND_HALF_UP))


def began(one):
    """Day zero of an episode: the earlier of onset and sample, else the report."""
    days = [day for day in (one["onset"], one["sampled"]) if day is not None]
    return min(days) if days else one["reported"]


def episodes(p):
    return [(who, one) for who, mine in p.episodes.items() for one in mine]


def at_market(p):
    venue = min(venue for venue, it in p.venues.items() if it["kind"] == "market")
    begin, end = midnight(p.today) + 7 * HOUR, midnight(p.today) + 9 * HOUR
    rows = [(who, text(a), text(z), (z - a) // 60) for who, mine in p.visits.items()
            for v, a, z, _ in mine if v == venue and a < end and z > begin]
    return sorted(rows, key=lambda row: (row[1], row[0]))


def epi_curve(p):
    counts = Counter((date_text(day_of(one["zero"])), one["found"]) for _, one in episodes(p))
    return sorted(((*key, n) for key, n in counts.items()), key=lambda row: (row[0], last(row[1])))


def met(p, place_of):
    """By place: F0s, people, and people who fell ill after a meeting there; each meeting is of a listed contact."""
    out = defaultdict(lambda: (set(), set(), set()))
    for f0, _, person, venue, first, *_ in p.listed:
        f0s, people, ill = out[place_of(venue)]
        f0s.add(f0)
        people.add(person)
        if any(began(one) > first for one in p.episodes.get(person, [])):
            ill.add(person)
    return out


def attack_rate(p):
    exposed, ill = defaultdict(set), defaultdict(set)
    for _, _, person, venue, first, *_ in p.listed:
        mine, kind = p.episodes.get(person, []), p.venues[venue]["kind"]
        if any(began(one) <= first and (one["ended"] is None or one["ended"] > first) for one in mine):
            continue  # ill already
        exposed[kind].add(person)
        if any(began(one) > first for one in mine):
            ill[kind].add(person)
    rows = [(kind, len(who), len(ill[kind]), half_up(Fraction(100 * len(ill[kind]), len(who)), 1))
            for kind, who in exposed.items()]
    return sorted(rows, key=lambda row: (-row[3], row[0]))


def doubled(p):
    weeks = defaultdict(lambda: [0, 0])
    for who, one in episodes(p):
        if one["found"] in ("community", None) and p.within(one["reported"], 336):
            weeks[p.residence(who)[0]][p.within(one["reported"], 168)] += 1
    rows = []
    for code, (before, now) in weeks.items():
        if code and now and now >= 2 * before:
            people = DISTRICTS[code]["population_2019"]
            rows.append((DISTRICTS[code]["name_vi"], before, now, per_100k(before, people), per_100k(now, people)))
    return sorted(rows, key=lambda row: (-row[4], row[0]))


def f1_not_reached(p):
    rows = []
    for who in p.overdue:
        of = [one for one in p.listed if one[2] == who]
        home = p.residents.get(who, {})
        rows.append((who, len({one[0] for one in of}), text(min(p.episodes[one[0]][one[1]]["reported"] for one in of)),
                     text(max(one[5] for one in of)), sum(one[5] - one[4] for one in of) // 60,
                     place(home.get("district"), home.get("ward"))[0]))
    return sorted(rows, key=lambda row: (-row[4], row[0]))


def superspreading(p):
    rows = []
    for venue, (f0s, people, ill) in met(p, lambda venue: venue).items():
        it = p.venues[venue]
        if it["kind"] != "home_area" and ill:
            rows.append((venue, it["record"].get("name"), it["kind"], it["district"], len(f0s), len(people), len(ill)))
    return sorted(rows, key=lambda row: (-row[6], row[4], row[0]))[:50]


def delays(p):
    of = defaultdict(list)
    for who, one in episodes(p):
        code = p.residence(who)[0]
        of[code and DISTRICTS[code]["name_vi"]].append(one)
    between = lambda mine, a, z: rounded([one[z] - one[a] for one in mine if one[a] is not None and one[z] is not None])
    rows = [(name, len(mine), between(mine, "onset", "sampled"), between(mine, "sampled", "reported"),
             between(mine, "reported", "isolated_at")) for name, mine in of.items()]
    return sorted(rows, key=lambda row: (-row[1], last(row[0])))


def serial_interval(p):
    pairs = defaultdict(list)
    for f0, n, person, _, first, _, weighted, _ in p.listed:
        if person in p.episodes and p.episodes[f0][n]["onset"] is not None:
            pairs[f0, n, person].append((first, weighted))
    of = defaultdict(list)
    for (f0, n, person), meetings in pairs.items():
        onset, first = p.episodes[f0][n]["onset"], min(meetings)[0]
        later = [one["onset"] for one in p.episodes[person] if one["onset"] is not None
                 and one["onset"] > max(onset, first)]
        if later:
            score = sum(weighted for _, weighted in meetings)
            of[person, min(later)].append((-score, f0, day_of(min(later)) - day_of(onset)))
    counts = Counter(days for mine in of.values() for _, _, days in mine)
    likeliest = Counter(min(mine)[2] for mine in of.values())
    return [(days, counts[days], likeliest[days]) for days in sorted(counts)]


def hot_cells(p):
    rows = [(cell, value / 1000, band) for cell, res, value, band in hexes.risk(p) if res == 9]
    return sorted(rows, key=lambda row: (-row[1], row[0]))[:500]


def scans_quarter_hours(p):
    since = p.now // 900 * 900 - 24 * HOUR
    counts = Counter(at // 900 * 900 for _, _, at, *_ in p.scans if at >= since)
    return [(text(quarter), counts[quarter]) for quarter in sorted(counts)]


def plain(name):
    letters = unicodedata.normalize("NFD", name.lower().replace("đ", "d"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def find_venue(p):
    rows = [(venue, it["record"]["name"], it["kind"], it["district"], it["ward"]) for venue, it in p.venues.items()
            if plain(it["record"].get("name", "")).startswith("cho ")]
    return sorted(rows, key=lambda row: (row[1].encode(), row[0]))[:100]


def vaccinated_cases(p):
    bands = ((0, "0-4"), (5, "5-11"), (12, "12-17"), (18, "18-49"), (50, "50-64"), (65, "65+"))
    counts = Counter()
    for who, one in episodes(p):
        age = p.age(who) if who in p.residents else None
        band = None if age is None else max((least, name) for least, name in bands if least <= age)
        doses = [dose for (person, dose), x in p.doses.items()
                 if person == who and x["given_on"] < date_text(day_of(began(one)))]
        counts[band, max(doses, default=0)] += 1
    rows = sorted(counts.items(), key=lambda row: (row[0][0] or (1000, ""), row[0][1]))
    return [(band and band[1], doses, n) for (band, doses), n in rows]


def late_sources(events):
    """Events and the latest one of each; how late is told to within some per cent, and tried in arrivals.slt."""
    count, latest = Counter(), {}
    for event in events:
        source = event.get("device", "http")
        count[source] += 1
        latest[source] = max(latest.get(source, 0), event["at"])
    return sorted((source, n, text(latest[source])) for source, n in count.items())


def main():
    with open(SOURCE, encoding="utf-8") as file:
        found = re.findall(r'id: "([a-z0-9-]+)",.*?sql: "(.*?)",\n    \}', file.read(), flags=re.S)
    # The numbers of the configuration that the golden city has.
    numbers = {"{retention_days}": "21", "{f1_follow_days}": "14"}
    found = [(name, re.sub(r"\{[a-z0-9_]+\}", lambda number: numbers[number[0]], sql)) for name, sql in found]
    statements = dict(found)
    assert len(statements) == len(found) > 0, "an id is there twice"
    events = city.events()
    picture = Followed(events, NOW)
    parts = []
    for name, sql in found:
        if name == "late-sources":
            sql = f"SELECT source, events, last_at FROM (\n{sql}\n) ORDER BY source"
            rows = late_sources(events)
        else:
            rows = globals()[name.replace("-", "_")](picture)
        parts.append(f"# {name}\n" + slt.query("T" * len(rows[0]), sql, rows))
    with open(os.path.join(slt.HERE, "questions.slt"), "w", encoding="utf-8") as file:
        file.write("# Written by questions.py from the rules. Do not edit.\n\n" + "".join(parts))
    print(len(parts), "questions")


main()
