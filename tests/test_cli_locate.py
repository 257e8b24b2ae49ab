"""The locate command end to end: four models on any cost matrix, results in files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from cli import main
from scripts.convert_pmed import write_pmed, write_san_francisco

COSTS = "demand_id,site_id,cost\n" + "".join(
    f"0{point},{site},{abs(place - stand)}\n"
    for point, place in enumerate((0, 1, 2, 8, 9))
    for site, stand in (("north", 1), ("middle", 5), ("south", 8))
)
DEMAND = "demand_id,weight\n" + "".join(f"0{point},{weight}\n" for point, weight in enumerate((1, 2, 3, 4, 5)))


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Speak English."""
    monkeypatch.setenv("PLANNER_LANG", "en")


def _run(folder: Path, *options: object, out: str = "out") -> Result:
    tables = ("--costs", folder / "COSTS.csv", "--demand", folder / "DEMAND.csv")
    words = [str(word) for word in ("locate", *tables, "--out", folder / out, *options)]
    result = CliRunner().invoke(main, words)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def _read(folder: Path, out: str = "out") -> tuple[dict[str, Any], pd.DataFrame, pd.DataFrame]:
    summary: dict[str, Any] = json.loads((folder / out / "summary.json").read_text(encoding="utf-8"))
    sites = pd.read_csv(folder / out / "sites.csv")
    return summary, sites, pd.read_csv(folder / out / "assignment.csv", dtype={"demand_id": str})


@pytest.fixture
def street(tmp_path: Path) -> Path:
    """Write a street of five houses and three sites."""
    (tmp_path / "COSTS.csv").write_text(COSTS, encoding="utf-8")
    (tmp_path / "DEMAND.csv").write_text(DEMAND, encoding="utf-8")
    return tmp_path


def test_p_median_writes_its_files(street: Path) -> None:
    """Two sites: who goes where, at what cost, and a summary that agrees with both tables."""
    result = _run(street, "--method", "p-median", "--sites", 2)
    assert result.exit_code == 0, result.output
    assert "Proven: optimal for these candidates and limits." in result.output
    summary, sites, assignment = _read(street)
    assert list(sites.columns) == ["order", "site_id", "assigned_points", "assigned_weight"]
    assert sites["site_id"].tolist() == ["south", "north"]
    assert sites["assigned_weight"].tolist() == [9, 6]
    assert assignment["demand_id"].tolist() == ["00", "01", "02", "03", "04"]
    assert assignment["site_id"].tolist() == ["north"] * 3 + ["south"] * 2
    assert assignment["cost"].tolist() == [1, 0, 1, 0, 1]
    assert (summary["method"], summary["status"], summary["objective"]) == ("p-median", "optimal", 9)
    assert (summary["bound"], summary["gap"], summary["sites"], summary["cutoff"]) == (9, 0, 2, None)
    assert (summary["demand_count"], summary["site_count"], summary["pairs"]) == (5, 3, 15)
    assert summary["rows_in"] == summary["rows_accepted"] == 15
    assert summary["mean_cost"] == pytest.approx(9 / 15)
    assert summary["runtime_s"] >= 0


def test_p_center_and_a_cutoff(street: Path) -> None:
    """One site: the middle has the least worst cost; a cutoff leaves out dearer pairs and so some people."""
    assert _run(street, "--method", "p-center", "--sites", 1).exit_code == 0
    summary, sites, _ = _read(street)
    assert (summary["objective"], sites["site_id"].tolist()) == (5, ["middle"])
    result = _run(street, "--method", "p-center", "--sites", 1, "--cutoff", 3)
    assert result.exit_code == 0
    assert "cannot serve everybody" in result.output
    summary, sites, assignment = _read(street)
    assert (summary["status"], summary["cutoff"]) == ("infeasible", 3)
    assert (sites["site_id"].tolist(), summary["objective"]) == (["south"], 1)
    assert assignment["site_id"].isna().tolist() == [True, True, True, False, False]
    assert (summary["points_unserved"], summary["points_no_site_reaches"]) == (3, 0)


def test_points_without_weight_ask_nothing(tmp_path: Path) -> None:
    """A house where nobody lives has a site and a cost, but is in no number of the whole, whatever the model."""
    costs = "demand_id,site_id,cost\na,near,40\nb,near,10\nempty,near,60\na,far,50\nb,far,50\n"
    (tmp_path / "COSTS.csv").write_text(costs, encoding="utf-8")
    (tmp_path / "DEMAND.csv").write_text("demand_id,weight\na,5\nb,1\nempty,0\ngone,0\n", encoding="utf-8")
    for method, more in (("p-center", ()), ("p-median", ()), ("mclp", ("--cutoff", 60)), ("lscp", ("--cutoff", 60))):
        sites = () if method == "lscp" else ("--sites", 1)
        assert _run(tmp_path, "--method", method, *sites, *more).exit_code == 0
        summary, _, assignment = _read(tmp_path)
        counted = [summary[f"points_{name}"] for name in ("served", "unserved", "without_weight", "no_site_reaches")]
        assert counted == [2, 0, 2, 0]
        if method.startswith("p-"):
            assert (summary["largest_cost"], assignment["cost"].max()) == (40, 60)
            assert summary["objective"] == {"p-center": 40, "p-median": 210}[method]


