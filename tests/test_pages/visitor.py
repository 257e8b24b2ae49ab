"""A visitor of a running server without a browser: one session over the websocket, as the browser opens it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

_LONGEST_S = 600.0


@contextmanager
def visit(address: str, host: str = "", origin: str | None = None) -> Iterator[ClientConnection]:
    """Open a session at the server, under a name that a foreign page may have given it.

    Parameters
    ----------
    address
        Of the server, ``http://127.0.0.1:PORT``.
    host
        Name in the ``Host`` header; that of the address if none is given.
    origin
        Address of the page that asks; None sends none, as programs do that are no browser.

    Raises
    ------
    websockets.exceptions.InvalidStatus
        If the server refuses.
    """
    known = urlsplit(address)
    wire = socket.create_connection((known.hostname, known.port))
    url = f"ws://{host or known.hostname}:{known.port}/_stcore/stream"
    # The library's type of an origin is a text by another name.
    with connect(url, sock=wire, origin=origin, max_size=None, open_timeout=_LONGEST_S) as session:  # type: ignore[arg-type]
        yield session


def run_page(session: ClientConnection, query: str = "") -> list[ForwardMsg]:
    """Ask for the page, and return what the server sends until it is drawn."""
    wish = BackMsg()
    wish.rerun_script.query_string = query
    session.send(wish.SerializeToString())
    sent = []
    while not sent or sent[-1].WhichOneof("type") != "script_finished":
        content = session.recv(timeout=_LONGEST_S)
        assert isinstance(content, bytes)
        sent.append(ForwardMsg.FromString(content))
    return sent
