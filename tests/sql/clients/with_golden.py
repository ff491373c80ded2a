"""What the golden city holds, seen through the clients: the rows of tests/sql/*.slt, in the clients' own types."""

import csv
import datetime as dt
import decimal
import io
import json
import os
import pathlib
import stat
import subprocess
import tempfile
import time
import urllib.request
import warnings

import pandas

from city import post, program
from kit import HERE, Skipped, cancelled, check, contains, equal

HANOI = dt.timezone(dt.timedelta(hours=7))
VISITS = "SELECT person, venue, start_at, end_at, seconds, open FROM visits ORDER BY start_at, person"
CASES = (
    "SELECT person, episode, reported_at, onset, sampled, isolated_at, ended_at, outcome, found, infectious_from,"
    " infectious_to FROM cases ORDER BY person, episode"
)
CONTACTS = "SELECT person, seconds FROM contacts_of('P0003') ORDER BY person"


def wanted(name, statement):
    """The rows that a logic test wants for a statement, in Python's types."""
    lines = (HERE.parent / name).read_text(encoding="utf-8").splitlines()
    at = lines.index(statement)
    assert lines[at + 1] == "----", lines[at + 1]
    end = lines.index("", at)
    return [tuple(map(value, line.split(" "))) for line in lines[at + 2 : end]]


def value(text):
    if text == "NULL":
        return None
    if text in ("true", "false"):
        return text == "true"
    if text.lstrip("-").isdigit():
        return int(text)
    return dt.datetime.fromisoformat(text) if text[4:5] == "-" and text[10:11] == "T" else text


@check
def the_password_is_readable_for_its_owner_only(server):
    path = server.city.password_file
    equal(stat.filemode(path.stat().st_mode), "-rw-------")
    assert len(path.read_text(encoding="utf-8").strip()) >= 24, "too short a password"


@check
def psycopg_reads_the_golden_city(server):
    assert server.city
    with server.connect() as connection:
        for name, statement in (("visits.slt", VISITS), ("cases.slt", CASES), ("contacts.slt", CONTACTS)):
            for binary in (False, True):
                rows = connection.execute(statement, binary=binary).fetchall()
                equal(rows, wanted(name, statement))
                equal([list(map(type, row)) for row in rows], [list(map(type, row)) for row in wanted(name, statement)])
        first = connection.execute(f"{VISITS} LIMIT 1").fetchone()
        equal(first[2].utcoffset(), dt.timedelta(hours=7))
        # In portions, and with a statement that is prepared once and asked for each person.
        with connection.cursor(name="portions") as cursor:
            cursor.itersize = 37
            equal(list(cursor.execute(VISITS)), wanted("visits.slt", VISITS))
        since = dt.datetime(2021, 10, 18, tzinfo=HANOI)
        for person in sorted({row[0] for row in wanted("visits.slt", VISITS)}):
            of = [row[4] for row in wanted("visits.slt", VISITS) if row[0] == person and row[2] >= since]
            found = connection.execute(
                "SELECT count(*), sum(seconds) FROM visits WHERE person = %s AND start_at >= %s", [person, since],
                prepare=True,
            ).fetchone()
            equal((person, *found), (person, len(of), sum(of) if of else None))


@check
def psycopg_reads_numeric_exactly(server):
    seconds = [row[4] for row in wanted("visits.slt", VISITS)]
    mean = (decimal.Decimal(sum(seconds)) / len(seconds)).quantize(decimal.Decimal("0.01"), decimal.ROUND_HALF_UP)
    assert server.city
    with server.connect() as connection:
        for binary in (False, True):
            found = connection.execute(
                "SELECT 12.50::numeric(10, 2), -0.007::numeric(6, 3), NULL::numeric(6, 3),"
                " round(avg(seconds::numeric(20, 4)), 2) FROM visits", binary=binary,
            ).fetchone()
            equal(found, (decimal.Decimal("12.50"), decimal.Decimal("-0.007"), None, mean))
            equal(str(found[0]), "12.50")


@check
def psycopg_copies_the_golden_city(server):
    assert server.city
    rows = wanted("visits.slt", VISITS)
    with server.connect() as connection, connection.cursor() as cursor:
        with cursor.copy(f"COPY ({VISITS}) TO STDOUT") as copy:
            copy.set_types(["text", "text", "timestamptz", "timestamptz", "int8", "bool"])
            equal(list(copy.rows()), rows)
        with cursor.copy(f"COPY ({VISITS}) TO STDOUT WITH (FORMAT csv, HEADER true)") as copy:
            text = b"".join(bytes(part) for part in copy).decode()
        equal([line[:2] for line in csv.reader(io.StringIO(text))], [["person", "venue"], *(list(row[:2]) for row in rows)])


