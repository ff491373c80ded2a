#!/usr/bin/env python3
"""Tries the PostgreSQL protocol with the tools that people have.

    bin/pgclients/bin/python tests/sql/clients/clients.py --url postgresql://vonglau:PASSWORD@127.0.0.1:5432/vonglau

One line a check; ends with 1 if one failed. psql and R are tried where they are installed. The tables must hold some
visits; what is in them does not matter.
"""

import argparse
import datetime as dt
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import warnings

import pandas
import psycopg
import sqlalchemy
from psycopg import sql as psql_parts
from psycopg.types import TypeInfo

HERE = pathlib.Path(__file__).resolve().parent
CHECKS = []
# Far more work than any bound allows.
ENDLESS = "SELECT count(*) FROM generate_series(1, 1000000000000) AS g(n) WHERE n % 7 = 9"


class Skipped(Exception):
    """The tool is not here."""


def check(function):
    CHECKS.append(function)
    return function


def equal(found, wanted):
    assert found == wanted, f"found {found!r}, wanted {wanted!r}"


def contains(text, *parts):
    for part in parts:
        assert part in text, f"{part!r} is not in {text!r}"


class Server:
    """The server under test, and ways to speak with it."""

    def __init__(self, url):
        self.url = url

    def connect(self, **options):
        return psycopg.connect(self.url, **options)

    def engine(self):
        return sqlalchemy.create_engine(self.url.replace("postgresql://", "postgresql+psycopg://", 1))

    def psql(self, *commands, fails=False, text=None):
        if not shutil.which("psql"):
            raise Skipped("psql is not installed")
        words = ["psql", "-X", "-v", "ON_ERROR_STOP=1", "-P", "pager=off", self.url]
        for command in commands:
            words += ["-c", command]
        done = subprocess.run(words, input=text, capture_output=True, text=True, timeout=60)
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        return done.stdout + done.stderr


def error_of(server, statement, *values):
    with server.connect() as connection:
        try:
            connection.execute(statement, values or None).fetchall()
        except psycopg.Error as error:
            return error
    raise AssertionError(f"no error: {statement}")


# psql


@check
def psql_lists_tables(server):
    listed = server.psql(r"\d")
    contains(listed, "visits", "cases", "wards")
    contains(server.psql(r"\dt"), "visits")
    contains(server.psql(r"\dt+"), "Lần ghé địa điểm")


@check
def psql_describes_a_table_with_its_comments(server):
    contains(server.psql(r"\d visits"), "start_at", "timestamp with time zone", "bigint")
    contains(server.psql(r"\d+ visits"), "Description", "person", "pseudonym", "mã giả danh")


@check
def psql_lists_functions_databases_schemas_and_roles(server):
    contains(server.psql(r"\df"), "h3_cell", "contacts_of", "epi_week")
    contains(server.psql(r"\df+ epi_week"), "epi_week")
    listed = server.psql(r"\l")
    contains(listed, "vonglau", "UTF")
    assert "postgres" not in listed, listed
    contains(server.psql(r"\l+"), "vonglau")
    contains(server.psql(r"\dn"), "public")
    contains(server.psql(r"\dn+"), "public")
    contains(server.psql(r"\du"), "vonglau")
    for command in (r"\di", r"\dv", r"\dx", r"\dp visits", r"\ds", r"\conninfo", r"\encoding"):
        server.psql(command)


@check
def psql_copies_to_a_file(server):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "visits.csv")
        query = "SELECT venue, count(*) AS visits FROM visits GROUP BY venue ORDER BY venue"
        server.psql(rf"\copy ({query}) to '{path}' csv header")
        lines = path.read_text(encoding="utf-8").splitlines()
        equal(lines[0], "venue,visits")
        assert len(lines) > 1, lines
        frame = pandas.read_csv(path)
        with server.connect() as connection:
            equal(list(map(tuple, frame.to_numpy().tolist())), connection.execute(query).fetchall())
        server.psql(rf"\copy ({query}) to '{path}' with (format text)")
        equal(path.read_text(encoding="utf-8").splitlines()[0].split("\t"), lines[1].split(","))
        server.psql(rf"\copy visits to '{path}' with (format csv, header true, delimiter ';')")
        contains(path.read_text(encoding="utf-8").splitlines()[0], "person;venue;start_at")


