"""What the first page loads before it shows anything."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_first_page_waits_for_no_library_of_another() -> None:
    """The Overview loads neither a solver, nor the readers of road files, nor the charts, nor the printer of maps."""
    absent = ("highspy", "osmium", "altair", "matplotlib", "docx", "openpyxl", "scipy.ndimage")
    page = ast.parse((ROOT / "pages" / "overview.py").read_text(encoding="utf-8"))
    wanted = "\n".join(ast.unparse(node) for node in page.body if isinstance(node, ast.Import | ast.ImportFrom))
    code = f"{wanted}\nimport sys, app\nprint(*[name for name in {absent!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
