"""What is true of a set of events at a moment: registers, visits, episodes, contacts."""
from collections import defaultdict
from functools import cached_property

from .city import BY_CELL
from .kinds import BOUNDS, CONTACT_S, KINDS, infectiousness, place
from .times import HOUR, day_of

ENDS = ("recovered", "cleared", "deceased")
NO_KIND = "other"


def latest(events, key):
    """Of records of one thing that with the greatest (`at`, `id`) holds."""
    held = {}
    for event in sorted(events, key=lambda e: (e["at"], e["id"])):
        held[key(event)] = event
    return held


class Picture:
    def __init__(self, events, now, linger_s=0):
        self.now = now
        self.linger_s = linger_s
        self.today = day_of(now)
        self.events = defaultdict(list)
        for event in events:
            self.events[event["kind"]].append(event)

    @cached_property
    def venues(self):
        """By venue: kind, district, ward, point, record; those with a record or a scan."""
        records = latest(self.events["venue"], lambda e: e["venue"])
        out = {}
        for venue in set(records) | {scan[1] for scan in self.scans}:
            record = records.get(venue, {})
            point = (record["lat"], record["lon"]) if "lat" in record else None
            if point and not (BOUNDS[0] <= point[0] <= BOUNDS[2] and BOUNDS[1] <= point[1] <= BOUNDS[3]):
                point = None
            district, ward = place(record.get("district"), record.get("ward"))
            if not district and point:
                district, ward = BY_CELL[venue]
            out[venue] = dict(kind=record.get("type", NO_KIND), district=district, ward=ward, point=point,
                              record=record)
        return out

    def kind(self, venue):
        return KINDS[self.venues[venue]["kind"]]

    @cached_property
    def residents(self):
        return latest(self.events["resident"], lambda e: e["person"])

    @cached_property
    def doses(self):
        return latest(self.events["vaccination"], lambda e: (e["person"], e["dose"]))

    @cached_property
    def scans(self):
        """Distinct (person, venue, at, mode, direction)."""
        return {(e["person"], e["venue"], e["at"], e["mode"], e.get("direction")) for e in self.events["scan"]}

    @cached_property
    def stays(self):
        """By person: (venue, start, end, whether it is open, when it will end by itself), empty ones too."""
        own = defaultdict(list)
        for scan in self.scans:
            own[scan[0]].append(scan)
        return {who: self.stays_of(mine) for who, mine in sorted(own.items())}

    def stays_of(self, own):
        order = {"out": 0, None: 1, "in": 2}
        own = sorted(own, key=lambda s: (s[2], order[s[4]], s[1].encode(), s[3]))
        done, held = [], None  # held: venue, start, last
        soft = lambda: held[2] + self.kind(held[0])[0] * 60
        close = lambda end: done.append((held[0], held[1], end, False, end))
        for _, venue, at, mode, way in own:
            typical, most = self.kind(venue)[:2]
            is_road = mode in ("checkpoint", "patrol")
            if held and held[0] == venue:
                in_time = at <= held[1] + most * 60
                if is_road:
                    continue
                if way == "out":
                    close(at if in_time else min(at, soft()))
                    held = None
                elif at <= soft() and in_time:
                    held = (venue, held[1], at)
                else:
                    close(min(at, soft()))
                    held = (venue, at, at)
                continue
            if held:
                close(min(at, soft()))
                held = None
            if way != "out" and not is_road and typical:
                held = (venue, at, at)
        if held:
            done.append((held[0], held[1], min(self.now, soft()), soft() > self.now, soft()))
        return done

    @cached_property
    def visits(self):
        """By person: (venue, start, end, open); empty ones do not exist."""
        return {who: [stay[:4] for stay in mine if stay[2] > stay[1]] for who, mine in self.stays.items()}

    @cached_property
    def present(self):
        """(person, venue) of who is somewhere now, from the first second on."""
        return [(who, venue) for who, mine in self.stays.items() for venue, start, _, _, soft in mine
                if start <= self.now < soft]

    @cached_property
    def history(self):
        """The case events held, and whether each stands."""
        held = latest(self.events["case"], lambda e: e["id"]).values()
        named = {case.get("supersedes") for case in held} | {case.get("retracts") for case in held}
        return [(case, case["id"] not in named) for case in sorted(held, key=lambda c: (c["at"], c["id"]))]

    @cached_property
    def standing(self):
        """By person, in order: the standing case events."""
        out = defaultdict(list)
        for case, stands in self.history:
            if stands and "retracts" not in case:
                out[case["person"]].append(case)
        return out

    @cached_property
    def episodes(self):
        """By person who has any."""
        out = {}
        for who, events in self.standing.items():
            mine = []
            for case in events:
                is_on = bool(mine) and mine[-1]["ended"] is None
                if case["status"] == "f0":
                    if not is_on:
                        mine.append(dict.fromkeys(("onset", "sampled", "isolated_at", "found", "district", "ward",
                                                   "ended", "outcome"), None) | dict(reported=case["at"]))
                    for key in ("onset", "sampled", "isolated_at", "found"):
                        mine[-1][key] = case.get(key, mine[-1][key])
                    if "district" in case:
                        mine[-1]["district"], mine[-1]["ward"] = place(case["district"], case.get("ward"))
                elif case["status"] in ENDS and is_on:
                    mine[-1]["ended"], mine[-1]["outcome"] = case["at"], case["status"]
            self.windows(mine)
            if mine:
                out[who] = mine
        return out

    @staticmethod
    def windows(mine):
        before = None
        for one in mine:
            days = [day for day in (one["onset"], one["sampled"]) if day is not None]
            zero = min(days) if days else one["reported"]
            one["from"] = max([zero - 72 * HOUR] + ([before] if before else []))
            one["to"] = one["isolated_at"] or one["ended"] or zero + 240 * HOUR
            one["zero"] = one["onset"] or one["sampled"] or one["reported"]
            before = one["to"]

    def residence(self, person):
        """District and ward where someone lives."""
        mine = self.episodes.get(person)
        if mine and mine[-1]["district"]:
            return mine[-1]["district"], mine[-1]["ward"]
        told = [place(case["district"], case.get("ward")) for case in self.standing.get(person, [])
                if "district" in case]
        record = self.residents.get(person, {})
        return told[-1] if told else place(record.get("district"), record.get("ward"))

    @cached_property
    def cuts(self):
        """(f0, episode, venue, begin, end, when the cut visit ends by itself) of the visits of cases in windows."""
        out = []
        for f0, mine in self.episodes.items():
            for n, one in enumerate(mine):
                for venue, begin, end, _, soft in self.stays.get(f0, []):
                    cut = max(begin, one["from"]), min(end, one["to"])
                    if cut[0] < cut[1]:
                        out.append((f0, n, venue, *cut, min(soft, one["to"])))
        return out

    @cached_property
    def listed(self):
        """(f0, episode, person, venue, first, last, weighted seconds, of them indirect) of what reached the bound."""
        at_venue, met = defaultdict(list), defaultdict(list)
        for who, mine in self.visits.items():
            for venue, begin, end, _ in mine:
                at_venue[venue].append((who, begin, end))
        for f0, n, venue, begin, end, _ in self.cuts:
            later = [b for v, b, *_ in self.visits[f0] if v == venue and b >= end]
            until = min([end + self.linger_s] + later)
            for other, first, last in at_venue[venue]:
                first, last = max(first, begin), min(last, until)
                if other != f0 and first < last:
                    permille = infectiousness(self.episodes[f0][n]["zero"], first)
                    weighted = (last - first) * permille * self.kind(venue)[2]
                    met[f0, other, day_of(first)].append(
                        (f0, n, other, venue, first, last, weighted, max(0, last - max(first, end))))
        return [one for day in met.values() if sum(m[5] - m[4] for m in day) >= CONTACT_S for one in day]

    @cached_property
    def contacts(self):
        """(f0, person, class, first, last, direct seconds, indirect seconds, score in thousandths)."""
        pairs = defaultdict(list)
        for one in self.listed:
            pairs[one[0], one[2]].append(one)
        rows = []
        for (f0, other), met in sorted(pairs.items()):
            total = sum(one[6] for one in met)
            thousandths = (total * 1000 * 2 + 60_000_000) // (2 * 60_000_000)
            rows.append((f0, other, "f0" if other in self.episodes else "f1", min(m[4] for m in met),
                         max(m[5] for m in met), sum(m[5] - m[4] - m[7] for m in met), sum(m[7] for m in met), thousandths))
        return rows

    def within(self, at, hours):
        """In (now − hours, now]."""
        return self.now - hours * HOUR < at <= self.now

    def age(self, person):
        """Whole years today, from the first of the month of birth; None where it is not known."""
        born = self.residents[person].get("born_on")
        if not born:
            return None
        year, month = int(born[:4]), int(born[5:7])
        return 2021 - year - (month > 10)  # it is October, past its first


