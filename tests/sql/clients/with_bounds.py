"""What is refused and what is ended: errors, writes, passwords, time, memory, gone clients; and settings."""

import datetime as dt
import time

import psycopg

from kit import ENDLESS, PROMPT_S, cancelled, check, contains, equal, error_of


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
        assert time.monotonic() - began < PROMPT_S
        connection.rollback()
        connection.execute("SET statement_timeout = '2000h'")
        assert connection.execute("SHOW statement_timeout").fetchone()[0] != "2000h"


@check
def statements_are_cancelled(server):
    with server.connect() as connection:
        cancelled(connection)
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
