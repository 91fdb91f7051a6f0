"""How values are read, against the standard library's exact numbers and its calendar."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fnmatch import fnmatchcase
from zoneinfo import ZoneInfo

from hypothesis import example, given, strategies as st

from tests import oracle
from triggerlang.language import globs, numbers, times, values

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia", "America/Havana")


def exact(decimal: Decimal) -> int | None:
    """A decimal rounded half to even at nine decimals and scaled, as the reference says it."""
    with localcontext(prec=5_000):
        scaled = int(decimal.scaleb(9).quantize(Decimal(1), ROUND_HALF_EVEN))
    return scaled if abs(scaled) < 10**27 else None


@given(st.floats(allow_nan=False, allow_infinity=False))
@example(0.1)
@example(4194303.9999999995)
@example(123456789012345680.0)
@example(5e-10)
@example(-0.0)
@example(1.0000000005)
def test_a_float_is_its_shortest_decimal(value: float) -> None:
    assert values.number(value) == exact(Decimal(repr(value)))


@given(st.floats(min_value=-5e6, max_value=5e6), st.integers(0, 12))
def test_a_float_with_few_decimals_is_exact(value: float, decimals: int) -> None:
    rounded = round(value, decimals)
    assert values.number(rounded) == exact(Decimal(repr(rounded)))


@given(st.decimals(allow_nan=False, allow_infinity=False, places=None))
def test_a_decimal_is_exact(value: Decimal) -> None:
    if abs(value.adjusted()) < 2_000:
        assert values.number(value) == exact(value)


@given(st.from_regex(r" {0,2}[+-]?([0-9]{1,25}[.]?[0-9]{0,15}|[.][0-9]{1,15}) {0,2}", fullmatch=True))
@example("999999999999999999.9999999995")
@example(".5")
@example("5.")
def test_a_text_that_is_wholly_a_number_is_one(text: str) -> None:
    assert values.number(text) == exact(Decimal(text.strip(" ")))


@given(st.text(alphabet="0123456789+-. e_\u0663x\n\t"))
@example("1e3")
@example("1_0")
@example("\u0661")
@example("5\n")
@example("")
def test_other_texts_are_read_as_the_oracle_reads_them(text: str) -> None:
    read = oracle.as_number(text)
    assert values.number(text) == (None if read is None else read * 10**9)


@given(st.one_of(st.integers(), st.floats(), st.text(), st.booleans(), st.none(), st.decimals(), st.lists(st.integers())))
def test_readings_are_the_oracles(value: object) -> None:
    if isinstance(value, Decimal) and value.is_snan():
        return
    read = oracle.as_number(value)
    assert values.number(value) == (None if read is None else read * 10**9)
    assert values.text(value) == oracle.as_text(value)
    assert values.boolean(value) == oracle.as_boolean(value)
    assert values.is_blank(value) == oracle.blank(value)


@given(st.integers(-(10**27), 10**27))
def test_a_number_is_the_number_of_its_text(scaled: int) -> None:
    if abs(scaled) < numbers.LIMIT:
        assert numbers.number_of_text(numbers.number_text(scaled)) == scaled


def test_what_is_no_number_is_none() -> None:
    none: tuple[object, ...] = (math.nan, math.inf, True, None, [], {}, Decimal("NaN"), "nan", "inf")
    assert [values.number(value) for value in none] == [None] * 9


@given(
    st.datetimes(min_value=datetime(1, 1, 4), max_value=datetime(9999, 12, 28)),
    st.sampled_from(ZONES),
)
@example(datetime(2026, 3, 29, 2, 30), "Europe/Berlin")
@example(datetime(2026, 10, 25, 2, 30), "Europe/Berlin")
@example(datetime(2011, 12, 30, 10, 0), "Pacific/Apia")
def test_a_clock_is_a_moment_as_the_calendar_has_it(clock: datetime, zone: str) -> None:
    moment = times.Zone(zone).moment_of((clock - datetime(1970, 1, 1)) // timedelta(microseconds=1))
    assert times.to_datetime(moment) == clock.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)
    local = times.Zone(zone).clock_of(moment)
    assert datetime(1970, 1, 1) + timedelta(microseconds=local) == times.to_datetime(moment).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


@given(st.integers(times.FIRST_MOMENT, times.END_OF_TIME - 1))
@example(times.FIRST_MOMENT)
@example(times.END_OF_TIME - 1)
@example(-1)
def test_a_moment_is_the_moment_of_its_text(moment: int) -> None:
    assert times.read_moment(times.format_moment(moment), times.Zone("Asia/Kolkata")) == moment


@given(st.integers(times.FIRST_MOMENT, times.END_OF_TIME - 1), st.sampled_from(ZONES))
@example(times.FIRST_MOMENT, "Pacific/Apia")
@example(times.END_OF_TIME - 1, "America/New_York")
def test_no_moment_is_beyond_a_zone(moment: int, zone: str) -> None:
    known = times.Zone(zone)
    assert abs(known.clock_of(moment) - moment) <= times.DAY
    assert abs(known.moment_of(moment) - moment) <= times.DAY
    assert 0 <= known.weekday_of(moment) <= 6


@given(st.text())
@example("2026-01-01T09:00:00.123456789+05:30")
@example("2026-01-01 09:00")
def test_any_text_is_a_time_or_none(text: str) -> None:
    times.read_moment(text, times.Zone())


GLOBS = st.text(alphabet="ab*?/", max_size=12)
TEXTS = st.text(alphabet="ab/", max_size=16)


@given(GLOBS, TEXTS)
@example("*a*b", "aab")
@example("?*?", "a")
@example("*", "")
def test_globs_are_those_of_the_standard_library(glob: str, text: str) -> None:
    assert globs.matcher(glob)(text) == fnmatchcase(text, glob) == oracle.fits(glob, text)


def test_a_glob_with_many_stars_is_quick_on_a_long_value() -> None:
    long = "a" * 1_000_000
    assert not globs.matcher("*a" * 8 + "*b")(long)
    assert globs.matcher("*a" * 8 + "*")(long)
    assert not globs.matcher("*a?" * 8 + "*b")(long)


def test_an_integer_of_any_length_has_a_text() -> None:
    assert values.text(10**5_000) == "1" + "0" * 5_000
    assert values.text(-(10**5_000)) == "-1" + "0" * 5_000
    assert values.number(10**5_000) is None
