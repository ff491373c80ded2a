"""Traces cases with DuckDB: `trace.py PERSON,… FROM CONTACT_S < person,venue,start,end`.

It tries two ways, one query and two (the case's visits first), and tells the faster one's times.
"""

import json
import statistics
import sys
import time

import duckdb

DAY_S = 86_400

LOAD = f"""
CREATE TABLE visits AS
SELECT person, venue, start, "end", (start // {DAY_S} * 1000000 + venue)::UINTEGER AS place
FROM read_csv('/dev/stdin', header = false, auto_detect = false, columns = {{
    'person': 'UINTEGER', 'venue': 'UINTEGER', 'start': 'UINTEGER', 'end': 'UINTEGER'}})
ORDER BY place, start
"""

CASE = """
SELECT place, greatest(start, ?) AS start, "end" FROM visits WHERE person = ? AND "end" > ?
"""

# A contact met the case for long enough on one day, all places together.
CONTACTS = """
SELECT person, start_day, sum(seconds) FROM (
    SELECT other.person AS person, greatest(other.start, mine.start) // 86400 AS start_day,
           least(other."end", mine."end")::INTEGER - greatest(other.start, mine.start)::INTEGER AS seconds
    FROM {mine} AS mine JOIN visits AS other
      ON other.place = mine.place AND other.start < mine."end" AND other."end" > mine.start
    WHERE other.person <> ? {places})
GROUP BY person, start_day HAVING sum(seconds) >= ?
"""


def in_one_query(connection, person, begin, contact_s):
    query = CONTACTS.format(mine=f"({CASE})", places="")
    return connection.execute(query, [begin, person, begin, person, contact_s]).fetchall()


def in_two_queries(connection, person, begin, contact_s):
    mine = connection.execute(CASE, [begin, person, begin]).fetchall()
    if not mine:
        return []
    values = ",".join(f"({place},{start},{end})" for place, start, end in mine)
    places = ",".join(str(place) for place in sorted({place for place, _, _ in mine}))
    query = CONTACTS.format(
        mine=f'(SELECT * FROM (VALUES {values}) AS of_case(place, start, "end"))',
        places=f"AND other.place IN ({places})",
    )
    return connection.execute(query, [person, contact_s]).fetchall()


def times_ms(connection, way, people, begin, contact_s):
    times, contacts = [], []
    for person in people:
        started = time.perf_counter()
        rows = way(connection, person, begin, contact_s)
        times.append((time.perf_counter() - started) * 1e3)
        contacts.append(len({row[0] for row in rows}))
    return times, contacts


def main():
    people = [int(person) for person in sys.argv[1].split(",")]
    begin, contact_s = max(0, int(sys.argv[2])), int(sys.argv[3])
    connection = duckdb.connect()
    connection.execute(LOAD)
    connection.execute("CREATE INDEX by_person ON visits(person)")
    connection.execute("CREATE INDEX by_place ON visits(place)")
    ways = [times_ms(connection, way, people, begin, contact_s) for way in (in_one_query, in_two_queries)]
    times, contacts = min(ways, key=lambda way: statistics.median(way[0]))
    visits = connection.execute("SELECT count(*) FROM visits").fetchone()[0]
    print(json.dumps({"version": duckdb.__version__, "visits": visits, "ms": times, "contacts": contacts}))


main()
