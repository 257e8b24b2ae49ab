"""Puts opening hours as Chinese offices write them into the opening_hours syntax of OpenStreetMap.

The text is cut into words (days, months, times, "closed", "no midday break"); anything that is not
understood makes the whole text not understood, so nothing is guessed from half a sentence.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

# What "morning" means where no time is written: office hours in Xinjiang, Beijing time (an assumption).
DAY_PARTS: dict[str, str] = {
    "上午": "10:00-14:00",
    "中午": "14:00-15:30",
    "下午": "15:30-19:30",
    "晚上": "19:30-22:00",
}
# Months of seasons where no dates are written: the summer and winter timetable of offices.
_SEASONS = {"夏": "May-Sep", "冬": "Oct-Apr"}
_FOUR_SEASONS = {"春": "Mar-May", "夏": "Jun-Aug", "秋": "Sep-Nov", "冬": "Dec-Feb"}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_DAY_OF = dict(zip("一二三四五六日1234567", (0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4, 5, 6), strict=True)) | {"天": 6}
_ENGLISH_DAY = r"Mon?|Tue?s?|Wed?(?:nes)?|Thu?r?s?|Fri?|Sat?(?:ur)?|Sun?"
_NUMBER_OF = {"一": "1", "二": "2", "三": "3", "四": "4", "五": "5", "最后一": "-1", "最后": "-1"}

_DOUBTFUL = "?"

_WEEK = r"(?:周|星期|礼拜)"
_DAY = rf"(?:{_WEEK}?[一二三四五六日天]|{_WEEK}[1-7](?!\d))"
_NTH = r"(?:最后一?|[一二三四五1-5])"
_PART = r"(?:上午|早上|早晨|清晨|早|凌晨|中午|正午|下午|午后|晚上|晚间|夜间|晚|夜)"
_CLOCK = rf"{_PART}?(?:次日|第二天)?\d{{1,2}}(?:[:.]\d{{2}}|[点时](?:\d{{1,2}}分?|半|整)?)"
_WORDS = re.compile(
    "|".join(
        (
            r"(?P<dates>\d{1,2}月(?:\d{1,2}[日号])?-(?:次年|翌年|第二年)?\d{1,2}月(?:\d{1,2}[日号]|底)?)",
            rf"(?P<nth>每?个?月的?第?{_NTH}(?:[、,和及]?第?{_NTH})*个?的?{_WEEK}[一二三四五六日天1-7])",
            r"(?P<monthday>每?个?月的?\d{1,2}[日号](?:[、,]\d{1,2}[日号])*)",
            rf"(?P<alternate>[隔单双](?={_WEEK}[一二三四五六日天])|隔周|每两周|每2周|单周|双周)的?",
            r"(?P<season>[春夏秋冬]+(?:季|天|令时?)(?:时间|作息)?)",
            rf"(?P<times>{_CLOCK}-{_CLOCK}|(?<!\d)\d{{4}}-\d{{4}}(?!\d))",
            r"(?P<allday>(?:全天候?|昼夜)?24小时|全天候?|昼夜)",
            r"(?P<nohold>除(?:国家|法定)*(?:节假日|节日)以?外)",
            r"(?P<holiday>(?:国家|法定)*(?:节假日|假日|节日))",
            r"(?P<work>(?:法定)?工作日|平日|上班日)",
            r"(?P<weekend>周末|双休日|休息日)",
            r"(?P<everyday>(?:全年)?365天|(?:每周|一周)?[7七]天|全年|每天|每日|天天|全周|每周全天)",
            r"(?P<rest>其[余他它](?:时间|日期|各日|几天|天)?)",
            rf"(?P<days>每?(?:{_WEEK}[1-7]-[1-7](?![\d:.点时])|{_DAY}(?:(?:-|[、,和及]?){_DAY})*))",
            rf"(?P<english>\b(?:{_ENGLISH_DAY})(?:day)?(?:\s?[-,]\s?(?:{_ENGLISH_DAY})(?:day)?)*\b)",
            r"(?P<nobreak>(?:中午|午间)(?:不休息?|不间断|无休)|不间断)",
            r"(?P<stillopen>不打烊|不休息?|无休|照常|正常|不闭馆)",
            r"(?P<off>休息|不上班|不办公|不开放|不对外(?:服务|开放)?|不营业|不受理|闭馆|关闭|除外|休)",
            rf"(?P<part>{_PART})",
            r"(?P<noise>(?:对外)?(?:服务|开放|营业|办公|接待|办理|受理|窗口|大厅|值班|上班|工作|接访|坐班|作息)(?:时间|时段)?|时间为?"
            r"|均?可|执行|对外|北京|为|是|每周|的|和|及|与|[\s,;、。:()\[\]【】/|]+)",
        )
    ),
    re.IGNORECASE,
)


@dataclass(slots=True)
class _Clause:
    """One statement of the text: when in the year, which days, which times."""

    months: str = ""
    days: str = ""
    times: list[str] = field(default_factory=list)
    is_off: bool = False
    is_unbroken: bool = False
    is_copied: bool = False  # the times are those of the statement before
    is_inherited: bool = False  # the days are those of the season before

    def is_complete(self) -> bool:
        return bool(self.times) or self.is_off

    def write(self) -> str:
        times = [f"{self.times[0].split('-')[0]}-{self.times[-1].split('-')[1]}"] if self.is_unbroken else self.times
        return " ".join(part for part in (self.months, self.days, "off" if self.is_off else ",".join(times)) if part)


def is_chinese(text: str) -> bool:
    """Tell whether a text holds Chinese characters."""
    return re.search(r"[\u4e00-\u9fff]", text) is not None


def normalize_text(text: str) -> str:
    """Write full-width digits, colons, commas and the many dashes in their plain form."""
    plain = unicodedata.normalize("NFKC", text).strip()
    plain = re.sub(r"\s*(?:[-‐‑‒–—―−~～〜]+|至|到)\s*", "-", plain)
    plain = re.sub(r"(?<=\d)\s*[:∶︰]\s*(?=\d)", ":", plain)
    return re.sub(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])", " ", plain)


def translate_chinese(text: str) -> str | None:
    """Translate Chinese opening hours into the opening_hours syntax.

    Parameters
    ----------
    text
        For example ``"工作日 9:30—13:30，15:30—19:00"`` or ``"每月第一个周一上午"``.

    Returns
    -------
    The expression, or None if any part of the text is not understood.

    Notes
    -----
    ``上午`` without a time takes `DAY_PARTS`; ``夏季`` without dates is May to September and ``冬季``
    October to April (three months each where all four seasons are named); a later statement
    overrides an earlier one for its days, as in opening_hours.

    Examples
    --------
    >>> translate_chinese("周一至周五 10:00—18:00，周末休息")
    'Mo-Fr 10:00-18:00; Sa,Su off'
    """
    words = _put_seasons_first(list(_cut(normalize_text(text))))
    if not words or any(kind == "unknown" for kind, _ in words):
        return None
    clauses = _collect_clauses(words)
    if clauses is None or not any(clause.times for clause in clauses):
        return None
    return "; ".join(clause.write() for clause in clauses)


def _cut(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(text):
        match = _WORDS.match(text, at)
        if match is None or match.end() == at:
            yield "unknown", text[at:]
            return
        if match.lastgroup != "noise":
            yield str(match.lastgroup), match.group()
        at = match.end()


def _put_seasons_first(words: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Turn "10:00-20:00（夏季）10:30-19:00（冬季）" round, where each season follows as many times as the others."""
    at = [number for number, (kind, _) in enumerate(words) if kind in ("season", "dates")]
    if len(at) < 2 or at[-1] != len(words) - 1:
        return words
    runs = [0] * len(at)
    for number, place in enumerate(at):
        while place - runs[number] > 0 and words[place - runs[number] - 1][0] == "times":
            runs[number] += 1
    if 0 in runs or len(set(runs)) > 1:
        return words
    turned = list(words)
    for place in at:
        turned.insert(place - runs[0], turned.pop(place))
    return turned


