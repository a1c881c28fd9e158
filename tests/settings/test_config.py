"""
The settings file: what is read, and what every mistake says.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from agent.domain.days import Span
from agent.settings.config import CarrierName, LogLevel, Settings, SettingsError, load_settings, parse_settings

GOOD = """\
[vendor]
name = "Frontdesk"
email = "support@example.com"

[healthengine]
base_url = "http://127.0.0.1:8080/pms-api/v1"

[pms]
profile = "sample"
connection = 'DRIVER={SQLite3};Database=C:\\practice\\sample.db'

[[practices]]
id = "1001"
name = "Sample Practice"
locations = ["1", "2"]
timezone = "Australia/Sydney"
live_hours = "Mon-Fri 08:00-18:00"
"""

SECOND = """
[[practices]]
id = "1002"
name = "Second"
locations = ["3"]
timezone = "Australia/Perth"
live_hours = { monday = ["09:00-17:00"], public_holidays = ["10:00-12:00"] }
"""


def read(text: str) -> Settings:
    return parse_settings(text, Path("config.toml"))


def refused(text: str) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        read(text)
    return caught.value


def test_a_good_file_is_read_with_its_defaults() -> None:
    """
    What is not said is what the documentation promises.
    """
    settings = read(GOOD)
    practice = settings.practices[0]

    assert ("Frontdesk", "support@example.com", "production") == (
        settings.vendor.name,
        settings.vendor.email,
        settings.vendor.environment,
    )
    assert settings.healthengine.is_loopback
    assert (CarrierName.ODBC, None, LogLevel.INFO) == (
        settings.pms.carrier,
        settings.pms.read_timeout_seconds,
        settings.logging.level,
    )
    assert ("1001", ("1", "2"), "Australia/Sydney", 60, timedelta(minutes=60)) == (
        practice.id,
        practice.locations,
        practice.zone.key,
        practice.horizon_days,
        practice.minimum_notice,
    )
    assert (Span(480, 1080),) == practice.live_hours.days[4]
    assert () == settings.warnings
    assert practice is settings.practice("1001")
    assert settings.practice("9") is None


def test_several_practices_are_read_with_hours_as_a_table() -> None:
    """
    One engine may serve several practices of one database.
    """
    second = read(GOOD + SECOND).practices[1]

    assert ("1002", (Span(600, 720),)) == (second.id, second.live_hours.public_holidays)


def test_the_default_address_is_the_real_one() -> None:
    """
    A file without an address talks to Healthengine, over TLS.
    """
    settings = read(GOOD.replace('base_url = "http://127.0.0.1:8080/pms-api/v1"', ""))

    assert "https://healthengine.com.au/pms-api/v1" == settings.healthengine.base_url
    assert not settings.healthengine.is_loopback


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "words"),
    [
        ('name = "Frontdesk"', "", 1, "vendor.name", "is missing"),
        ('name = "Frontdesk"', 'name = "Front (desk)"', 2, "vendor.name", "plain ASCII"),
        ('name = "Frontdesk"', 'name = "Front\\r\\ndesk"', 2, "vendor.name", "plain ASCII"),
        ('"support@example.com"', '"support"', 3, "vendor.email", "e-mail"),
        ("http://127.0.0.1:8080", "http://healthengine.com.au", 6, "healthengine.base_url", "https://"),
        ("http://127.0.0.1:8080", "ftp://127.0.0.1", 6, "healthengine.base_url", "https://"),
        ("http://127.0.0.1:8080", "https://me:pw@host", 6, "healthengine.base_url", "plain web address"),
        ("http://127.0.0.1:8080", "https://host:port", 6, "healthengine.base_url", "plain web address"),
        ("http://127.0.0.1:8080", "127.0.0.1", 6, "healthengine.base_url", "plain web address"),
        ("http://127.0.0.1:8080", "https://example.com", 6, "healthengine.base_url", "one of Healthengine's"),
        (
            "[healthengine]",
            '[healthengine]\nstaging_hosts = ["https://x"]',
            6,
            "healthengine.staging_hosts",
            "list of host names",
        ),
        ('profile = "sample"', 'profile = "../sample"', 9, "pms.profile", "name of a profile"),
        ("sample.db'", "sample.db;PWD=x'", 10, "pms.connection", "password"),
        ("DRIVER={SQLite3};", " password = x;", 10, "pms.connection", "password"),
        ("{SQLite3}", "/srv/x.so", 10, "pms.connection", "by a path"),
        ("DRIVER={SQLite3}", "FileDSN=x", 10, "pms.connection", "names a file"),
        ('profile = "sample"', 'profile = "sample"\ncarrier = "jdbc"', 10, "pms.carrier", '"odbc" or "sqlite"'),
        ('profile = "sample"', 'profile = "sample"\napi_url = "http://od.example.com/api"', 10, "pms.api_url", "https://"),
        ('profile = "sample"', 'profile = "sample"\nread_timeout_seconds = 0', 10, "pms.read_timeout_seconds", "1 to 600"),
        ('id = "1001"', "id = 1001", 13, "practices[1].id", "digits in quotes"),
        ('id = "1001"', 'id = "A-1"', 13, "practices[1].id", "digits in quotes"),
        ('["1", "2"]', "[1, 2]", 15, "practices[1].locations", "each in quotes"),
        ('["1", "2"]', '["1", "1"]', 15, "practices[1].locations", "twice"),
        ("Australia/Sydney", "Australia/Sidney", 16, "practices[1].timezone", "not a known time zone"),
        ("Australia/Sydney", "Australia", 16, "practices[1].timezone", "not a known time zone"),
        ("Australia/Sydney", "../x", 16, "practices[1].timezone", "not a known time zone"),
        ("Mon-Fri 08:00-18:00", "Mon-Fri 18:00-08:00", 17, "practices[1].live_hours", "ends before it begins"),
        ('"Mon-Fri 08:00-18:00"', "{ mon = [] }", 17, "practices[1].live_hours", "'mon' is none of"),
        ('"Mon-Fri 08:00-18:00"', "5", 17, "practices[1].live_hours", "hours in one line"),
        ('timezone = "Australia/Sydney"', "horizon_days = 366", 16, "practices[1].horizon_days", "1 to 365"),
        ('timezone = "Australia/Sydney"', "horizon_days = true", 16, "practices[1].horizon_days", "1 to 365"),
        ('timezone = "Australia/Sydney"', "minimum_notice_minutes = -1", 16, "practices[1].minimum_notice_minutes", "0 or more"),
        ("[vendor]", "[logging]\nlevel = 'loud'\n[vendor]", 2, "logging.level", "debug"),
        ("[vendor]", "[vendors]", 1, "vendor", "is missing"),
        ("[[practices]]", "[practices]", 12, "practices", "not a list of tables"),
    ],
)
def test_a_mistake_names_its_line_key_and_remedy(old: str, new: str, line: int, key: str, words: str) -> None:
    """
    Whoever wrote the file finds the place and what to write there.
    """
    assert old in GOOD
    error = refused(GOOD.replace(old, new))
    found = [problem for problem in error.problems if problem.key == key]

    assert [(line, True, True)] == [(p.line, words in p.message, bool(p.remedy)) for p in found]
    assert f"line {line}, {key}" in str(error)
    assert "config.toml" in error.message


@pytest.mark.parametrize(
    "url",
    [
        "https://healthengine.com.au/pms-api/v1",
        "https://api.healthengine.com.au/pms-api/v1",
        "https://HEALTHENGINE.com.au",
        "https://pms.staging.example.com/pms-api/v1",
        "http://localhost:8080",
        "https://[::1]:8443/pms-api/v1",
    ],
)
def test_addresses_that_may_be_called(url: str) -> None:
    """
    Healthengine's own, its test systems where they are named, and this machine.
    """
    text = GOOD.replace("http://127.0.0.1:8080/pms-api/v1", url)

    assert (
        url
        == read(
            text.replace("[healthengine]", '[healthengine]\nstaging_hosts = ["pms.staging.example.com"]')
        ).healthengine.base_url
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://pms.staging.example.com/pms-api/v1",
        "https://healthengine.com.au.example.com",
        "https://example.com/healthengine.com.au",
        "https://nothealthengine.com.au",
        "https://healthengine.com.au.",
        "https://healthengine.com.au@example.com",
        "https://@healthengine.com.au",
        "https://example.com\\\\@healthengine.com.au",
        "https://example.com\\\\.healthengine.com.au",
        "https://healthengine.com.au\\t.example.com",
        "https://hеalthengine.com.au",
        "https://127.0.0.1.example.com",
        "http://127.1",
        "http://healthengine.com.au",
        "https://healthengine.com.au?x",
        "https://healthengine.com.au#x",
    ],
)
def test_addresses_that_may_not_be_called(url: str) -> None:
    """
    Keys and patients' bookings go to nobody else, however the address is dressed up.
    """
    error = refused(GOOD.replace("http://127.0.0.1:8080/pms-api/v1", url))

    assert ["healthengine.base_url"] == [problem.key for problem in error.problems]


def test_every_mistake_is_reported_at_once() -> None:
    """
    Nobody corrects a file one run at a time.
    """
    wrong = GOOD.replace('id = "1001"', "id = 1").replace("Sydney", "Sidney").replace("18:00", "7:00").replace("support@", "")

    assert ["vendor.email", "practices[1].id", "practices[1].timezone", "practices[1].live_hours"] == [
        problem.key for problem in refused(wrong).problems
    ]


@pytest.mark.parametrize(
    ("old", "new", "key", "line"),
    [
        ('id = "1002"', 'id = "1001"', "practices[2].id", 20),
        ('["3"]', '["2"]', "practices[2].locations", 22),
        ('locations = ["3"]\n', "", "practices[2].locations", 19),
        ('["3"]', "[]", "practices[2].locations", 22),
    ],
)
def test_practices_share_neither_id_nor_location(old: str, new: str, key: str, line: int) -> None:
    """
    A diary belongs to one practice.
    """
    assert [(key, line)] == [(p.key, p.line) for p in refused((GOOD + SECOND).replace(old, new)).problems]


def test_no_practice_is_a_mistake() -> None:
    """
    A file without practices is not set up.
    """
    assert ["practices"] == [problem.key for problem in refused(GOOD[: GOOD.index("[[")]).problems]


def test_unknown_keys_are_warned_about() -> None:
    """
    A misspelt or newer key does not stop the engine, but is named.
    """
    text = GOOD.replace("[vendor]", "[vendor]\nenviroment = 'x'").replace('id = "1001"', 'id = "1001"\ncolour = "red"')
    warnings = read(text + "[extra]\n").warnings

    assert [("extra", 20), ("vendor.enviroment", 2), ("practices[1].colour", 15)] == [(w.key, w.line) for w in warnings]
    assert "did you mean environment?" == warnings[1].remedy


def test_text_that_is_no_toml_names_the_line_and_quotes_nothing() -> None:
    """
    What stands in the file may be a password.
    """
    error = refused(GOOD.replace("'DRIVER", '"DRIVER').replace("sample.db'", 'sample.db"'))

    assert ("settings-syntax", "config.toml, line 10: this is not TOML") == (error.code, error.message)
    assert "single quotes" in error.remedy


def test_a_password_is_never_quoted() -> None:
    """
    Not even the message that forbids it shows it.
    """
    error = refused(GOOD.replace("sample.db'", "sample.db;Pwd=hunter2'"))

    assert "hunter2" not in f"{error} {error.remedy} {error.problems}"


@pytest.mark.parametrize(("content", "code"), [(None, "settings-missing"), (b"\xff\xfe", "settings-unreadable")])
def test_a_file_that_cannot_be_read_says_so(tmp_path: Path, content: bytes | None, code: str) -> None:
    """
    A missing file and a strange encoding each have their own code.
    """
    path = tmp_path / "config.toml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(SettingsError) as caught:
        load_settings(path)

    assert code == caught.value.code
    assert str(path) in caught.value.message


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    """
    Windows' own editor writes one.
    """
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())

    assert "1001" == load_settings(path).practices[0].id
