"""Web entry: the server's application around ``pages/frame.py``. Start it with ``streamlit run app.py``."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from pages.ui.frame.headers import SecurityHeaders, list_hosts

app = st.App(
    Path(__file__).parent / "pages" / "frame.py",
    middleware=[
        Middleware(TrustedHostMiddleware, allowed_hosts=list_hosts(st.get_option("server.allowedHosts"))),
        Middleware(SecurityHeaders),
    ],
)
