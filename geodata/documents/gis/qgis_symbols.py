"""Symbols and rules of QGIS as XML, in the properties that every version since 3.4 reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

_PX_MM = 0.2646  # a pixel of the screen at 96 dots an inch


@dataclass(frozen=True, slots=True)
class Rule:
    """How the features that match a filter are drawn.

    Parameters
    ----------
    label
        In the legend.
    condition
        Expression of QGIS; "" for all.
    symbol
        As `build_fill` or `build_marker` returns.
    largest_scale
        Denominator of the scale up to which it is drawn; 0 for any.
    """

    label: str
    condition: str
    symbol: str
    largest_scale: int = 0


def build_fill(
    colour: str, *, opacity: float = 1.0, outline: str = "", width_px: float = 0.0, dash: str = "solid"
) -> str:
    """Build the symbol of areas; without a colour only the outline is drawn, without an outline only the area."""
    looks = {
        "color": _rgba(colour or "#FFFFFF", opacity),
        "style": "solid" if colour else "no",
        "outline_color": _rgba(outline or "#FFFFFF", 1.0),
        "outline_style": dash if outline else "no",
        "outline_width": f"{width_px * _PX_MM:.2f}",
        "outline_width_unit": "MM",
        "joinstyle": "round",
    }
    return _wrap("fill", "SimpleFill", looks)


def build_marker(
    shape: str, colour: str, size_px: float, *, outline: str = "#FFFFFF", width_px: float = 1.5, dash: str = "solid"
) -> str:
    """Build the symbol of points; shapes are those of QGIS: circle, square, triangle, diamond, pentagon."""
    looks = {
        "name": shape,
        "color": _rgba(colour, 1.0),
        "outline_color": _rgba(outline, 1.0),
        "outline_style": dash,
        "outline_width": f"{width_px * _PX_MM:.2f}",
        "outline_width_unit": "MM",
        "size": f"{size_px * _PX_MM:.2f}",
        "size_unit": "MM",
        "scale_method": "diameter",
        "joinstyle": "round",
    }
    return _wrap("marker", "SimpleMarker", looks)


def build_renderer(rules: Iterable[Rule]) -> str:
    """Build a renderer that draws by rules, in their order."""
    listed = list(rules)
    lines = "".join(
        f"<rule key={_key(number)} symbol={quoteattr(str(number))} label={quoteattr(rule.label)}"
        + (f" filter={quoteattr(rule.condition)}" if rule.condition else "")
        + (f' scalemindenom="1" scalemaxdenom="{rule.largest_scale}"' if rule.largest_scale else "")
        + "/>"
        for number, rule in enumerate(listed)
    )
    symbols = "".join(rule.symbol.replace('name="?"', f'name="{number}"', 1) for number, rule in enumerate(listed))
    return (
        '<renderer-v2 type="RuleRenderer" symbollevels="0" forceraster="0" enableorderby="0">'
        f"<rules key={_key(9999)}>{lines}</rules><symbols>{symbols}</symbols></renderer-v2>"
    )


def build_labels(expression: str, *, colour: str, size_pt: float, halo: bool = True, on_point: bool = False) -> str:
    """Build labels with the text of an expression, within areas or, `on_point`, in the middle of symbols."""
    placement = 'placement="1" quadOffset="4"' if on_point else 'placement="1" quadOffset="4" centroidInside="1"'
    return (
        f'<labeling type="simple"><settings><text-style fieldName={quoteattr(expression)} isExpression="1" '
        f'fontFamily="Microsoft YaHei" fontSize="{size_pt:g}" fontSizeUnit="Point" fontWeight="63" '
        f'textColor="{_rgba(colour, 1.0)}" textOpacity="1">'
        f'<text-buffer bufferDraw="{int(halo)}" bufferSize="0.7" bufferSizeUnits="MM" bufferOpacity="1" '
        f'bufferColor="255,255,255,255"/></text-style><placement {placement}/>'
        f'<rendering displayAll="{int(on_point)}" drawLabels="1" obstacle="1"/></settings></labeling>'
    )


def build_style(
    renderer: str, *, labels: str = "", aliases: Mapping[str, str], choices: Mapping[str, Mapping[str, str]]
) -> str:
    """Build the whole style of a layer (QML).

    Parameters
    ----------
    renderer, labels
        As built above.
    aliases
        Titles of fields by their name.
    choices
        For fields that hold ids of ours: what each id is called.
    """
    named = "".join(
        f'<alias index="{number}" field={quoteattr(field)} name={quoteattr(title)}/>'
        for number, (field, title) in enumerate(aliases.items(), start=1)  # 0 is the id of the row
    )
    widgets = "".join(
        f"<field name={quoteattr(field)}>{_build_choice(words)}</field>" for field, words in choices.items()
    )
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
        f'<qgis version="3.28.0" styleCategories="Symbology|Labeling|Fields|Forms" labelsEnabled="{int(bool(labels))}">'
        f"{renderer}{labels}<fieldConfiguration>{widgets}</fieldConfiguration><aliases>{named}</aliases></qgis>\n"
    )


def _build_choice(words: Mapping[str, str]) -> str:
    entries = "".join(
        f'<Option type="Map"><Option type="QString" name={quoteattr(word)} value={quoteattr(one)}/></Option>'
        for one, word in words.items()
    )
    return (
        '<editWidget type="ValueMap"><config><Option type="Map"><Option type="List" name="map">'
        f"{entries}</Option></Option></config></editWidget>"
    )


def _wrap(kind: str, layer: str, looks: Mapping[str, str]) -> str:
    # Since 3.26 the options are read, before it the properties.
    options = "".join(f'<Option type="QString" name="{key}" value={quoteattr(value)}/>' for key, value in looks.items())
    older = "".join(f'<prop k="{key}" v={quoteattr(value)}/>' for key, value in looks.items())
    return (
        f'<symbol type="{kind}" name="?" alpha="1" clip_to_extent="1" force_rhr="0">'
        f'<layer class="{layer}" enabled="1" locked="0" pass="0"><Option type="Map">{options}</Option>{older}'
        "</layer></symbol>"
    )


def _rgba(colour: str, opacity: float) -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"{red},{green},{blue},{round(opacity * 255)}"


def _key(number: int) -> str:
    return f'"{{00000000-0000-4000-8000-{number:012d}}}"'
