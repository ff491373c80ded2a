#!/usr/bin/env python3
"""The golden city: writes golden.ndjson, and by the rules of the domain (not by the engine) the files *.slt beside it,
but for functions.slt, which is worked out by hand.

Every value is fixed; running it again changes nothing. The rules are written out in golden/ once more, from the words
of the domain, so that the expected rows owe nothing to the engine.
"""
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from golden import city, registers, slt, tables  # noqa: E402
from golden.follow import Followed  # noqa: E402
from golden.hours import hours  # noqa: E402
from golden.times import NOW  # noqa: E402


def main():
    with open(os.path.join(slt.HERE, "golden.ndjson"), "w", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in city.lines())
    events = city.events()
    picture = Followed(events, NOW)
    for name in ("scans", "visits", "contacts", "chains", "cases", "case_history"):
        slt.write(f"{name}.slt", getattr(tables, name)(picture))
    for name in ("registers", "areas", "windows", "layers"):
        slt.write(f"{name}.slt", getattr(registers, name)(picture))
    for name in ("alerts", "arrivals"):
        slt.write(f"{name}.slt", getattr(registers, name)(events))
    slt.write("hours.slt", hours(events))
    slt.write("lingering.slt", tables.lingering(Followed(events, NOW, linger_s=30 * 60)))
    visits = sum(map(len, picture.visits.values()))
    print(len(events), "events", visits, "visits", len(picture.contacts), "contacts")


main()
