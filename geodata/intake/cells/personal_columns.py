"""Which columns hold personal data; they are dropped as soon as a table is read, and said so.

The values decide: a name of a column only says which values would be personal. 户籍人口 is a number of people, the
telephone of an office is public, 负责人 may hold the name of an office.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import pandas as pd

from coverage.errors import DataIssue

_SIGNS = re.compile(r"[\s_\-:.]")
# Parts of a column name and whole names, compared without case, spaces, - and _, by what they announce.
_PHONE = re.compile(
    r"手机|移动电话|联系电话|联系方式|电话|传真|微信|mobile|cellphone|phone|telephone|wechat|(?:tel|qq|dh|lxdh|sjh)$"
)
_PERSON = re.compile(
    r"联系人|负责人|姓名|当事人|户主|法定代表人|经办人|contact|fullname|firstname|lastname|personname|^(?:owner|person|lxr|xm)$"
)
_ATTRIBUTE = re.compile(
    r"身份证|证件号|公民身份|身份号码|家庭住址|家庭地址|^住址$|民族(?![乡镇])|族别|户籍|户口|hukou|出生|生日|性别|宗教|信仰|政治面貌|案号|"
    r"案由|银行卡|护照|邮箱|车牌|idcard|identitycard|idnumber|idno|nationalid|passport|email|e邮件|ethnic|nationality|"
    r"religion|birth|gender|^sex$|sfzh"
)
_MOBILE = re.compile(r"(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}")
_MASKED = re.compile(r"(?=.*\*{2})[\dXx*]{11,18}")
_ID_NUMBER = re.compile(r"[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]")
_AREA = r"(?:\+?86-?)?\(?0\d{2,3}\)?[- ]?"
_LAND_LINE = re.compile(
    rf"(?:{_AREA}\d|[2-8])\d{{6,7}}(?:[-转]\d{{1,6}})?|(?:{_AREA})?\d{{3,6}}|[48]00[- ]?\d{{3,4}}[- ]?\d{{3,4}}"
)
_COUNT = re.compile(r"[+-]?\d{1,9}(?:\.\d+)?%?|[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_OFFICE = re.compile(r"[局所站处院厅部委会室队科办]$|中心|公司|街道|[乡镇村]$|社区|机构|集团|政府|大厅")
_BETWEEN = re.compile(r"[/、，,;；\s]+(?=[\d+(])")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_SHORTEST = 11  # characters of a mobile number
_LONGEST_NAME = 8
_PERSONAL_SHARE = 0.5


def is_identity_number(text: str) -> bool:
    """Tell whether a text is an identity number of 18 characters whose last one is right (GB 11643-1999).

    Examples
    --------
    >>> is_identity_number("11010519491231002X"), is_identity_number("110105194912310021")
    (True, False)
    """
    if not _ID_NUMBER.fullmatch(text):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_ID_WEIGHTS, text, strict=False))
    return _ID_CHECKS[total % 11] == text[-1].upper()


def is_personal(values: pd.Series) -> bool:
    """Tell whether a column of texts holds data of persons, by its values and what its name announces.

    Parameters
    ----------
    values
        The cells; the name of the series is the name of the column.

    Examples
    --------
    >>> columns = {"户籍人口": "1203", "联系人": "王某", "电话": "0991-2345678", "备用": "13812345678"}
    >>> [is_personal(pd.Series([cell], name=name)) for name, cell in columns.items()]
    [False, True, False, True]
    """
    text = values[values != ""].astype(str).str.strip()
    if not len(text):
        return False
    name = _SIGNS.sub("", unicodedata.normalize("NFKC", str(values.name)).casefold())
    if _PHONE.search(name):
        return bool((~text.map(_is_land_line)).any())
    if _PERSON.search(name):
        return _share(text, _is_name) >= _PERSONAL_SHARE
    if _ATTRIBUTE.search(name):
        return _share(text, lambda cell: not _COUNT.fullmatch(cell)) > 0.0
    text = text[text.str.len() >= _SHORTEST]  # most columns end here, and cost next to nothing
    if not len(text):
        return False
    # OpenStreetMap's own numbers have eleven digits too.
    looks = is_identity_number if name.endswith("id") else _is_number_of_person
    return float(text.map(looks).sum()) >= _PERSONAL_SHARE * int((values != "").sum())


def _share(text: pd.Series, looks: Callable[[str], bool]) -> float:
    return float(text.map(looks).mean())


def _is_number_of_person(cell: str) -> bool:
    return bool(_MOBILE.fullmatch(cell) or _MASKED.fullmatch(cell)) or is_identity_number(cell)


def _is_land_line(cell: str) -> bool:
    """Tell whether a cell holds only telephones that are no mobile ones."""
    parts = [part.strip() for part in _BETWEEN.split(unicodedata.normalize("NFKC", cell)) if part.strip()]
    return all(_LAND_LINE.fullmatch(part) and not _MOBILE.fullmatch(part) for part in parts)


def _is_name(cell: str) -> bool:
    """Tell whether a cell may be the name or number of a person, not an office or a count."""
    if _is_number_of_person(cell) or "@" in cell or _MOBILE.search(cell):
        return True
    if _COUNT.fullmatch(cell) or _OFFICE.search(cell):
        return False
    return len(cell) <= _LONGEST_NAME or not re.search(r"[\u4e00-\u9fff]", cell)


def drop_personal_columns(table: pd.DataFrame, source: str) -> tuple[pd.DataFrame, tuple[DataIssue, ...]]:
    """Drop columns of personal data from a table of texts; the finding names the columns, never a value."""
    personal = [str(column) for column in table.columns if is_personal(table[column])]
    if not personal:
        return table, ()
    issue = DataIssue("table.personal_columns", "warning", source, len(personal), value=", ".join(personal)[:300])
    return table.drop(columns=personal), (issue,)
