"""RPostgres where it is installed, and tools that cannot be: what they ask first, as recorded."""

import os
import re
import shutil
import subprocess

import psycopg

from kit import HERE, Skipped, check


@check
def rpostgres_reads(server):
    if not shutil.which("Rscript"):
        raise Skipped("R is not installed")
    # With TZ, R does not ask the machine's service for its zone, which is not everywhere there.
    found = subprocess.run(["Rscript", "--vanilla", str(HERE / "rpostgres.R")], capture_output=True, text=True,
                           timeout=120, env={"TZ": "UTC", **os.environ, "VONGLAU_PG_URL": server.url})
    if found.returncode == 3:
        raise Skipped("the package RPostgres is not installed")
    assert found.returncode == 0, found.stdout + found.stderr


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
def rpostgres_looks_for_tables(server):
    fixture(server, "rpostgres")


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
