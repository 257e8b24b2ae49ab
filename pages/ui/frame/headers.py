"""Headers of every answer of the server, and the names under which it answers at all."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# The maps are frames of our own origin: "self", not "none".
HEADERS = {
    "Content-Security-Policy": "frame-ancestors 'self'",
    "X-Frame-Options": "SAMEORIGIN",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


class SecurityHeaders:
    """Add `HEADERS` to every answer: no page of others frames ours, guesses types or learns its address."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)


def list_hosts(allowed: Sequence[str]) -> list[str]:
    """Write the names of ``server.allowedHosts`` as a Host header does, IPv6 in brackets; none allow every name."""
    return [f"[{name}]" if ":" in name and not name.startswith("[") else name for name in allowed] or ["*"]
