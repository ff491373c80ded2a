"""The figures of districts and wards."""
from fractions import Fraction

from .kinds import DISTRICTS, WARDS, place
from .times import HOUR, date_text, day_of, t

COUNTS = ("scans_today", "people_today", "present_now", "venues_active", "venues_silent", "f0_new_24h", "f0_new_7d",
          "f0_active", "f0_recovered", "f1_open", "f2_open")
REST = ("incidence_7d_100k", "vaccine_1_pct", "vaccine_full_pct", "vaccine_full_50_pct", "breaches_24h",
        "scans_per_min", "f1_overdue_24h", "contacts_found_24h_pct", "known_contacts_pct", "report_delay_h", "level")
FIGURES = COUNTS + REST
PEOPLE = sum(int(row["population_2019"]) for row in DISTRICTS.values())
# Before this local date no table of levels is in force.
LEVELS_FROM = day_of(t(12, "00:00"))


def half_up(value, decimals):
    """As it is shown; None stays."""
    if value is None:
        return None
    scale = 10 ** decimals
    return float((value * scale * 2 + 1) // 2 / scale)


def share(part, whole):
    return Fraction(100 * part, whole) if whole else None


def median(values):
    values, n = sorted(values), len(values)
    return Fraction(values[(n - 1) // 2] + values[n // 2], 2) if n else None


class Area:
    """A district (at 0), a ward (at 1) or the whole city (at None) of a picture."""

    def __init__(self, picture, code, at):
        self.p, self.code, self.at = picture, code, at

    def here(self, venue):
        return self.at is None or self.p.venues[venue][("district", "ward")[self.at]] == self.code

    def holds(self, home):
        """Of a district and a ward: the city has those without one too."""
        return self.at is None or home[self.at] == self.code

    def lives(self, person):
        return self.holds(self.p.residence(person))

    def vaccinated(self, years, dose):
        """Share of the residents of so many years who have the dose or a later one."""
        p, of, have = self.p, 0, 0
        for who, record in p.residents.items():
            home, age = place(record.get("district"), record.get("ward")), p.age(who)
            if self.holds(home) and age is not None and age >= years:
                of += 1
                have += any(n >= dose and x["given_on"] <= date_text(p.today)
                            for (person, n), x in p.doses.items() if person == who)
        return share(have, of)

    @property
    def population(self):
        """None where none is stated: of wards."""
        return PEOPLE if self.at is None else None if self.at else int(DISTRICTS[self.code]["population_2019"])

    def level(self, incidence, one, full):
        if incidence is None or self.p.today < LEVELS_FROM:
            return None
        band = sum(incidence >= bound for bound in (20, 50, 150))
        is_met = one is None or one >= 70
        base = (1, 1, 2, 3)[band] if is_met else (1, 2, 3, 4)[band]
        return min(4, base + (full is not None and full < 80))

    def figures(self):
        p, now = self.p, self.p.now
        scans = [scan for scan in p.scans if self.here(scan[1])]
        today = [scan for scan in scans if day_of(scan[2]) == p.today]
        active = {scan[1] for scan in scans if p.within(scan[2], 24)}
        silent = [v for v, it in p.venues.items()
                  if it["record"] and p.kind(v)[3] and v not in active and self.here(v)]
        mine = [(who, n, one) for who, all_of in p.episodes.items() if self.lives(who)
                for n, one in enumerate(all_of)]
        new = [it for it in mine if p.within(it[2]["reported"], 168)]
        traced = [it for it in mine if now - 192 * HOUR < it[2]["reported"] <= now - 24 * HOUR
                  and p.contacts_of(it[0], it[1], "f1")]
        delays = [Fraction(one["reported"] - one["sampled"], HOUR) for _, _, one in new
                  if one["sampled"] is not None and one["sampled"] <= one["reported"]]
        community = sum(one["found"] in ("community", None) for _, _, one in new)
        incidence = Fraction(community * 100_000, self.population) if self.population else None
        one, full, full_50 = self.vaccinated(18, 1), self.vaccinated(65, 2), self.vaccinated(50, 2)
        minute = now // 60 * 60
        return dict(
            scans_today=len(today), people_today=len({scan[0] for scan in today}),
            present_now=sum(self.here(venue) for _, venue in p.present),
            venues_active=len(active), venues_silent=len(silent),
            f0_new_24h=sum(p.within(it[2]["reported"], 24) for it in mine), f0_new_7d=len(new),
            f0_active=len({who for who, _, one_of in mine if one_of["ended"] is None}),
            f0_recovered=sum(it[2]["outcome"] == "recovered" for it in mine),
            f1_open=sum(map(self.lives, p.f1_open)), f2_open=sum(map(self.lives, p.f2_open)),
            incidence_7d_100k=half_up(incidence, 2), vaccine_1_pct=half_up(one, 1),
            vaccine_full_pct=half_up(full, 1), vaccine_full_50_pct=half_up(full_50, 1),
            breaches_24h=sum(self.here(scan[1]) and p.within(scan[2], 24) for scan in p.breaches),
            scans_per_min=sum(minute - 60 <= scan[2] < minute for scan in scans),
            f1_overdue_24h=sum(map(self.lives, p.overdue)),
            contacts_found_24h_pct=half_up(share(sum(p.was_found(*it[:2]) for it in traced), len(traced)), 1),
            known_contacts_pct=half_up(share(sum(p.was_known(*it[:2]) for it in new), len(new)), 1),
            report_delay_h=half_up(median(delays), 1), level=self.level(incidence, one, full))


def city(picture):
    return Area(picture, None, None).figures()


def districts(picture):
    return {code: Area(picture, code, 0).figures() for code in sorted(DISTRICTS)}


def wards(picture):
    return {code: Area(picture, code, 1).figures() for code in sorted(WARDS)}