@check
def pandas_reads_the_golden_city(server):
    assert server.city
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        visits = pandas.read_sql(VISITS, server.engine())
        cases = pandas.read_sql(CASES, server.engine())
    kinds = {name: dtype.kind for name, dtype in visits.dtypes.items()}
    equal({name: kinds[name] for name in ("start_at", "end_at", "seconds", "open")},
          {"start_at": "M", "end_at": "M", "seconds": "i", "open": "b"})
    assert pandas.api.types.is_string_dtype(visits["person"]), visits.dtypes
    # pandas counts in UTC whatever the zone of the connection; the moments are the same.
    equal(str(visits["start_at"].dt.tz), "UTC")
    equal(list(visits.itertuples(index=False, name=None)), wanted("visits.slt", VISITS))
    equal((visits["end_at"] - visits["start_at"]).dt.total_seconds().astype("int64").tolist(), visits["seconds"].tolist())
    of = wanted("cases.slt", CASES)
    equal(cases["onset"].isna().tolist(), [row[3] is None for row in of])
    equal(cases["onset"].dropna().tolist(), [row[3] for row in of if row[3]])


def shell(server, *words, fails=False):
    done = subprocess.run([program(), "sql", "--to", server.city.http, *words], capture_output=True, text=True, timeout=60)
    assert (done.returncode != 0) == fails, done.stdout + done.stderr
    return done.stdout if not fails else done.stderr


def cells(text):
    """Rows of CSV, with times and truths as values: each side writes them in its own way."""
    def cell(text):
        try:
            return dt.datetime.fromisoformat(text) if text[4:5] == "-" else {"t": "true", "f": "false"}.get(text, text)
        except ValueError:
            return text

    return [list(map(cell, row)) for row in csv.reader(io.StringIO(text))]


@check
def the_shell_and_psql_give_the_same_rows(server):
    plain = "SELECT venue, count(*) AS visits, sum(seconds) AS seconds FROM visits GROUP BY venue ORDER BY venue"
    equal(shell(server, "-c", plain, "--format", "csv"), server.psql(plain, flags=["--csv"]))
    venues = "SELECT venue, name, type, district, ward, capacity FROM venues ORDER BY venue"
    equal(shell(server, "-c", venues, "--format", "csv"), server.psql(venues, flags=["--csv"]))
    for statement in (VISITS, CASES, CONTACTS):
        found = cells(shell(server, "-c", statement, "--format", "csv"))
        equal(found, cells(server.psql(statement, flags=["--csv"])))
        assert len(found) > 1, found
    contains(shell(server, "-c", r"\d visits"), "start_at", "timestamp with time zone")
    contains(shell(server, "-c", r"\d"), "visits", "cases")
    told = shell(server, "-c", "SELECT persn FROM visits", fails=True)
    contains(told, "line 1", "column 8", "persn", "did you mean person?")
    contains(shell(server, "-c", "DELETE FROM visits", fails=True), "reading only")


@check
def psql_copies_the_golden_city_to_a_file(server):
    assert server.city
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "visits.csv")
        told = server.psql(rf"\copy ({VISITS}) to '{path}' with (format csv)")
        rows = wanted("visits.slt", VISITS)
        contains(told, f"COPY {len(rows)}")
        equal(cells(path.read_text(encoding="utf-8")), [[*row[:4], str(row[4]), str(row[5]).lower()] for row in rows])


@check
def worked_questions_are_answered(server):
    with urllib.request.urlopen(f"{server.city.http}/api/v1/sql/catalog", timeout=60) as answer:
        questions = json.load(answer)["questions"]
    assert questions, "no questions"
    with server.connect() as connection:
        for question in questions:
            status, over_http = post(f"{server.city.http}/api/v1/sql", json.dumps({"sql": question["sql"]}))
            equal((question["id"], status), (question["id"], 200))
            # A % is the mark of a value to psycopg.
            found = connection.execute(question["sql"].encode().replace(b"%", b"%%"), [], binary=False)
            equal([column.name for column in found.description], [column["name"] for column in over_http["columns"]])
            equal((question["id"], len(found.fetchall())), (question["id"], len(over_http["rows"])))
            equal(len(server.psql(question["sql"], flags=["-At"]).splitlines()), len(over_http["rows"]))


def worked_s(pid):
    """Seconds of both processors' time that a process has used."""
    fields = pathlib.Path("/proc", str(pid), "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@check
def what_is_cancelled_works_no_more(server):
    pid = server.city.pid
    if not pathlib.Path("/proc", str(pid), "stat").exists():
        raise Skipped("no /proc here that tells what a process has worked")
    with server.connect(autocommit=True) as connection:
        for _ in range(3):
            before = worked_s(pid)
            cancelled(connection, lambda before=before: worked_s(pid) - before > 0.3)
    for _ in range(50):
        before = worked_s(pid)
        time.sleep(0.2)
        if worked_s(pid) - before <= 0.04:
            return
    raise AssertionError("the service still works on what was cancelled")