def _collect_clauses(words: list[tuple[str, str]]) -> list[_Clause] | None:
    """Build the statements in order; None where they do not fit together."""
    season_months = _FOUR_SEASONS if any(kind == "season" and set(word) & set("春秋") for kind, word in words) else None
    clauses: list[_Clause] = []
    closed: list[_Clause] = []
    now = _Clause()
    days_first = False  # days were named before the season, so they hold for every season
    for kind, word in words:
        if kind in ("season", "dates"):
            months = _write_dates(word) if kind == "dates" else _write_season(word, season_months or _SEASONS)
            if months is None:
                return None
            if now.is_complete():
                clauses.append(now)
                # 夏季：周一至周五 …；冬季：…: the days hold on, if there is no doubt which.
                before = {clause.days for clause in clauses if clause.months == now.months}
                now = _Clause(days=now.days if len(before) == 1 else _DOUBTFUL, is_inherited=True)
            elif now.months and kind == "season":
                continue  # 5月-9月（夏季）: the dates say it
            elif not now.months:
                days_first = bool(now.days)
            now.months = months
        elif kind == "nobreak":
            now.is_unbroken = True
        elif kind in ("times", "allday", "part"):
            times = "00:00-24:00" if kind == "allday" else _write_times(word) if kind == "times" else _write_part(word)
            if times is None or now.is_off:
                return None
            now.times = [times] if now.is_copied else [*now.times, times]
            now.is_copied = False
        elif kind == "nohold" or (kind == "off" and now.days.endswith(",PH") and not now.times):
            now.days = now.days.removesuffix(",PH")  # 周一至周五（节假日除外）: the times follow
            closed.append(_Clause(days="PH", is_off=True))
        elif kind == "off":
            if now.times or not (now.days or now.months):
                return None
            now.is_off = True
        elif kind == "stillopen":
            still = _stay_open(clauses, now)
            if still is None:
                return None
            now = still
        else:
            days = _write_rest(clauses, now) if kind == "rest" else _write_days(kind, word)
            if days is None:
                return None
            if now.is_complete():
                clauses.append(now)
                now = _Clause(months="" if days_first else now.months)
            now.days = days if now.is_inherited else _join_days(now.days, days)
            now.is_inherited = False
    found = _close(clauses, now)
    return None if found is None or any(clause.days == _DOUBTFUL for clause in found) else [*found, *closed]


