"""The archive in a bucket of S3: the days that the retention edge passes, in a city and a bucket of their own."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

from bucket import NAME, Bucket
from city import City, eventually
from kit import PROMPT_S, Server, check, contains, equal, error_of

PLACE = f"s3://{NAME}/hanoi"
# Who comes after all others moves the edge, and nobody else is asked about.
LATE = "LATE"
SCANS = f"SELECT person, venue, scanned_at, mode, direction FROM scans WHERE person <> '{LATE}' ORDER BY 3, 1, 2, 4, 5"
ANSWERS = (
    SCANS,
    "SELECT count(*), count(DISTINCT person), sum(seconds), min(start_at) FROM visits"
    " WHERE end_at < '2021-10-19 00:00:00+07'",
)
LIVE = f"SELECT count(*) FROM scans WHERE person = '{LATE}' AND scanned_at > '2021-10-25 00:00:00+07'"


@check
def an_archive_in_a_bucket_answers_as_memory_did_also_after_an_outage_and_a_restart(server):
    assert server.city
    with Bucket() as bucket, City(
        VONGLAU_ARCHIVE__URL=PLACE, VONGLAU_CITY__RETENTION_DAYS="7", **bucket.environment
    ) as city:
        before = answers(city)
        assert len(before[0]) > 300 and before[1][0][0] > 100, before
        city.take(scan("2021-10-26"))
        archived(bucket, "2021-10-14", "2021-10-18")
        answers_are(before, city)
        with Server(city.url).connect() as connection:
            plan = str(connection.execute(f"EXPLAIN {SCANS}").fetchall())
        contains(plan, "scans/day=2021-10-14/part-0.parquet", "scans/day=2021-10-18/part-0.parquet")

        rows_are_hidden_and_shown(city, bucket, before)
        the_bucket_goes_and_comes(city, bucket, before)

        written = list(bucket.written)
        city.restart()
        answers_are(before, city)
        equal(bucket.written, written)
        assert len(set(written)) == len(written), written


def rows_are_hidden_and_shown(city, bucket, before):
    """The files are there when the statement is planned, and cannot be read when it runs."""
    bucket.hides_rows = True
    error = error_of(Server(city.url), SCANS)
    equal(error.sqlstate, "57P03")
    contains(str(error), "the archive could not be read", "Rows are not for this key (AccessDenied)", "[archive] url")
    bucket.hides_rows = False
    answers_are(before, city)


def the_bucket_goes_and_comes(city, bucket, before):
    server = Server(city.url)
    bucket.go()
    began = time.monotonic()
    error = error_of(server, SCANS)
    assert time.monotonic() - began < PROMPT_S, "it took too long to say so"
    contains(str(error), PLACE, "Connection refused", "AWS_ENDPOINT")
    # The stream goes on, and the edge with it.
    city.take(scan("2021-10-27"))
    with server.connect() as connection:
        equal(connection.execute(LIVE).fetchall(), [(2,)])
    eventually("it is tried", lambda: "a day could not be archived" in city.log.read_text(encoding="utf-8") or None)
    equal([name for name in bucket.names("hanoi/days/") if "10-19" in name], [])
    bucket.come()
    archived(bucket, "2021-10-19")
    # Also on connections that were opened by who wrote.
    began = time.monotonic()
    answers_are(before, city)
    assert time.monotonic() - began < PROMPT_S, "a connection stood still"


@check
def a_start_without_its_bucket_says_what_to_do(server):
    wrong = (
        ({"VONGLAU_ARCHIVE__URL": "s3://no-such-bucket/hanoi"}, ["NoSuchBucket", "check the bucket"]),
        ({"AWS_ENDPOINT": "http://127.0.0.1:1"}, ["Connection refused", "AWS_ENDPOINT"]),
        ({"AWS_ALLOW_HTTP": "false"}, ["AWS_ALLOW_HTTP=true"]),
        ({"AWS_ACCESS_KEY_ID": "another"}, ["InvalidAccessKeyId", "check AWS_ACCESS_KEY_ID"]),
        ({"AWS_SECRET_ACCESS_KEY": None}, ["Missing SecretAccessKey", "AWS_SECRET_ACCESS_KEY"]),
        # Whom a cloud gives a key by itself asks there: here nobody answers.
        ({"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None, "AWS_METADATA_ENDPOINT": "http://127.0.0.1:1"},
         ["set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"]),
    )
    with Bucket() as bucket, ThreadPoolExecutor() as threads:
        right = {"VONGLAU_ARCHIVE__URL": PLACE, **bucket.environment}

        def said(changes):
            given = {name: value for name, value in {**right, **changes}.items() if value is not None}
            return server.city.refused(**given)

        for (changes, parts), text in zip(wrong, threads.map(said, [changes for changes, _ in wrong])):
            url = changes.get("VONGLAU_ARCHIVE__URL", PLACE)
            contains(text, f"the archive cannot be opened (see [archive]): {url}: ", *parts)


def scan(day):
    return json.dumps({
        "kind": "scan", "id": f"late-{day}", "at": f"{day}T12:00:00+07:00", "person": LATE, "venue": "V-CHO",
        "mode": "person_qr", "direction": "in",
    })


def archived(bucket, *days):
    due = {f"hanoi/days/{day}.json" for day in days}
    eventually(f"{days} are in the bucket", lambda: due <= set(bucket.names("hanoi/days/")) or None)


def answers(city):
    with Server(city.url).connect() as connection:
        return [connection.execute(statement).fetchall() for statement in ANSWERS]


def answers_are(before, city):
    now = answers(city)
    assert now == before, f"{len(now[0])} scans where {len(before[0])} were, visits {now[1]} where {before[1]} were"
