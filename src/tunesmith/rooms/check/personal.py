"""Texts that hold personal data: mail addresses, phone numbers, numbers of persons, accounts and machines.

What is found is counted and its rows are named; it is never written out, and examples show it hidden.
"""

from tunesmith import private
from tunesmith.rooms.check.spotting import row_check, verified

# Cheap signs that something may be there; ``private`` decides.
_DIGITS = r"\d[\d ().-]{5,}\d"
_LONG_NUMBER = r"\d{13}|\d{4}[ -]\d{4}[ -]\d{4}|3[47]\d\d[ -]\d{6}|[A-Z]{2}\d{2} ?[A-Z0-9]{4}"

_CURE = (
    "hide them in the texts if the model need not know them; a model can say what it was trained on",
    "若模型不需要，请在文本中隐去；模型可能说出训练时见过的内容",
)

MAIL_ADDRESSES = row_check(
    "text",
    verified(r"[A-Za-z0-9_]@[A-Za-z0-9-]+\.[A-Za-z0-9]", lambda text: len(private.mails(text))),
    unit=("mail address", "mail addresses", "个邮箱地址"),
    message=("{n} in {rows}: personal data.", "{rows}中有 {n}：属于个人信息。"),
    do=_CURE,
)
PHONE_NUMBERS = row_check(
    "text",
    verified(_DIGITS, lambda text: len(private.phones(text))),
    unit=("phone number", "phone numbers", "个电话号码"),
    message=("{n} in {rows}: personal data.", "{rows}中有 {n}：属于个人信息。"),
    do=_CURE,
)
IDENTITY_NUMBERS = row_check(
    "text",
    verified(r"\d{17}[\dXx]", lambda text: len(private.identities(text))),
    unit=("resident number", "resident numbers", "个身份证号"),
    message=(
        "{n} of China in {rows}, with a day of birth and the right check sign: each names one person.",
        "{rows}中有 {n}，出生日期和校验码都正确：每个都对应一个人。",
    ),
    do=_CURE,
    severity="warning",
)
BANK_NUMBERS = row_check(
    "text",
    verified(_LONG_NUMBER, lambda text: len(private.banks(text))),
    unit=("number of a card or account", "numbers of cards or accounts", "个银行卡号或账号"),
    message=(
        "{n} in {rows}, with the right checksum (Luhn, or MOD 97 of an IBAN).",
        "{rows}中有 {n}，校验和（Luhn，或 IBAN 的 MOD 97）都正确。",
    ),
    do=_CURE,
    severity="warning",
)
NETWORK_ADDRESSES = row_check(
    "text",
    verified(r"\d\.\d{1,3}\.\d{1,3}\.\d", lambda text: len(private.networks(text))),
    unit=("IPv4 address", "IPv4 addresses", "个 IPv4 地址"),
    message=("{n} in {rows}: in many countries personal data.", "{rows}中有 {n}：在许多国家属于个人信息。"),
    do=_CURE,
    severity="note",
)
