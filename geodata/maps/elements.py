"""The only ways in which the planner's layers enter a folium map: calls of its own script with checked data."""

from __future__ import annotations

import re

from branca.element import Element, Figure, MacroElement
from folium.template import Template

from geodata.maps.labels import encode_data

_FUNCTION = re.compile(r"[a-z][A-Za-z]*\Z")


class ScriptCall(MacroElement):
    """A call ``planner.<function>(<parent>, <data>)`` of ``static/planner.js``.

    The data are encoded once, at construction; the template puts the finished text in as a value and
    never compiles it.

    Parameters
    ----------
    function
        Name of the function.
    data
        What `geodata.maps.labels.encode_data` accepts, or a text it returned, as `Encoded`.
    """

    _template = Template(
        "{% macro script(this, kwargs) %}planner.{{ this.function }}({{ this._parent.get_name() }},"
        "{{ this.encoded }});{% endmacro %}"
    )

    def __init__(self, function: str, data: object) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca is not typed here
        if _FUNCTION.match(function) is None:
            raise TypeError("not the name of a function of planner.js")
        self._name = "ScriptCall"
        self.function = function
        self.encoded = data if isinstance(data, Encoded) else Encoded.of(data)

    def render(self, **kwargs: object) -> str:
        """Add the call to the scripts of the page, as finished text; nothing stands in its own place."""
        figure = self.get_root()
        if not isinstance(figure, Figure):
            raise TypeError("a layer is drawn within a figure")
        figure.script.add_child(_FinishedScript(self._template.module.script(self, kwargs)), name=self.get_name())
        return ""


class _FinishedScript(Element):
    """A text that goes into the page as it is; an ordinary element would compile it as a template again."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def render(self, **kwargs: object) -> str:
        return self.text


class Encoded(str):
    """Layer data that `encode_data` has checked and written; lets a large layer be encoded once."""

    __slots__ = ()

    @classmethod
    def of(cls, data: object) -> Encoded:
        """Encode the data of a layer."""
        return cls(encode_data(data))
