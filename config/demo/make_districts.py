#!/usr/bin/env python3
"""Writes districts.csv of the demo: the city's districts scaled to the demo's residents.

Run by `make gen` from the project's folder. Largest remainders, so that the sum is exact.
"""
import csv
from pathlib import Path

RESIDENTS = 200_000
HERE = Path(__file__).parent

with open(HERE.parent / "districts.csv", encoding="utf-8", newline="") as source:
    rows = list(csv.DictReader(source))
total = sum(int(row["population_2019"]) for row in rows)
exact = [int(row["population_2019"]) * RESIDENTS for row in rows]
scaled = [value // total for value in exact]
by_remainder = sorted(range(len(rows)), key=lambda n: (-(exact[n] % total), rows[n]["code"]))
for n in by_remainder[: RESIDENTS - sum(scaled)]:
    scaled[n] += 1
with open(HERE / "districts.csv", "w", encoding="utf-8", newline="") as target:
    writer = csv.DictWriter(target, rows[0].keys(), lineterminator="\n")
    writer.writeheader()
    for row, population in zip(rows, scaled, strict=True):
        writer.writerow({**row, "population_2019": population})
