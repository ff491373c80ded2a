"""SQLAlchemy and pandas."""

import warnings

import pandas
import sqlalchemy

from kit import check, contains, equal


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
        chunks = list(pandas.read_sql("SELECT person FROM visits LIMIT 125", server.engine(), chunksize=50))
        equal([len(chunk) for chunk in chunks], [50, 50, 25])
        by_venue = pandas.read_sql_query(
            sqlalchemy.text("SELECT venue, count(*) AS n FROM visits WHERE start_at >= :since GROUP BY venue"),
            server.engine(), params={"since": frame["start_at"].iloc[0].to_pydatetime()})
        assert by_venue["n"].sum() > 0
