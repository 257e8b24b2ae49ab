"""What became of a report that was computed again, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.documents.content.id_names import name_column
from geodata.words.i18n import Translator

if TYPE_CHECKING:
    from geodata.documents.replay import Replayed


def tell_replayed(found: Replayed, translator: Translator, *, most: int | None = None) -> list[str]:
    """Tell what became of a report that was computed again, one line for each change.

    Parameters
    ----------
    found, translator
        What became of it, and the language.
    most
        Numbers told at most, None for all.
    """
    if found.is_identical:
        lines = [translator("cli.replay.identical", count=found.count)]
    else:
        lines = [translator("cli.replay.differs", count=len(found.differences))]
    for each in found.inputs:
        code = "cli.replay.input" if each.is_there else "cli.replay.input_gone"
        lines.append(translator(code, study=each.study, file=each.path))
    for version in found.versions:
        lines.append(
            translator(
                "cli.replay.version",
                name=version.name,
                before=version.before or "–",
                after=version.after or "–",
            )
        )
    if not (found.is_identical or found.inputs or found.versions):
        lines.append(translator("cli.replay.unexplained"))
    told = found.differences if most is None else found.differences[:most]
    for one in told:
        lines.append(
            translator(
                "cli.replay.number",
                table=translator(f"report.table.{one.table}"),
                label=one.label or str(one.row + 1),
                column=name_column(one.column, translator),
                before=_spell(one.before),
                after=_spell(one.after),
            )
        )
    if len(told) < len(found.differences):
        lines.append(translator("cli.replay.more", count=len(found.differences) - len(told)))
    return lines + [translator("cli.replay.words", table=translator(f"report.table.{name}")) for name in found.words]


def _spell(value: float | None) -> str:
    return "–" if value is None else f"{value:.10g}"
