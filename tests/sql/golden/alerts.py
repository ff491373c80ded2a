"""Alerts: what is judged after each event, in the order in which the events are sent."""
from collections import defaultdict

from .follow import Followed
from .kinds import CLUSTER_DAYS, CLUSTER_MIN
from .times import DAY, day_of


def breaches(picture):
    """By person and day, of those with one within 24 hours: what the row says."""
    days = defaultdict(list)
    for scan in picture.breaches:
        days[scan[0], day_of(scan[2])].append(scan)
    out = {}
    for (who, day), scans in days.items():
        scans.sort(key=lambda scan: (scan[2], scan[1].encode()))
        if any(picture.within(scan[2], 24) for scan in scans):
            out["isolation_breach", who, day] = dict(
                severity="critical", person=who, value=len(scans), since=scans[0][2], f0=None, f1=None,
                **where(picture, scans[-1][1]))
    return out


def where(picture, venue):
    it = picture.venues[venue]
    lat, lon = it["point"] or (None, None)
    return dict(venue=venue, venue_name=it["record"].get("name"), district=it["district"], ward=it["ward"], lat=lat,
                lon=lon)


def clusters(picture):
    met = defaultdict(set)
    for one in picture.listed:
        if picture.now - CLUSTER_DAYS * DAY < one[4] <= picture.now:
            met[one[3]].add(one[2])
    out = {}
    for venue, people in met.items():
        if len(people) >= CLUSTER_MIN:
            f0 = sum(who in picture.episodes for who in people)
            out["cluster", venue] = dict(severity="high", person=None, value=len(people), f0=f0, f1=len(people) - f0,
                                         **where(picture, venue))
    return out


def judged(events):
    """The rows after all events: (key, row) with since, changed and ended."""
    rows, now, done = {}, 0, []
    for k, event in enumerate(events, 1):
        now = max(now, event["at"])
        if event["kind"] not in ("scan", "case"):
            continue
        picture = Followed(events[:k], now)
        held = breaches(picture) | clusters(picture)
        for key, row in held.items():
            before = rows.get(key)
            row.setdefault("since", before["since"] if before else now)
            same = before and {**before, "changed": 0, "ended": 0} == {**row, "changed": 0, "ended": 0}
            rows[key] = row | dict(changed=before["changed"] if same else now, ended=None)
        for key in set(rows) - set(held):
            done.append((key, rows.pop(key) | dict(changed=now, ended=now)))
    return sorted(done + list(rows.items()), key=lambda it: (it[1]["since"], it[0][0], it[1]["venue"]))
