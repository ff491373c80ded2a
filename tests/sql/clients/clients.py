#!/usr/bin/env python3
"""Tries the PostgreSQL protocol with the tools that people have (psql, psycopg, SQLAlchemy, pandas, RPostgres), and the
archive in a bucket of S3.

    make clients                                             starts a service with the golden city and ends it
    PYTHONPATH=bin/pgclients tests/sql/clients/clients.py --url postgresql://vonglau:PASSWORD@127.0.0.1:5432/vonglau

One line a check; ends with 1 if one failed. psql and R are tried where they are installed. By --url the tables must
hold some visits; what is in them does not matter, and the checks that know what the golden city holds are left out.
"""

import argparse
import contextlib
import signal
import sys
import time

import with_bounds  # noqa: F401  each brings its checks
import with_golden  # noqa: F401
import with_others  # noqa: F401
import with_pandas  # noqa: F401
import with_psql  # noqa: F401
import with_psycopg  # noqa: F401
import with_s3  # noqa: F401
from city import City
from kit import CHECKS, Server, Skipped


def tried(function, server):
    """Tells how one check went: "ok", "skipped" or "FAILED"."""
    name, began, why = function.__name__.replace("_", " "), time.monotonic(), ""
    try:
        function(server)
        how = "ok"
    except Skipped as reason:
        how, why = "skipped", f": {reason}"
    except Exception as error:  # a check must not hide the ones after it
        how = "FAILED"
        lines = f"{type(error).__name__}: {error}".strip().splitlines()
        why = ": " + "\n        ".join(lines[:30])
    print(f"{how:<7} {time.monotonic() - began:4.1f} s  {name}{why}", flush=True)
    return how


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", help="postgresql://user:password@host:port/vonglau; without it a service is started")
    parser.add_argument("--only", help="run checks with this in their name")
    arguments = parser.parse_args()
    # An end that is asked for goes through the same doors as Ctrl-C, so that what was started is ended too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with contextlib.ExitStack() as held:
        city = None if arguments.url else held.enter_context(City())
        server = Server(arguments.url or city.url, city)
        chosen = [function for function in CHECKS if not arguments.only or arguments.only in function.__name__]
        told = [tried(function, server) for function in chosen]
        failed = told.count("FAILED")
        if failed and city:
            print("---- the end of the service's log")
            print("\n".join(city.log.read_text(encoding="utf-8").splitlines()[-20:]))
    print(f"{told.count('ok')} passed, {failed} failed, {told.count('skipped')} skipped")
    return 1 if failed or "ok" not in told else 0


if __name__ == "__main__":
    sys.exit(main())
