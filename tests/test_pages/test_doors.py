"""Who may open a session, what a page gives away of the server, and what a visit leaves behind."""

from __future__ import annotations

import ast
import http.client
import time
from contextlib import closing
from pathlib import Path

import pytest
from conftest import ROOT, serve_application
from streamlit.testing.v1 import AppTest
from visitor import run_page, visit
from websockets.exceptions import InvalidStatus

from pages.ui.frame.headers import HEADERS

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_this_computer_gets_a_session(address: str, host: str) -> None:
    """Under each of its loopback names the page is drawn."""
    port = address.rpartition(":")[2]
    with visit(address, host, f"http://{host}:{port}") as session:
        assert any(message.WhichOneof("type") == "delta" for message in run_page(session))


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("evil.example", "http://evil.example"),  # a name that was turned to this computer
        ("evil.example", None),
        ("localhost.evil.example", "http://localhost.evil.example"),
        ("127.0.0.1", "http://evil.example"),
        ("127.0.0.1", "null"),
    ],
)
def test_a_foreign_page_gets_none(address: str, host: str, origin: str | None) -> None:
    """Neither a foreign name of this computer nor a page of another origin opens a session."""
    port = address.rpartition(":")[2]
    named = origin if origin in (None, "null") else f"{origin}:{port}"
    with pytest.raises(InvalidStatus) as refused, visit(address, host, named):
        pass
    assert refused.value.response.status_code in (400, 403)


@pytest.mark.parametrize("path", ["/", "/coverage_gaps", "/_stcore/health", "/nothing-here.js"])
def test_every_answer_has_headers_and_answers_our_names_only(address: str, path: str) -> None:
    """No other site frames a page or has its type guessed; under a foreign name nothing is answered at all."""
    with closing(http.client.HTTPConnection(address.removeprefix("http://"), timeout=60)) as server:
        server.request("GET", path)
        answer = server.getresponse()
        answer.read()
        assert {name: answer.getheader(name) for name in HEADERS} == HEADERS
        server.request("GET", path, headers={"Host": "evil.example"})
        assert server.getresponse().status == 400


def test_no_icon_is_fetched_from_outside() -> None:
    """An icon of a page by name, or an emoji, becomes a favicon from a content host: pages have a file of ours."""
    found = []
    for path in [*(ROOT / "pages").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("st.Page", "st.set_page_config", "st.logo"):
                given = {word.arg: ast.unparse(word.value) for word in node.keywords}
                found += [f"{path.name}: {name}" for name in ("icon", "icon_image") if name in given]
                found += [
                    f"{path.name}: {given['page_icon']}" for _ in (1,) if given.get("page_icon", "_ICON") != "_ICON"
                ]
    assert found == []


@pytest.mark.parametrize(("bound", "expected"), [("127.0.0.1", True), ("0.0.0.0", False), ("", False)])  # noqa: S104
def test_folders_are_opened_on_this_computer_only(
    app: AppTest, monkeypatch: pytest.MonkeyPatch, bound: str, expected: bool
) -> None:
    """Where others can open the pages, none of them learns what is on the server's disk."""
    monkeypatch.setattr(
        "pages.ui.data.open_other.st.get_option", lambda name: bound if name == "server.address" else None
    )
    app.session_state["data_section"] = "open"
    app.run()
    app.switch_page("data.py").run()
    assert not app.exception
    assert any(field.key == "w_open_folder" for field in app.text_input) is expected


def _read_memory_mb(process: int) -> float:
    listed = (Path("/proc") / str(process) / "status").read_text().split("VmRSS:")[1]
    return int(listed.split()[0]) / 1024.0


def _settle(process: int) -> float:
    """Wait until sessions that nobody came back to have gone and garbage was collected; return the memory then."""
    lowest = float("inf")
    for _ in range(15):
        time.sleep(10.0)
        lowest = min(lowest, _read_memory_mb(process))
    return lowest


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="reads memory as Linux tells it")
def test_a_hundred_visits_leave_no_memory_behind(tmp_path: Path) -> None:
    """Without a search for garbage after every run, memory is back within a tenth once the visitors have left."""
    with serve_application(tmp_path) as (address, process):

        def visit_often(count: int) -> None:
            for _ in range(count):
                with visit(address) as session:
                    run_page(session)

        visit_often(20)  # caches are filled, modules are there
        before = _settle(process)
        visit_often(100)
        after = _settle(process)
    assert after <= 1.1 * before, f"{before:.0f} MB before, {after:.0f} MB after"
