"""How the files of sqllogictest are written."""
import os

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")


def cell(value):
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) or "(empty)"


def query(types, sql, rows):
    lines = [" ".join(map(cell, row)) for row in rows]
    return "\n".join([f"query {types}", sql, "----", *lines, ""]) + "\n"


def write(name, parts):
    with open(os.path.join(HERE, name), "w", encoding="utf-8") as file:
        file.write("# Written by golden.py from the rules. Do not edit.\n\n" + "".join(parts))
