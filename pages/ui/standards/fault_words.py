"""Faults in plain words: what readers say in the notation of their files, told to people row by row."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from geodata.words.i18n import Translator

_RULE_FAULTS: tuple[tuple[str, str], ...] = (
    (r"rule (?P<row>\d+): minutes = nan.*", "fault.rule.no_minutes"),
    (r"rule (?P<row>\d+): minutes = (?P<value>\S+) \((?P<low>\S+)\.\.(?P<high>\S+)\)", "fault.rule.minutes"),
    (r"rule (?P<row>\d+) = rule (?P<other>\d+)", "fault.rule.twice"),
    (r"rule \"\*\": minutes", "fault.rule.no_general"),
    (r"rule (?P<row>\d+): (?P<field>\w+) = '?(?P<value>[^']*)'?.*", "fault.rule.unknown"),
)
_CATALOGUE_FAULTS: tuple[tuple[str, str], ...] = (
    (r"(?P<list>\w+) \"(?P<id>.*)\": id must be .*", "fault.catalogue.id"),
    (r"(?P<list>\w+) \"(?P<id>.*)\": name (?P<language>zh|en) missing", "fault.catalogue.name"),
    (r"(?P<list>\w+) \"(?P<id>.*)\": (?P<field>\w+) \"(?P<value>.*)\" is not defined", "fault.catalogue.undefined"),
    (r"(?P<list>\w+) \"(?P<id>.*)\": (?P<field>\w+) names an id twice", "fault.catalogue.twice_within"),
    (r"(?P<list>\w+) \"(?P<id>.*)\": id used twice", "fault.catalogue.id_twice"),
    (r"(?P<list>\w+) \"(?P<id>.*)\": (?P<field>\w+) (?:missing|must .*)", "fault.catalogue.field"),
    (r"\[\[(?P<list>\w+)\]\]: kind \"(?P<id>\w+)\" is needed .*", "fault.catalogue.fallback"),
    (r"\[\[level\]\]: two levels have the same rank", "fault.catalogue.rank"),
    (r"\[\[(?P<list>\w+)\]\]: at least one entry is needed", "fault.catalogue.empty"),
)
_SPEED_FAULTS: tuple[tuple[str, str], ...] = (
    (
        r"\[(?P<section>[^\]]*)\] (?P<key>.*) = (?P<value>\S+) \((?P<low>\S+)\.\.(?P<high>\S+)\)",
        "fault.speeds.range",
    ),
    (r"\[(?P<section>[^\]]*)\]", "fault.speeds.section"),
)


def say_rule_faults(faults: list[str], rows: pd.Index, tr: Translator) -> list[str]:
    """Say what is wrong with rules.

    Parameters
    ----------
    faults
        As `coverage.inputs.thresholds.find_rule_faults` lists them.
    rows
        The number that each rule's row shows on screen.
    """
    said = []
    for fault in faults:
        message, facts = _match(fault, _RULE_FAULTS)
        for name in ("row", "other"):
            if name in facts:
                facts[name] = str(rows[int(facts[name]) - 1])
        if "field" in facts:
            facts["field"] = tr(f"standards.rule.{facts['field']}")
        said.append(tr(message, **facts) if message else fault)
    return said


def say_catalogue_faults(problems: str, names: Mapping[str, str], tr: Translator) -> list[str]:
    """Say what is wrong with a catalogue.

    Parameters
    ----------
    problems
        One a line, as `geodata.intake.read_catalogue.read_catalogue` reports them.
    names
        What ids are called on screen.
    """
    said = []
    for fault in problems.splitlines():
        message, facts = _match(fault, _CATALOGUE_FAULTS)
        for name in ("list", "field", "language"):
            if name in facts:
                facts[name] = tr(f"fault.{name}.{facts[name]}")
        for name in ("id", "value"):
            if name in facts:
                facts[name] = names.get(facts[name]) or facts[name]
        said.append(tr(message, **facts) if message else fault)
    return said


def say_speed_faults(faults: str, tr: Translator) -> list[str]:
    """Say what is wrong with a speed table, as `geodata.intake.read_speeds.read_speeds` reports it."""
    said = []
    for fault in faults.split("; "):
        message, facts = _match(fault, _SPEED_FAULTS)
        said.append(tr(message, **facts) if message else fault)
    return said


def _match(fault: str, known: tuple[tuple[str, str], ...]) -> tuple[str, dict[str, str]]:
    for pattern, message in known:
        found = re.fullmatch(pattern, fault, re.DOTALL)
        if found:
            return message, found.groupdict()
    return "", {}
