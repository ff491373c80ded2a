"""What the checks share: the server under test, and how a check is told from what is only a function."""

import pathlib
import shutil
import subprocess
import threading
import time

import psycopg
import sqlalchemy
from sqlalchemy.pool import NullPool

HERE = pathlib.Path(__file__).resolve().parent
CHECKS = []
# Far more work than any bound allows.
ENDLESS = "SELECT count(*) FROM generate_series(1, 1000000000000) AS g(n) WHERE n % 7 = 9"


# An end that is asked for comes within moments; on a busy machine a moment is longer.
PROMPT_S = 15


class Skipped(Exception):
    """The tool, or what is asked about, is not here."""


def check(function):
    CHECKS.append(function)
    return function


def equal(found, wanted):
    assert found == wanted, f"found {found!r}, wanted {wanted!r}"


def contains(text, *parts):
    for part in parts:
        assert part in text, f"{part!r} is not in {text!r}"


class Server:
    """The server under test, and ways to speak with it. `city` is there where the test started it itself."""

    def __init__(self, url, city=None):
        self.url = url
        self._city = city

    @property
    def city(self):
        if self._city is None:
            raise Skipped("the server was not started by this test: nobody knows what it holds")
        return self._city

    def connect(self, **options):
        return psycopg.connect(self.url, **options)

    def engine(self):
        return sqlalchemy.create_engine(self.url.replace("postgresql://", "postgresql+psycopg://", 1),
                                        poolclass=NullPool)

    def psql(self, *commands, fails=False, text=None, flags=()):
        if not shutil.which("psql"):
            raise Skipped("psql is not installed")
        words = ["psql", "-X", "-v", "ON_ERROR_STOP=1", "-P", "pager=off", *flags, self.url]
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


def cancelled(connection, is_time=None):
    """Runs a statement without end and cancels it, at once or when it is time; it must end soon after."""
    over = threading.Event()
    asked = []

    def ask():
        while is_time and not is_time() and not over.wait(0.02):
            pass
        # More than once: the first may come before the statement has begun.
        while not over.wait(0.1):
            asked.append(time.monotonic())
            connection.cancel_safe()

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        connection.execute(ENDLESS)
        raise AssertionError("it came to an end")
    except psycopg.errors.QueryCanceled:
        assert time.monotonic() - asked[0] < PROMPT_S, "it took too long to stop"
    finally:
        over.set()
        asking.join()
