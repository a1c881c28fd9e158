"""
Birthdays, telephone numbers, e-mail addresses, addresses and Medicare cards: made comparable, and compared.
"""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.domain.matching.addresses import address_of, compare_addresses
from agent.domain.matching.contact import compare_emails, compare_phones, email_key, phone_forms, phone_key
from agent.domain.matching.dates import compare_dates, other_readings
from agent.domain.matching.medicare import check_digit, compare_cards, compare_places, has_check_digit, medicare_of
from agent.domain.matching.model import Level

BORN = date(1980, 3, 12)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (BORN, Level.SAME),
        (date(1980, 12, 3), Level.SLIP),  # day and month swapped
        (date(1980, 3, 13), Level.SLIP),
        (date(1980, 5, 12), Level.SLIP),
        (date(1981, 3, 12), Level.SLIP),
        (date(1980, 3, 21), Level.SLIP),  # two neighbours swapped
        (date(2000, 3, 12), Level.DIFFERENT),  # one digit off, but a generation later
        (date(1981, 3, 13), Level.DIFFERENT),
        (date(1975, 7, 1), Level.DIFFERENT),
        (None, Level.MISSING),
    ],
)
def test_birthdays_by_example(other: date | None, expected: Level) -> None:
    """
    A swap or a digit off is a slip, unless it could be father and son.
    """
    assert expected == compare_dates(BORN, other) == compare_dates(other, BORN)


@pytest.mark.parametrize(
    ("born", "expected"),
    [(BORN, [date(1980, 12, 3)]), (date(1980, 3, 13), []), (date(1980, 3, 3), []), (date(1980, 2, 29), []), (None, [])],
)
def test_birthdays_read_in_the_other_order(born: date | None, expected: list[date]) -> None:
    """
    Day and month are swapped only where both orders are a date of their own.
    """
    assert expected == list(other_readings(born))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0491 570 156", "+61491570156"),
        ("+61 491 570 156", "+61491570156"),
        ("+61 (0) 491 570 156", "+61491570156"),
        ("0061 491 570 156", "+61491570156"),
        ("61491570156", "+61491570156"),
        ("(02) 5550 1234", "+61255501234"),
        ("02-5550-1234", "+61255501234"),
        ("0011 64 21 123 4567", "+64211234567"),
        ("+44 20 7946 0018", "+442079460018"),
        ("0400 000 000", ""),  # a filler
        ("0000000000", ""),
        ("12", ""),
        ("none", ""),
        ("", ""),
    ],
)
def test_phone_numbers_by_example(text: str, expected: str) -> None:
    """
    A number is the same however it is written; what only fills the field is none.
    """
    assert expected == phone_key(text)


@settings(max_examples=100, deadline=None)
@given(st.from_regex(r"0[23478][0-9]{8}", fullmatch=True))
def test_every_usual_form_of_a_number_is_that_number(number: str) -> None:
    """
    What a look-up searches for is the number itself, in each of its forms but the local one without an area code.
    """
    key = phone_key(number)

    assert all(phone_key(form) == key for form in phone_forms(key) if sum(map(str.isdigit, form)) >= 10)
    assert not key or number in phone_forms(key)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=20))
