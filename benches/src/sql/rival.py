"""Answers SQL with DuckDB: `rival.py FOLDER THREADS`, a statement as JSON a line in, {"ms", "rows"} a line out.

The tables are loaded from the folder's Parquet files into DuckDB's own storage, in memory.
"""

import json
import pathlib
import sys
import time

import duckdb

folder, threads = pathlib.Path(sys.argv[1]), int(sys.argv[2])
connection = duckdb.connect(config={"threads": threads})
connection.execute("SET TimeZone = 'Asia/Ho_Chi_Minh'")
for path in sorted(folder.glob("*.parquet")):
    connection.execute(f"CREATE TABLE {path.stem} AS SELECT * FROM read_parquet('{path}')")
print(json.dumps({"version": duckdb.__version__}), flush=True)

for line in sys.stdin:
    began = time.perf_counter()
    rows = connection.execute(json.loads(line)).fetchall()
    took_ms = (time.perf_counter() - began) * 1e3
    print(json.dumps({"ms": took_ms, "rows": rows}, default=int), flush=True)
