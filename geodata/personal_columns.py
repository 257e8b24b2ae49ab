"""Which columns hold personal data; they are dropped as soon as a table is read, and said so."""

from __future__ import annotations

import re
import unicodedata

import pandas as pd

from coverage.errors import DataIssue

# Parts of a column name, compared without case, spaces, - and _.
_PARTS = (
    "身份证号|证件号|公民身份|手机|移动电话|联系人|联系方式|联系电话|家庭住址|家庭地址|民族|族别|户籍|户口|姓名|负责人|"
    "出生|生日|性别|宗教|信仰|案号|案由|银行卡|微信|护照|邮箱|当事人|"
    "idcard|identitycard|idnumber|nationalid|passport|mobile|cellphone|phone|telephone|contact|email|e邮件|"
    "ethnic|nationality|religion|birth|gender|fullname|firstname|lastname|personname|hukou|wechat"
)
_WHOLE = "身份证|电话|电话号码|tel|qq|sex|身份证明号码|idno|身份号码|owner|person"
# Telephone numbers of an office are public.
_PUBLIC = "办公电话|服务电话|咨询电话|值班电话|热线|hotline"

_PART = re.compile(_PARTS)
_EXACT = re.compile(f"(?:{_WHOLE})")
_OFFICE = re.compile(_PUBLIC)
_MOBILE = r"(?:\+?86[- ]?)?1[3-9]\d{9}"
_ID_NUMBER = r"[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]"
_SHORTEST = 11  # digits of a mobile number
_PERSONAL_SHARE = 0.5


def is_personal_name(column: str) -> bool:
    """Tell whether a column of this name holds data of persons.

    Examples
    --------
    >>> [is_personal_name(name) for name in ("身份证号", "联系人", "contact:phone", "服务电话", "name", "level")]
    [True, True, True, False, False, False]
    """
    flat = re.sub(r"[\s_\-:.]", "", unicodedata.normalize("NFKC", column).casefold())
    if _OFFICE.search(flat):
        return False
    return bool(_PART.search(flat) or _EXACT.fullmatch(flat))


def has_personal_values(values: pd.Series) -> bool:
    """Tell whether at least half of the filled cells are mobile numbers or identity numbers.

    Columns whose name ends in ``id`` may hold eleven digits of their own, as OpenStreetMap's do.
    """
    text = values[values != ""].str.strip()
    if not len(text):
        return False
    count = len(text)
    text = text[text.str.len() >= _SHORTEST]  # most columns end here, and cost next to nothing
    if len(text) < count * _PERSONAL_SHARE:
        return False
    own_numbers = str(values.name).casefold().endswith("id")
    looks = text.str.fullmatch(_ID_NUMBER if own_numbers else f"(?:{_MOBILE}|{_ID_NUMBER})")
    return bool(looks.sum() / count >= _PERSONAL_SHARE)


def drop_personal_columns(table: pd.DataFrame, source: str) -> tuple[pd.DataFrame, tuple[DataIssue, ...]]:
    """Drop columns of personal data from a table of texts; the finding names the columns, never a value."""
    personal = [
        str(column) for column in table.columns if is_personal_name(str(column)) or has_personal_values(table[column])
    ]
    if not personal:
        return table, ()
    issue = DataIssue("table.personal_columns", "warning", source, len(personal), value=", ".join(personal)[:300])
    return table.drop(columns=personal), (issue,)
