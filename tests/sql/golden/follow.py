"""Who is followed, whom those met, and who should be at home."""
from functools import cached_property

from .kinds import CONTACT_S, FOLLOW_DAYS, INFECTIOUS_AFTER_DAYS
from .picture import ENDS, Picture
from .times import DAY, HOUR, day_of, midnight

NEVER = 1 << 40


class Followed(Picture):
    def told(self, person):
        """Standing f1 events."""
        return [case for case in self.standing.get(person, []) if case["status"] == "f1"]

    @cached_property
    def f1(self):
        """Contacts of class f1, and people of whom it is said."""
        met = {row[1] for row in self.contacts if row[2] == "f1"}
        said = {who for who in self.standing if self.told(who)}
        return {who for who in met | said if who not in self.episodes}

    def exposed(self, person):
        """Exposure days, ascending."""
        met = {day_of(one[4]) for one in self.listed if one[2] == person}
        return sorted(met | {day_of(case["at"]) for case in self.told(person)})

    def cleared(self, person):
        last, told = self.exposed(person)[-1], self.told(person)
        return next((case["at"] for case in self.standing.get(person, []) if case["status"] in ENDS
                     and day_of(case["at"]) >= last and not (told and case["at"] < told[-1]["at"])), None)

    @cached_property
    def f1_open(self):
        return {who for who in self.f1
                if self.today <= self.exposed(who)[-1] + FOLLOW_DAYS and self.cleared(who) is None}

    def isolated(self, person):
        """isolated_at of the latest standing f1 event that has one."""
        return next((case["isolated_at"] for case in reversed(self.told(person)) if "isolated_at" in case), None)

    def f2_through(self, f1, f0):
        """People whom an F1 of an F0 met while it may have been infectious."""
        first = min(day_of(one[4]) for one in self.listed if one[2] == f1 and one[0] == f0)
        begin = midnight(first + INFECTIOUS_AFTER_DAYS)
        ends = [case["at"] for case in self.standing.get(f1, [])
                if case["status"] in ENDS and day_of(case["at"]) >= first][:1]
        end = min([self.isolated(f1) or NEVER, midnight(self.exposed(f1)[-1] + FOLLOW_DAYS + 1)] + ends)
        found = set()
        for venue, a, z, _ in self.visits.get(f1, []):
            a, z = max(a, begin), min(z, end)
            for who, mine in self.visits.items():
                if who != f1 and who not in self.episodes and who not in self.f1:
                    found |= {who for v, b, e, _ in mine if v == venue and min(e, z) - max(a, b) >= CONTACT_S}
        return found

    @cached_property
    def f2_open(self):
        pairs = {(row[1], row[0]) for row in self.contacts if row[1] in self.f1_open}
        return set().union(*(self.f2_through(f1, f0) for f1, f0 in pairs))

    def confined(self, person):
        """Spans in which someone is to be in isolation."""
        spans = [(one["isolated_at"], one["ended"] or NEVER) for one in self.episodes.get(person, [])
                 if one["isolated_at"]]
        begin = self.isolated(person)
        if begin:
            ends = [case["at"] for case in self.standing[person]
                    if case["status"] in (*ENDS, "f0") and case["at"] > begin]
            spans.append((begin, ends[0] if ends else midnight(self.exposed(person)[-1] + FOLLOW_DAYS + 1)))
        return spans

    @cached_property
    def breaches(self):
        """Scans of the isolated elsewhere, ever."""
        spans = {who: self.confined(who) for who in self.standing}
        return [scan for scan in self.scans if not self.kind(scan[1])[4]
                and any(begin <= scan[2] < end for begin, end in spans.get(scan[0], []))]

    @cached_property
    def overdue(self):
        """Open F1 by a contact whom nobody has reached a day after the earliest report."""
        out = set()
        for who in self.f1_open:
            reports = [self.episodes[one[0]][one[1]]["reported"] for one in self.listed if one[2] == who]
            if reports and not self.told(who) and min(reports) <= self.now - 24 * HOUR:
                out.add(who)
        return out

    def contacts_of(self, f0, n, kind):
        """People of a class with a listed overlap in an episode's window."""
        return {one[2] for one in self.listed
                if one[:2] == (f0, n) and (one[2] in self.episodes) == (kind == "f0")}

    def was_known(self, f0, n):
        """Was a case a known contact before its report?"""
        reported = self.episodes[f0][n]["reported"]
        by_event = any(case["at"] < reported for case in self.told(f0))
        return by_event or any(one[2] == f0 and self.episodes[one[0]][one[1]]["reported"] < reported
                               for one in self.listed)

    def was_found(self, f0, n):
        """Were all contacts of class f1 told within 24 hours of the report?"""
        until = self.episodes[f0][n]["reported"] + DAY
        return all(any(case["at"] <= until for case in self.told(who)) for who in self.contacts_of(f0, n, "f1"))