@check
def psql_runs_many_statements_and_points_at_errors(server):
    told = server.psql("BEGIN; SELECT 1 AS one; SHOW transaction_isolation; COMMIT")
    contains(told, "BEGIN", "one", "read committed", "COMMIT")
    told = server.psql("SELECT 1;\nSELECT persn FROM visits", fails=True)
    contains(told, "LINE 2: SELECT persn FROM visits", "^", "HINT:  did you mean person?")
    contains(server.psql("SELECT version()"), "PostgreSQL 15")


@check
def psql_cancels_with_ctrl_c(server):
    if not shutil.which("psql"):
        raise Skipped("psql is not installed")
    words = ["psql", "-X", server.url, "-c", ENDLESS]
    running = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    time.sleep(1)
    began = time.monotonic()
    running.send_signal(signal.SIGINT)
    told, _ = running.communicate(timeout=10)
    contains(told, "cancel")
    assert time.monotonic() - began < 3, "it took too long to stop"


# psycopg


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
def errors_have_their_states_places_and_hints(server):
    for statement, state in (
        ("SELEC 1", "42601"), ("SELECT * FROM vists", "42P01"), ("SELECT persn FROM visits", "42703"),
        ("SELECT no_function(1)", "42883"), ("DELETE FROM visits", "25006"), ("CREATE TABLE t (a int)", "25006"),
        ("COPY visits TO '/tmp/x'", "25006"), ("COPY visits FROM STDIN", "25006"), ("SET no_such_setting = 1", "42704"),
        ("SHOW no_such_setting", "42704"), ("FETCH 1 FROM nothing", "34000"),
    ):
        equal((statement, error_of(server, statement).sqlstate), (statement, state))
    error = error_of(server, "SELECT 1 AS one,\n  persn FROM visits WHERE seconds > %s", 1)
    equal((error.diag.statement_position, error.diag.message_hint), ("20", "did you mean person?"))
    equal(error_of(server, "SELECT * FROM vists").diag.message_hint, "did you mean visits?")


@check
def statements_end_at_their_time(server):
    with server.connect() as connection:
        connection.execute("SET statement_timeout = '400ms'")
        began = time.monotonic()
        try:
            connection.execute(ENDLESS)
            raise AssertionError("it came to an end")
        except psycopg.errors.QueryCanceled:
            pass
        assert time.monotonic() - began < 3
        connection.rollback()
        connection.execute("SET statement_timeout = '2000h'")
        assert connection.execute("SHOW statement_timeout").fetchone()[0] != "2000h"


@check
def statements_are_cancelled(server):
    with server.connect() as connection:
        threading.Timer(0.5, connection.cancel).start()
        began = time.monotonic()
        try:
            connection.execute(ENDLESS)
            raise AssertionError("it came to an end")
        except psycopg.errors.QueryCanceled:
            pass
        assert time.monotonic() - began < 3
        connection.rollback()
        equal(connection.execute("SELECT 1").fetchone(), (1,))


@check
def a_gone_client_leaves_its_place(server):
    # More than may run at once, one after the other: each leaves without a word.
    for _ in range(30):
        connection = server.connect()
        connection.autocommit = True
        connection.pgconn.send_query(ENDLESS.encode())
        time.sleep(0.02)
        connection.close()
    with server.connect(autocommit=True) as connection:
        for _ in range(50):
            try:
                return equal(connection.execute("SELECT 1").fetchone(), (1,))
            except psycopg.errors.TooManyConnections:
                time.sleep(0.1)
    raise AssertionError("statements of clients that are gone still run")


