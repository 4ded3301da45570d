"""Personal data is found by its checksums and shapes, and shown to nobody."""

from collections.abc import Callable

import pytest

from tunesmith.artifacts import Finding, Health, Reading
from tunesmith.private import hidden, hidden_counts, is_card_number, is_identity_number, masked
from tunesmith.rooms.check import check

Find = Callable[..., dict[str, Finding]]

# The numbers of documents that explain the standards, and of nobody.
PRIVATE = [
    ("mail-addresses", "write to ann.lee+news@mail.uni-x.de today"),
    ("mail-addresses", "邮箱zhang_san@163.com。"),
    ("phone-numbers", "电话13800138000谢谢"),
    ("phone-numbers", "+86 138 0013 8000"),
    ("phone-numbers", "请打 010-62770334"),
    ("phone-numbers", "(0571) 87951234"),
    ("phone-numbers", "call +49 30 901820 now"),
    ("phone-numbers", "call (212) 736-5000 or not"),
    ("identity-numbers", "身份证11010519491231002X。"),
    ("bank-numbers", "card 4539 1488 0343 6467 ends"),
    ("bank-numbers", "amex 3714-496353-98431"),
    ("bank-numbers", "卡号6222026200000832022"),
    ("bank-numbers", "IBAN DE89 3704 0044 0532 0130 00 THANKS"),
    ("bank-numbers", "GB82WEST12345698765432"),
    ("network-addresses", "from 142.250.184.206 at noon"),
]
PUBLIC = [
    "ann@example.com, bob@mail.test",
    "@ann and a@b",
    "order 20240131000123, 11 digits 12345678901",
    "110105194912310021",
    "4539 1488 0343 6468",
    "4111 1111 1111 1111",
    "DE88 3704 0044 0532 0130 00",
    "version 10.15.7.1, chapter 1.2.3.4, 192.168.10.1, 203.0.113.77, 300.10.10.10",
    "2010-11-12, 3.14159265, 1-800, 555-0123, (212) 555-0134",
    "13800138000123",
    "pi = 3.13800138000",
]
CODES = {code for code, _ in PRIVATE}


def judged(make_reading: Callable[..., Reading], text: str) -> Health:
    rows = [{"text": t, "label": str(i % 2)} for i, t in enumerate(("a clean text", text, "another text"))]
    return check(make_reading("text-classification", {"train": rows}))


@pytest.mark.parametrize(("code", "text"), PRIVATE)
def test_each_kind_is_found_once_and_never_shown(make_reading: Callable[..., Reading], code: str, text: str) -> None:
    health = judged(make_reading, text)
    found = {finding.code: finding for finding in health.findings if finding.code in CODES}
    assert list(found) == [code]
    assert found[code].count == 1
    assert found[code].rows[0].line == 2
    # Nothing that the check says, of this kind or another, holds it.
    assert masked(text) != text
    assert found[code].rows[0].text == masked(text)
    secret = max(text.replace(",", " ").split(), key=lambda word: sum(c.isdigit() or c == "@" for c in word))
    assert secret not in health.model_dump_json()


@pytest.mark.parametrize("text", PUBLIC)
def test_numbers_that_are_nobodys_are_left_in_peace(make_reading: Callable[..., Reading], text: str) -> None:
    health = judged(make_reading, text)
    assert not CODES & {finding.code for finding in health.findings}
    assert masked(text) == text


def test_numbers_of_persons_and_accounts_weigh_however_few(make_reading: Callable[..., Reading]) -> None:
    rows = [{"text": f"a clean text, number {i}", "label": str(i % 2)} for i in range(900)]
    rows[7]["text"] = "身份证11010519491231002X，电话13800138000"
    found = {f.code: f.severity for f in check(make_reading("text-classification", {"train": rows})).findings}
    assert (found["identity-numbers"], found["phone-numbers"]) == ("warning", "note")


def test_other_findings_hide_them_too(find: Find) -> None:
    rows = [{"text": "mail ann@uni-x.de, card 4539148803436467", "label": label} for label in "aab"]
    found = find("text-classification", {"train": rows})
    assert [row.text for row in found["duplicates"].rows] == ["mail an*@***-*.**, card 45**************"]


@pytest.mark.parametrize("digit", "0123456789")
def test_one_wrong_digit_is_told(digit: str) -> None:
    number = "11010519491231002X"
    assert is_identity_number(number[:16] + digit + "X") is (digit == "2")
    assert is_card_number("453914880343646" + digit) is (digit == "7")


def test_a_day_that_never_was_is_no_birthday() -> None:
    assert not is_identity_number("110105194902300021")


def test_what_spreads_over_words_is_hidden_in_each_and_nothing_else() -> None:
    assert hidden(["call", "138", "0013", "8000", "now"]) == ["call", "13*", "****", "****", "now"]
    assert hidden([*"\u625313800138000"]) == [*"\u625313*********"]
    assert hidden(["138", "apples", "0013"]) == ["138", "apples", "0013"]
    rows = [{"role": "user", "content": "mail ann@uni-x.de", "at": 7}, {"role": "x", "content": None}]
    assert hidden(rows) == [{"role": "user", "content": "mail an*@***-*.**", "at": 7}, {"role": "x", "content": None}]
    assert hidden([]) == [] and hidden(("a",)) == ["a"]


def test_labels_that_look_alike_when_they_are_hidden_count_together() -> None:
    found = hidden_counts({"ann@uni-x.de": 3, "anm@uni-y.de": 2, "other": 1})
    assert found == {"an*@***-*.**": 5, "other": 1}