def _stay_open(clauses: list[_Clause], now: _Clause) -> _Clause | None:
    """Give days that "stay open" the times of the statement before; without days all days are meant."""
    if now.times:
        return replace(now, days=now.days or "Mo-Su")
    source = next((clause for clause in reversed(clauses) if clause.times), None)
    if source is None:  # 节假日不休 10:00-20:00: the times follow
        return replace(now, days="Mo-Su") if now.days in ("Mo-Su", "Sa,Su", "PH") else None
    return replace(source, months=now.months or source.months, days=now.days or "Mo-Su", is_copied=True)


def _close(clauses: list[_Clause], now: _Clause) -> list[_Clause] | None:
    if now.is_complete():
        return [*clauses, now]
    if (now.days or now.months) and clauses:
        last = clauses[-1]
        # 10:00-18:00（周一至周五）: the days stand behind their times.
        if last.is_off or (last.days and now.days) or (last.months and now.months):
            return None
        last.days, last.months = last.days or now.days, last.months or now.months
        return clauses
    return clauses if not (now.days or now.months) else None


def _join_days(before: str, days: str) -> str:
    if not before or before == days:
        return days
    if before.startswith("week") or days.startswith("week"):
        return f"{before} {days}" if before.startswith("week") else f"{days} {before}"
    if before == "Mo-Su":
        return days  # 每天（周一至周五）
    return before if days == "Mo-Su" else f"{before},{days}"