@check
def memory_is_bounded(server):
    statement = (
        "SELECT count(*) FROM (SELECT DISTINCT a.person, b.person, a.start_at, b.start_at, c.start_at, d.start_at"
        " FROM visits a, visits b, visits c, visits d)"
    )
    error = error_of(server, statement)
    assert error.sqlstate in ("53200", "57014"), error


@check
def only_the_right_password_opens(server):
    parts = psycopg.conninfo.conninfo_to_dict(server.url)
    for wrong in ({"password": "wrong"}, {"user": "nobody"}, {"dbname": "postgres"}):
        try:
            psycopg.connect(**{**parts, **wrong})
            raise AssertionError(f"{wrong} opened")
        except psycopg.OperationalError as error:
            contains(str(error), "not right" if "dbname" not in wrong else "there is no database")


@check
def settings_are_set_and_shown(server):
    with server.connect(options="-c statement_timeout=3s -c application_name=clients") as connection:
        equal(connection.execute("SHOW statement_timeout").fetchone()[0], "3s")
        equal(connection.execute("SHOW application_name").fetchone()[0], "clients")
        equal(connection.execute("SELECT current_setting('application_name')").fetchone()[0], "clients")
        equal(connection.execute("SELECT current_user, current_database(), current_schema()").fetchone(), ("vonglau", "vonglau", "public"))
        equal(connection.info.parameter_status("TimeZone"), connection.execute("SHOW timezone").fetchone()[0])
        here = connection.execute("SELECT min(start_at) FROM visits").fetchone()[0]
        connection.execute("SET TIME ZONE 'UTC'")
        equal(connection.info.parameter_status("TimeZone"), "UTC")
        for binary in (False, True):
            there = connection.execute("SELECT min(start_at) FROM visits", binary=binary).fetchone()[0]
            equal((there, there.utcoffset()), (here, dt.timedelta(0)))
        connection.execute("RESET ALL")


@check
def columns_are_named_as_in_postgresql(server):
    with server.connect() as connection:
        cursor = connection.execute("SELECT count(*), 1, max(seconds), min(seconds) AS least, seconds::text FROM visits GROUP BY seconds LIMIT 1")
        equal([column.name for column in cursor.description], ["count", "?column?", "max", "least", "seconds"])


@check
def psycopg_looks_types_up(server):
    with server.connect() as connection:
        equal(TypeInfo.fetch(connection, "hstore"), None)
        found = TypeInfo.fetch(connection, "text")
        equal((found.name, found.oid, found.array_oid), ("text", 25, 1009))
        found = connection.execute(psql_parts.SQL("SELECT {} FROM {} LIMIT 1").format(
            psql_parts.Identifier("person"), psql_parts.Identifier("public", "visits"))).fetchone()
        assert found, "no visits"


# SQLAlchemy and pandas


@check
def sqlalchemy_inspects(server):
    inspector = sqlalchemy.inspect(server.engine())
    contains(inspector.get_table_names(), "visits", "cases")
    equal(inspector.get_schema_names()[-1], "public")
    columns = {column["name"]: column for column in inspector.get_columns("visits")}
    equal(str(columns["start_at"]["type"]), "TIMESTAMP")
    equal(columns["start_at"]["type"].timezone, True)
    equal(str(columns["seconds"]["type"]), "BIGINT")
    contains(columns["person"]["comment"], "pseudonym")
    contains(inspector.get_table_comment("visits")["text"], "Visits")
    equal(inspector.get_pk_constraint("visits")["constrained_columns"], [])
    equal(inspector.get_foreign_keys("visits"), [])
    equal(inspector.get_indexes("visits"), [])
    equal(inspector.get_unique_constraints("visits"), [])
    equal(inspector.get_check_constraints("visits"), [])
    equal(inspector.get_view_names(), [])
    assert inspector.has_table("visits") and not inspector.has_table("vists")


