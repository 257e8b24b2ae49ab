"""A visitor without a browser: speaks Streamlit's protocol over a WebSocket, and keeps what a page would show."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from types import TracebackType

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect


@dataclass(frozen=True, slots=True)
class Widget:
    """A widget on the page: its id, and the part of the page (fragment) it stands in."""

    id: str
    fragment: str


@dataclass(slots=True)
class Visitor:
    """One visit to a running server.

    Parameters
    ----------
    address
        Of the server, ``127.0.0.1:8501``.
    query, page
        What the address says: parameters, and the name of the page.
    widgets
        What can be pressed, by key; components by their names.
    shown
        Markup on the page by its place.
    failures
        What went wrong, as the page told it.
    """

    address: str
    query: str
    page: str
    widgets: dict[str, Widget] = field(default_factory=dict)
    shown: dict[tuple[int, ...], str] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    _socket: ClientConnection | None = None
    _states: dict[str, WidgetState] = field(default_factory=dict)
    _known: dict[str, ForwardMsg] = field(default_factory=dict)
    _page_hash: str = ""

    async def __aenter__(self) -> Visitor:
        """Open the connection."""
        self._socket = await connect(
            f"ws://{self.address}/_stcore/stream", subprotocols=["streamlit"], max_size=None, open_timeout=60.0
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        if self._socket is not None:
            await self._socket.close()

    async def run(self) -> float:
        """Run the whole page; return how long it took [s]."""
        return await self._run("")

    async def press(self, key: str) -> float:
        """Press a button; return how long it took until the page stood still [s]."""
        widget = self.widgets[key]
        return await self._run(widget.fragment, WidgetState(id=widget.id, trigger_value=True))

    async def tell(self, key: str, value: str) -> float:
        """Let a component report a value (JSON); return how long it took until the page stood still [s]."""
        widget = self.widgets[key]
        self._states[widget.id] = WidgetState(id=widget.id, json_value=value)
        return await self._run(widget.fragment)

    def read(self) -> str:
        """Return the markup that is on the page."""
        return "\n".join(self.shown[path] for path in sorted(self.shown))

    async def _run(self, fragment: str, *pressed: WidgetState) -> float:
        if self._socket is None:
            raise RuntimeError("not connected")
        message = BackMsg()
        asked = message.rerun_script
        asked.query_string, asked.page_name, asked.fragment_id = self.query, self.page, fragment
        asked.page_script_hash = self._page_hash
        asked.widget_states.widgets.extend([*self._states.values(), *pressed])
        begin = time.perf_counter()
        await self._socket.send(message.SerializeToString())
        drawn: set[tuple[int, ...]] = set()
        while True:
            received = ForwardMsg.FromString(await self._socket.recv(decode=False))
            if received.WhichOneof("type") == "script_finished":
                if received.script_finished in (
                    ForwardMsg.FINISHED_SUCCESSFULLY,
                    ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
                ):
                    break
                if received.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                    self.failures.append("compile error")
                    break
                drawn.clear()  # the run was ended by another one, which follows
                continue
            self._take(received, drawn)
        seconds = time.perf_counter() - begin
        if not fragment:
            self.shown = {path: text for path, text in self.shown.items() if path in drawn}
        return seconds

    def _take(self, received: ForwardMsg, drawn: set[tuple[int, ...]]) -> None:
        if received.hash:
            if received.WhichOneof("type") == "ref_hash":
                path = list(received.metadata.delta_path)
                received = ForwardMsg.FromString(self._known[received.ref_hash].SerializeToString())
                received.metadata.delta_path[:] = path
            else:
                self._known[received.hash] = received
        kind = received.WhichOneof("type")
        if kind == "navigation":
            self._page_hash = received.navigation.page_script_hash
        elif kind == "page_info_changed":
            self.query = received.page_info_changed.query_string
        elif kind == "delta":
            self._draw(tuple(received.metadata.delta_path), received.delta, drawn)

    def _draw(self, path: tuple[int, ...], delta: Delta, drawn: set[tuple[int, ...]]) -> None:
        if delta.WhichOneof("type") == "add_block":
            self.shown = {known: text for known, text in self.shown.items() if known[: len(path)] != path}
            return
        drawn.add(path)
        self.shown.pop(path, None)
        element = delta.new_element
        kind = element.WhichOneof("type")
        if kind == "html":
            self.shown[path] = element.html.body
        elif kind == "exception":
            self.failures.append(f"{element.exception.type}: {element.exception.message}")
        elif kind == "button":
            self.widgets[element.button.id.split("-", 2)[-1]] = Widget(element.button.id, delta.fragment_id)
        elif kind == "component_instance":
            found = element.component_instance
            self.widgets[found.component_name] = Widget(found.id, delta.fragment_id)
