"""psycopg: types, values, prepared statements, portions, pipelines, COPY, transactions."""

import datetime as dt

import psycopg
from psycopg import sql as parts
from psycopg.types import TypeInfo

from kit import check, contains, equal


@check
def psycopg_reads_all_types_as_text_and_as_bytes(server):
    statement = (
        "SELECT 1::int AS i, 2::bigint AS b, 1.5::double precision AS f, true AS t, 'Bến Nghé'::text AS s,"
        " DATE '2021-10-15' AS d, TIMESTAMPTZ '2021-10-15 07:00:00+07' AS at, NULL::bigint AS n,"
        " ARRAY['a,b', 'c'] AS l, ARRAY[1::bigint, 2::bigint] AS m, INTERVAL '90 minutes' AS v, NULL::interval AS w"
    )
    hanoi = dt.timezone(dt.timedelta(hours=7))
    wanted = (
        1, 2, 1.5, True, "Bến Nghé", dt.date(2021, 10, 15), dt.datetime(2021, 10, 15, 7, tzinfo=hanoi), None,
        ["a,b", "c"], [1, 2], dt.timedelta(minutes=90), None,
    )
    with server.connect() as connection:
        for binary in (False, True):
            equal(connection.execute(statement, binary=binary).fetchone(), wanted)


@check
def psycopg_binds_values_of_all_types(server):
    values = [
        ("text", "Bến Nghé's"), ("int", 7), ("int", -7), ("bigint", 1 << 40), ("boolean", True),
        ("double precision", 1.5), ("date", dt.date(2021, 10, 15)),
        ("timestamptz", dt.datetime(2021, 10, 15, 7, 30, 1, tzinfo=dt.timezone.utc)),
        ("text", None), ("bigint", None),
    ]
    with server.connect() as connection:
        for kind, value in values:
            for mark in ("%s", "%t", "%b"):
                if value is None and mark == "%b":
                    continue
                for binary in (False, True):
                    found = connection.execute(f"SELECT {mark}::{kind}", [value], binary=binary).fetchone()[0]
                    equal(found, value)


@check
def psycopg_filters_by_values(server):
    with server.connect() as connection:
        one = connection.execute("SELECT person, venue, start_at, seconds FROM visits ORDER BY 3, 1 LIMIT 1").fetchone()
        person, venue, start, seconds = one
        query = "SELECT count(*) FROM visits WHERE person = %s AND venue = %s AND start_at = %s AND seconds = %s"
        for mark in ("%s", "%b"):
            equal(connection.execute(query.replace("%s", mark), one).fetchone()[0], 1)
        equal(connection.execute("SELECT count(*) FROM visits WHERE start_at < %s", [start]).fetchone()[0], 0)
        all_of = connection.execute("SELECT count(*) FROM visits WHERE venue = %s", [venue]).fetchone()[0]
        for venues in ([venue], [venue, "no such venue"]):
            equal(connection.execute("SELECT count(*) FROM visits WHERE venue = ANY(%s)", [venues]).fetchone()[0], all_of)
        equal(connection.execute("SELECT count(*) FROM visits WHERE venue = ANY(%s)", [[]]).fetchone()[0], 0)
        equal(connection.execute("SELECT count(*) FROM visits WHERE seconds = ANY(%s)", [[-1, -2]]).fetchone()[0], 0)
        connection.execute("SELECT count(*) FROM visits WHERE start_at::date = %s", [start.date()]).fetchone()
        connection.execute("SELECT * FROM contacts_of(%s) LIMIT %s", [person, 3]).fetchall()
        connection.execute("SELECT * FROM exposed_at(%s, %s, %s)", [venue, start, start + dt.timedelta(hours=1)]).fetchall()


@check
def psycopg_prepares_statements(server):
    with server.connect() as connection:
        connection.prepare_threshold = 0
        for n in range(3):
            found = connection.execute("SELECT count(*), %s::int FROM visits WHERE seconds > %s", [n, 60 * n]).fetchone()
            equal(found[1], n)
        connection.execute("DEALLOCATE ALL")
        cursor = connection.cursor()
        cursor.executemany("SELECT %s::text", [["a"], ["b"]], returning=True)
        equal(cursor.fetchone(), ("a",))


@check
def psycopg_reads_in_portions(server):
    with server.connect() as connection:
        total = connection.execute("SELECT count(*) FROM visits").fetchone()[0]
        with connection.cursor(name="all visits") as cursor:
            cursor.itersize = 100
            cursor.execute("SELECT person, start_at FROM visits WHERE seconds >= %s", [0])
            equal(cursor.description[0].name, "person")
            equal(sum(1 for _ in cursor), total)
        with connection.cursor(name="bytes") as cursor:
            cursor.execute("SELECT seconds FROM visits", binary=True)
            equal(len(cursor.fetchmany(5)), 5)
            equal(len(cursor.fetchmany(5)), 5)
        connection.commit()
        equal(len(list(connection.cursor().stream("SELECT person FROM visits"))), total)


@check
def psycopg_pipelines(server):
    with server.connect() as connection, connection.pipeline():
        cursors = [connection.execute("SELECT %s::int", [n]) for n in range(5)]
        equal([cursor.fetchone()[0] for cursor in cursors], list(range(5)))


@check
def psycopg_copies(server):
    with server.connect() as connection, connection.cursor() as cursor:
        with cursor.copy("COPY (SELECT person, seconds FROM visits LIMIT 5) TO STDOUT") as copy:
            copy.set_types(["text", "int8"])
            rows = list(copy.rows())
        equal(len(rows), 5)
        assert all(isinstance(seconds, int) for _, seconds in rows), rows


@check
def psycopg_has_transactions(server):
    with server.connect() as connection:
        with connection.transaction():
            connection.execute("SELECT 1")
            with connection.transaction():
                connection.execute("SELECT 1")
            try:
                with connection.transaction():
                    connection.execute("SELECT nothing")
            except psycopg.errors.UndefinedColumn:
                pass
            equal(connection.execute("SELECT 1").fetchone(), (1,))
        try:
            connection.execute("SELECT nothing")
        except psycopg.errors.UndefinedColumn:
            pass
        try:
            connection.execute("SELECT 1")
            raise AssertionError("a failed transaction goes on")
        except psycopg.errors.InFailedSqlTransaction:
            pass
        connection.rollback()
        connection.read_only = True
        connection.execute("SELECT 1")
    with server.connect() as connection:
        connection.read_only = False
        try:
            connection.execute("SELECT 1")
            raise AssertionError("a transaction may write")
        except psycopg.errors.ReadOnlySqlTransaction:
            pass


@check
def psycopg_looks_types_up(server):
    with server.connect() as connection:
        equal(TypeInfo.fetch(connection, "hstore"), None)
        found = TypeInfo.fetch(connection, "text")
        equal((found.name, found.oid, found.array_oid), ("text", 25, 1009))
        found = connection.execute(parts.SQL("SELECT {} FROM {} LIMIT 1").format(
            parts.Identifier("person"), parts.Identifier("public", "visits"))).fetchone()
        assert found, "no visits"


@check
def columns_are_named_as_in_postgresql(server):
    with server.connect() as connection:
        cursor = connection.execute("SELECT count(*), 1, max(seconds), min(seconds) AS least, seconds::text FROM visits GROUP BY seconds LIMIT 1")
        equal([column.name for column in cursor.description], ["count", "?column?", "max", "least", "seconds"])