@check
def sqlalchemy_reflects_and_selects(server):
    engine = server.engine()
    visits = sqlalchemy.Table("visits", sqlalchemy.MetaData(), autoload_with=engine)
    with engine.connect() as connection:
        total = connection.execute(sqlalchemy.select(sqlalchemy.func.count()).select_from(visits)).scalar()
        assert total > 0
        query = sqlalchemy.select(visits).where(visits.c.seconds > 0).order_by(visits.c.start_at).limit(3)
        rows = connection.execute(query).all()
        equal(len(rows), 3)
        query = sqlalchemy.select(visits.c.venue).where(visits.c.venue.in_([row.venue for row in rows])).limit(2)
        equal(len(connection.execute(query).all()), 2)
        streamed = connection.execution_options(stream_results=True, max_row_buffer=50).execute(sqlalchemy.select(visits))
        equal(sum(1 for _ in streamed), total)


@check
def pandas_reads(server):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        frame = pandas.read_sql("SELECT * FROM visits ORDER BY start_at LIMIT 50", server.engine())
        equal(len(frame), 50)
        equal(str(frame["seconds"].dtype), "int64")
        assert "datetime64" in str(frame["start_at"].dtype), frame.dtypes
        chunks = list(pandas.read_sql("SELECT person FROM visits LIMIT 250", server.engine(), chunksize=100))
        equal([len(chunk) for chunk in chunks], [100, 100, 50])
        by_venue = pandas.read_sql_query(
            sqlalchemy.text("SELECT venue, count(*) AS n FROM visits WHERE start_at >= :since GROUP BY venue"),
            server.engine(), params={"since": frame["start_at"].iloc[0].to_pydatetime()})
        assert by_venue["n"].sum() > 0


# R


@check
def rpostgres_reads(server):
    if not shutil.which("Rscript"):
        raise Skipped("R is not installed")
    found = subprocess.run(["Rscript", str(HERE / "rpostgres.R")], capture_output=True, text=True, timeout=120,
                           env={**os.environ, "VONGLAU_PG_URL": server.url})
    if found.returncode == 3:
        raise Skipped("the package RPostgres is not installed")
    assert found.returncode == 0, found.stdout + found.stderr


# Tools that cannot be installed here: what they ask first, as recorded


def fixture(server, name):
    statements = re.split(r";\s*$", (HERE / "fixtures" / f"{name}.sql").read_text(encoding="utf-8"), flags=re.M)
    with server.connect(autocommit=True) as connection:
        for statement in filter(None, map(str.strip, statements)):
            # As text, then as drivers do it: prepared, rows as bytes.
            for binary in (False, True):
                try:
                    cursor = connection.execute(statement.encode(), binary=binary, prepare=binary or None)
                    if cursor.description:
                        cursor.fetchall()
                except psycopg.Error as error:
                    raise AssertionError(f"{error}\n{statement}") from error


@check
def dbeaver_starts(server):
    fixture(server, "dbeaver")


@check
def metabase_starts(server):
    fixture(server, "metabase")


@check
def grafana_starts(server):
    fixture(server, "grafana")


@check
def pgjdbc_reads_metadata(server):
    fixture(server, "pgjdbc")


@check
def pgadmin_and_pgcli_start(server):
    fixture(server, "others")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", required=True, help="postgresql://user:password@host:port/vonglau")
    parser.add_argument("--only", help="run checks with this in their name")
    arguments = parser.parse_args()
    server = Server(arguments.url)
    failed = 0
    for function in CHECKS:
        if arguments.only and arguments.only not in function.__name__:
            continue
        name = function.__name__.replace("_", " ")
        try:
            function(server)
            print(f"ok      {name}", flush=True)
        except Skipped as why:
            print(f"skipped {name}: {why}", flush=True)
        except Exception as error:  # a check must not hide the ones after it
            failed += 1
            lines = f"{type(error).__name__}: {error}".strip().splitlines()
            print(f"FAILED  {name}: " + "\n        ".join(lines[:30]), flush=True)
    print(f"{failed} failed" if failed else "all passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