def test_no_text_breaks_a_telephone_number(text: str) -> None:
    """
    Whatever was typed gives a number or none.
    """
    assert phone_key(text) in ("", *phone_forms(phone_key(text)))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({"+61491570156", "+61255501234"}, {"+61255501234"}, Level.SAME),
        ({"+61491570156"}, {"+61491570157"}, Level.SLIP),
        ({"+61491570156"}, {"+61491570651"}, Level.DIFFERENT),
        ({"+61491570156"}, set(), Level.MISSING),
    ],
)
def test_numbers_in_common(one: set[str], other: set[str], expected: Level) -> None:
    """
    One number in common is enough.
    """
    assert expected == compare_phones(frozenset(one), frozenset(other))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Zoe.Brennan@Example.com", "zoe.brennan@example.com ", Level.SAME),
        ("zoe+doctor@example.com", "zoe@example.com", Level.SAME),
        ("zoe.brennan@example.com", "zoe.brenan@example.com", Level.SLIP),
        ("zoe.brennan@example.com", "zoe.brennan@elsewhere.example.org", Level.SLIP),
        ("zoe@example.com", "kim@example.net", Level.DIFFERENT),
        ("none@none.com", "none@none.com", Level.MISSING),
        ("zoe", "zoe", Level.MISSING),
    ],
)
def test_emails_by_example(one: str, other: str, expected: Level) -> None:
    """
    Case and tags do not matter, fillers are nobody's address.
    """
    assert expected == compare_emails(email_key(one), email_key(other))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (("3/12 High Street", "Newtown", "2042"), ("Unit 3, 12 high st", "NEWTOWN", "2042"), Level.SAME),
        (("12 Banksia Crescent", "Newtown", "2042"), ("12 Banksia Cres.", "Newtwon", ""), Level.SAME),
        (("12 Banksia Cresent", "Newtown", "2042"), ("12 Bnksia Crescent", "", "2042"), Level.SAME),
        (("12 Little Dale Road", "Newtown", "2042"), ("12 Littledale Rd", "Newtown", "2042"), Level.SAME),
        (("12 High Street", "Newtown", "2042"), ("14 High Street", "Newtown", "2042"), Level.SLIP),
        (("12 High Street", "Newtown", "2042"), ("12 High Street", "Footscray", "3011"), Level.SLIP),
        (("12 High Street", "Newtown", "2042"), ("7 Wattle Lane", "Newtown", "2042"), Level.SIMILAR),
        (("12 High Street", "Newtown", "2042"), ("7 Wattle Lane", "Footscray", "3011"), Level.DIFFERENT),
        (("", "Newtown", "2042"), ("7 Wattle Lane", "Newtown", "2042"), Level.MISSING),
    ],
)
def test_addresses_by_example(one: tuple[str, str, str], other: tuple[str, str, str], expected: Level) -> None:
    """
    Short forms, units and slips do not make another address; another number does.
    """
    assert (
        expected
        == compare_addresses(address_of(*one), address_of(*other))
        == compare_addresses(address_of(*other), address_of(*one))
    )


def test_a_check_digit_is_that_of_the_first_eight() -> None:
    """
    Worked by hand: 2·1 + 1·3 + 2·7 + 3·9 + 4·1 + 5·3 + 6·7 + 7·9 = 170.
    """
    assert "0" == check_digit("21234567")
    assert has_check_digit("212345670")
    assert not has_check_digit("212345671")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (("2123 45670 1", ""), ("2123456702", ""), Level.SAME),  # issued again
        (("21234567011", ""), ("2123456701", "1"), Level.SAME),  # the IRN at its end
        (("2123456701", ""), ("2123456801", ""), Level.SLIP),  # a digit off, and the check digit says so
        (("2123456701", ""), ("9512345671", ""), Level.MISSING),  # one was written wrongly, who knows where
        (("2123456701", ""), ("3123456731", ""), Level.MISSING),
        (("2123456701", ""), ("9111111181", ""), Level.DIFFERENT),
        (("21234", ""), ("2123456701", ""), Level.MISSING),
        (("", ""), ("", ""), Level.MISSING),
    ],
)
def test_cards_by_example(one: tuple[str, str], other: tuple[str, str], expected: Level) -> None:
    """
    The issue number does not matter, and a number that cannot be right is hardly evidence.
    """
    assert expected == compare_cards(medicare_of(*one), medicare_of(*other))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("1", "1", Level.SAME),
        ("1", "01", Level.SAME),
        ("1", "2", Level.DIFFERENT),
        ("", "2", Level.MISSING),
        ("x", "2", Level.MISSING),
    ],
)
def test_places_on_a_card(one: str, other: str, expected: Level) -> None:
    """
    The reference number tells the people on one card apart.
    """
    assert expected == compare_places(medicare_of("2123456701", one), medicare_of("2123456701", other))