def test_mclp_counts_whom_each_site_adds(street: Path) -> None:
    """Most people within the cutoff: sites in build order with what each adds and the sum so far."""
    assert _run(street, "--method", "mclp", "--sites", 2, "--cutoff", 1).exit_code == 0
    summary, sites, assignment = _read(street)
    assert (summary["status"], summary["objective"], summary["pairs"]) == ("optimal", 15, 5)
    assert sites["site_id"].tolist() == ["south", "north"]
    assert sites["newly_covered"].tolist() == [9, 6]
    assert sites["cumulative"].tolist() == [9, 15]
    assert assignment["site_id"].notna().all()
    assert _run(street, "--method", "mclp", "--sites", 1, "--cutoff", 1).exit_code == 0
    summary, _, assignment = _read(street)
    assert summary["objective"] == 9
    assert assignment["site_id"].isna().tolist() == [True, True, True, False, False]
    assert assignment["cost"].isna().tolist() == [True, True, True, False, False]


def test_lscp_finds_the_number_itself(street: Path) -> None:
    """Fewest sites that cover everybody; where nobody can, the most that can be covered, and who is left."""
    assert _run(street, "--method", "lscp", "--cutoff", 1).exit_code == 0
    summary, sites, _ = _read(street)
    assert (summary["objective"], summary["sites"], summary["sites_asked"]) == (2, 2, None)
    assert sites["cumulative"].tolist()[-1] == 15
    assert _run(street, "--method", "lscp", "--cutoff", 0.5).exit_code == 0
    summary, _, assignment = _read(street)
    assert summary["status"] == "infeasible"
    assert summary["points_no_site_reaches"] == summary["points_unserved"] == 3
    assert assignment["site_id"].isna().sum() == 3


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--method", "mclp", "--sites", 1), "needs --cutoff"),
        (("--method", "lscp"), "needs --cutoff"),
        (("--method", "mclp", "--cutoff", 1), "needs --sites"),
        (("--method", "p-median"), "needs --sites"),
        (("--method", "p-center"), "needs --sites"),
    ],
)
def test_a_number_that_lacks_is_asked_for(street: Path, options: tuple[object, ...], words: str) -> None:
    """A model without its cutoff or number of sites ends with code 2 and says what to give."""
    result = _run(street, *options)
    assert result.exit_code == 2
    assert words in result.output
    assert not (street / "out").exists()


def test_bad_tables_end_with_code_2(street: Path) -> None:
    """A negative cost is told with its row and column; nothing is written."""
    (street / "COSTS.csv").write_text(COSTS + "04,east,-3\n", encoding="utf-8")
    result = _run(street, "--method", "p-median", "--sites", 1)
    assert result.exit_code == 2
    assert "row 17, column cost" in result.output
    assert not (street / "out").exists()


def test_two_runs_write_the_same(shared_data: Path, tmp_path: Path) -> None:
    """All four models: byte for byte, but for the seconds in the summary; published values on the way."""
    write_san_francisco(shared_data / "locate" / "san_francisco", tmp_path)
    expected = {"mclp": 875_247, "lscp": 8, "p-median": 2_848_268_129.71, "p-center": 7403.0638}
    for method, value in expected.items():
        options = ["--method", method]
        options += [] if method == "lscp" else ["--sites", "4"]
        options += ["--cutoff", "5000"] if method in ("mclp", "lscp") else []
        for out in ("one", "two"):
            assert _run(tmp_path, *options, out=out).exit_code == 0
        for name in ("sites.csv", "assignment.csv"):
            assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
        (one, _, assignment), (two, _, _) = _read(tmp_path, "one"), _read(tmp_path, "two")
        assert one | {"runtime_s": 0} == two | {"runtime_s": 0}
        assert (one["status"], one["gap"]) == ("optimal", 0)
        assert one["objective"] == pytest.approx(value, rel=1e-8)
        assert assignment["demand_id"].str.startswith("06").all()
        assert one["points_served"] == (184 if method == "mclp" else 205)


def test_a_short_time_limit_leaves_an_answer(shared_data: Path, tmp_path: Path) -> None:
    """With no time at all the command still writes a plan and a bound that holds."""
    sites = write_pmed(shared_data / "locate" / "pmed" / "pmed2.txt", tmp_path)
    assert _run(tmp_path, "--method", "p-median", "--sites", sites, "--time-limit", 0).exit_code == 0
    summary, opened, _ = _read(tmp_path)
    assert summary["status"] == "time_limit"
    assert summary["bound"] <= 4093 <= summary["objective"]
    assert len(opened) == sites
