"""psql: its backslash commands, \\copy, errors, Ctrl-C."""

import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

import pandas

from kit import ENDLESS, PROMPT_S, Skipped, check, contains, equal


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
    words = ["psql", "-X", server.url, "-c", r"\echo connected", "-c", ENDLESS]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as running:
        try:
            equal(running.stdout.readline(), "connected\n")
            end = time.monotonic() + PROMPT_S
            # More than once: the first may come before the statement has begun.
            while running.poll() is None and time.monotonic() < end:
                running.send_signal(signal.SIGINT)
                time.sleep(0.1)
            assert running.poll() not in (None, 0), "it took too long to stop"
            contains(running.stdout.read(), "cancel")
        finally:
            running.kill()
