"""What the default configuration says, in numbers."""
import csv
import os

CONFIG = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "config")
# kind: typical minutes, most minutes, weight in thousandths, expects scans, place of isolation
KINDS = {
    "home_area": (20, 720, 100, False, True), "market": (45, 180, 600, True, False),
    "supermarket": (40, 180, 500, True, False), "restaurant": (60, 240, 1000, False, False),
    "cafe": (60, 300, 1000, False, False), "office": (240, 720, 600, False, False),
    "factory": (300, 720, 700, True, False), "school": (240, 600, 800, False, False),
    "hospital": (90, 960, 900, True, True), "transport": (20, 180, 900, True, False),
    "worship": (60, 300, 700, False, False), "leisure": (90, 360, 900, False, False),
    "government": (45, 480, 500, False, False), "checkpoint": (0, 0, 0, True, False),
    "other": (30, 480, 500, False, False),
}
INFECTIOUS = [499, 750, 935, 1000, 939, 788, 602, 422, 275, 168, 97, 53, 27, 14]
BOUNDS = (20.52, 105.24, 21.43, 106.07)  # south, west, north, east
CONTACT_S, FOLLOW_DAYS, INFECTIOUS_AFTER_DAYS = 900, 14, 2
CLUSTER_MIN, CLUSTER_DAYS = 20, 7
RISK_BANDS, PRESENCE_BANDS = (10, 60, 240, 960), (20, 100, 500, 2000)


def sheet(name):
    with open(os.path.join(CONFIG, name), encoding="utf-8") as file:
        return {row["code"]: row for row in csv.DictReader(file)}


DISTRICTS, WARDS = sheet("districts.csv"), sheet("wards.csv")


def place(district, ward):
    """A district and ward as they are taken."""
    if district not in DISTRICTS:
        return None, None
    return district, ward if ward in WARDS and WARDS[ward]["district_code"] == district else None


def infectiousness(zero, start):
    day = (start - zero) // 86400
    return INFECTIOUS[day + 3] if -3 <= day <= 10 else 0