def _write_days(kind: str, word: str) -> str | None:
    if kind in ("work", "weekend", "everyday", "holiday"):
        return {"work": "Mo-Fr", "weekend": "Sa,Su", "everyday": "Mo-Su", "holiday": "PH"}[kind]
    if kind == "alternate":
        return "week 02-53/2" if word.startswith("双") else "week 01-53/2"
    if kind == "nth":
        day = _DAYS[_DAY_OF[word[-1]]]
        numbers = re.findall(_NTH, re.split(_WEEK, word)[0])
        return f"{day}[{','.join(_NUMBER_OF.get(number, number) for number in numbers)}]"
    if kind == "monthday":
        dates = [int(date) for date in re.findall(r"\d+", word)]
        if not all(1 <= date <= 28 for date in dates):
            return None
        return ",".join(f"{month} {date:02d}" for month in _MONTHS for date in dates)
    if kind == "english":
        ends = [[_DAYS[_english_day(day)] for day in part.split("-")] for part in re.split(r"\s*,\s*", word)]
        return ",".join("-".join(part) for part in ends)
    bare = re.sub(r"每|周|星期|礼拜", "", word)
    pieces = re.findall(r"[一二三四五六日天1-7]-[一二三四五六日天1-7]|[一二三四五六日天1-7]", bare)
    return ",".join("-".join(_DAYS[_DAY_OF[day]] for day in piece.split("-")) for piece in pieces)


def _write_rest(clauses: list[_Clause], now: _Clause) -> str | None:
    """Name the weekdays that no statement before has named."""
    named: set[int] = set()
    for days in (*(clause.days for clause in clauses), now.days):
        for first, last in re.findall(r"\b([A-Z][a-z])(?:-([A-Z][a-z]))?", days):
            if first in _DAYS:
                start, end = _DAYS.index(first), _DAYS.index(last or first)
                named |= {(start + step) % 7 for step in range((end - start) % 7 + 1)}
    return ",".join(day for number, day in enumerate(_DAYS) if number not in named) if 0 < len(named) < 7 else None


def _english_day(word: str) -> int:
    return next(number for number, day in enumerate(_DAYS) if word.strip().casefold().startswith(day.casefold()))


def _write_season(word: str, months: dict[str, str]) -> str | None:
    named = [letter for letter in word if letter in "春夏秋冬"]
    return ",".join(months[letter] for letter in named) if all(letter in months for letter in named) else None


def _write_dates(word: str) -> str | None:
    ends = []
    for at, end in enumerate(word.split("-")):
        numbers = [int(number) for number in re.findall(r"\d+", re.sub("次年|翌年|第二年", "", end))]
        if not 1 <= numbers[0] <= 12 or (len(numbers) > 1 and not 1 <= numbers[1] <= 31):
            return None
        ends.append((_MONTHS[numbers[0] - 1], numbers[1] if len(numbers) > 1 else None, at))
    if all(day is None for _, day, _ in ends):
        return "-".join(month for month, _, _ in ends)
    last = {"Feb": 28} | dict.fromkeys(("Apr", "Jun", "Sep", "Nov"), 30)
    days = [(month, day if day is not None else 1 if at == 0 else last.get(month, 31)) for month, day, at in ends]
    return "-".join(f"{month} {day:02d}" for month, day in days)


def _write_part(word: str) -> str | None:
    for name, times in DAY_PARTS.items():
        if word[0] == name[0] and word != "夜间":
            return times
    return DAY_PARTS["上午"] if word in ("早上", "早晨", "清晨", "早") else None


def _write_times(word: str) -> str | None:
    if re.fullmatch(r"\d{4}-\d{4}", word):
        word = f"{word[:2]}:{word[2:7]}:{word[7:]}"
    first, second = word.split("-")
    start, end = _read_clock(first), _read_clock(second)
    if start is None or end is None:
        return None
    named = re.match(_PART, first)
    if end <= start and end < 720 and named and not re.search(r"次日|第二天|晚|夜", first):
        end += 720  # 下午3:30-7:00
    if end == 0 or (start == 0 and end == 0):
        end = 1440
    return f"{start // 60:02d}:{start % 60:02d}-{end // 60:02d}:{end % 60:02d}" if start != end else None


def _read_clock(word: str) -> int | None:
    found = re.search(r"(\d{1,2})(?:[:.](\d{2})|[点时](\d{1,2}|半)?)", word)
    if found is None:
        return None
    hour, minute = int(found.group(1)), found.group(2) or found.group(3) or "0"
    minutes = 30 if minute == "半" else int(minute)
    if re.match("下午|午后|晚|夜|中午|正午", word) and 1 <= hour < (12 if not word.startswith(("中", "正")) else 4):
        hour += 12
    return hour * 60 + minutes if hour * 60 + minutes <= 1440 and minutes < 60 else None
