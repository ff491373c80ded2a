"""Times of October 2021, local."""
from datetime import date, datetime, timedelta, timezone

ZONE = timezone(timedelta(hours=7))
HOUR, DAY = 3600, 86400


def t(day, clock):
    """A second of October 2021, local."""
    parts = [int(part) for part in clock.split(":")] + [0]
    return int(datetime(2021, 10, day, parts[0], parts[1], parts[2], tzinfo=ZONE).timestamp())


def text(second):
    """As it is written; NULL where there is none."""
    return "NULL" if second is None else datetime.fromtimestamp(second, ZONE).isoformat()


def day_of(second):
    """The local date, as a number of days."""
    return datetime.fromtimestamp(second, ZONE).date().toordinal()


def midnight(day):
    """The first second of a date given as a number of days."""
    first = date.fromordinal(day)
    return int(datetime(first.year, first.month, first.day, tzinfo=ZONE).timestamp())


def date_text(day):
    return date.fromordinal(day).isoformat()


NOW = t(20, "12:00")
TODAY = day_of(NOW)
