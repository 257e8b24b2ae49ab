"""Reading a cost matrix: every row accounted for, every fault told with its row and column."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from coverage.errors import InputError, MissingInputError
from geodata.intake.read_costs import CostMatrix, read_costs
from geodata.words.i18n import describe

HEAD = "demand_id,site_id,cost\n"


def read(
    folder: Path, costs: str | bytes, demand: str | bytes = "demand_id,weight\n001,3\n002,4.5\n1,0\n"
) -> CostMatrix:
    """Write both tables and read them."""
    paths = [folder / "COSTS.csv", folder / "DEMAND.csv"]
    for path, text in zip(paths, (costs, demand), strict=True):
        path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_costs(*paths)


def refuse(folder: Path, costs: str | bytes, demand: str | bytes | None = None) -> InputError:
    """Read tables that are refused and return the error; it has words in both languages."""
    with pytest.raises(InputError) as caught:
        read(folder, costs) if demand is None else read(folder, costs, demand)
    for language in ("zh_CN", "en"):
        words = describe(caught.value, language)
        assert words.fix
        assert "{" not in words.what + words.why
    return caught.value


def test_pairs_are_read_by_site_and_demand_point(tmp_path: Path) -> None:
    """Ids are text with their zeros, sites are sorted, pairs stand by site, then demand point."""
    matrix = read(tmp_path, HEAD + "1,b,2.5\n001,b,3\n002,a,1e3\n001,a,0\n")
    assert matrix.demand_id.tolist() == ["001", "002", "1"]
    assert matrix.weight.tolist() == [3, 4.5, 0]
    assert matrix.site_id.tolist() == ["a", "b"]
    assert matrix.site.tolist() == [0, 0, 1, 1]
    assert matrix.demand.tolist() == [0, 1, 0, 2]
    assert matrix.cost.tolist() == [0, 1000, 3, 2.5]
    assert (matrix.rows_in, matrix.rows_accepted, matrix.rows_rejected, matrix.issues) == (4, 4, 0, ())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encodings_and_separators(tmp_path: Path, encoding: str, separator: str) -> None:
    """Files of Chinese and European spreadsheet programs are understood."""
    costs = f"{HEAD}居民点一,站点乙,12\n居民点二,站点甲,7.25\n".replace(",", separator)
    demand = "demand_id,weight\n居民点一,3\n居民点二,4\n".replace(",", separator)
    matrix = read(tmp_path, costs.encode(encoding), demand.encode(encoding))
    assert matrix.demand_id.tolist() == ["居民点一", "居民点二"]
    assert dict(zip(matrix.site_id[matrix.site], matrix.cost.tolist(), strict=True)) == {"站点乙": 12, "站点甲": 7.25}


def test_the_table_that_matrix_writes(tmp_path: Path) -> None:
    """Travel times of the matrix command are costs; its empty minutes are pairs without a way."""
    matrix = read(tmp_path, "origin_id,destination_id,minutes\n001,a,5\n002,a,\n1,a,7\n")
    assert matrix.cost.tolist() == [5, 7]
    assert (matrix.rows_in, matrix.rows_accepted, matrix.rows_rejected) == (3, 2, 1)
    (issue,) = matrix.issues
    assert (issue.code, issue.severity, issue.rows, issue.column) == ("costs.no_way", "rejected", (3,), "minutes")


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    """One error lists every row that cannot be used, with column and content, the first fault of each."""
    rows = ["001,a,1", "1,b,-2", "002,a,nan", "9,b,3", "001,a,7", "002,b,inf", ",b,2", "002,,3", "1,c,x", "1,b,4,5"]
    error = refuse(tmp_path, HEAD + "\n".join(rows))
    assert error.code == "costs.rows_wrong"
    assert (error.context["count"], error.context["rows_in"]) == (9, 10)
    assert (error.context["row"], error.context["column"]) == (3, "cost")
    assert (error.context["problem"], error.context["value"]) == ("costs.negative", "-2")
    listed = str(error.context["listed"]).splitlines()
    assert listed[:8] == [
        *("3 · cost · -2", "4 · cost · nan", "5 · demand_id · 9", "6 · demand_id · 001, a = 2", "7 · cost · inf"),
        *("8 · demand_id · ", "9 · site_id · ", "10 · cost · x"),
    ]
    assert listed[8].startswith("11 · ")


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("001,a,-0.5", "costs.negative"),
        ("001,a,inf", "costs.not_finite"),
        ("001,a,1e400", "costs.not_finite"),
        ("001,a,NaN", "costs.not_a_number"),
        ("001,a,0x10", "costs.not_a_number"),
        ("001,a,1_0", "costs.not_a_number"),
        ("01,a,1", "costs.demand_unknown"),
        ("001, ,1", "costs.id_empty"),
        ("001,a,1,2", "table.row_too_long"),
        ("002,z,8", "costs.twice"),
    ],
)
def test_each_fault_has_its_code(tmp_path: Path, row: str, problem: str) -> None:
    """A row that cannot be used refuses the table and says why, in words."""
    error = refuse(tmp_path, f"{HEAD}002,z,1\n{row}\n")
    assert (error.context["problem"], error.context["row"], error.context["count"]) == (problem, 3, 1)
    assert problem not in describe(error, "en").what


def test_repeated_pairs_name_both_rows(tmp_path: Path) -> None:
    """A pair that stands three times is told twice, each time with the row of the first, even with equal costs."""
    error = refuse(tmp_path, HEAD + "001,a,1\n002,a,1\n001,a,1\n 001 ,a,1\n")
    assert error.context["count"] == 2
    assert str(error.context["listed"]).splitlines() == ["4 · demand_id · 001, a = 2", "5 · demand_id · 001, a = 2"]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("003,-1", "costs.negative"),
        ("003,", "costs.not_a_number"),
        ("003,many", "costs.not_a_number"),
        ("003,inf", "costs.not_finite"),
        ("001,2", "costs.twice"),
        (",2", "costs.id_empty"),
    ],
)
def test_weights_are_checked_alike(tmp_path: Path, row: str, problem: str) -> None:
    """The table of demand points is refused for the same faults."""
    error = refuse(tmp_path, HEAD + "001,a,1\n", f"demand_id,weight\n001,1\n{row}\n")
    assert (error.context["file"], error.context["problem"]) == ("DEMAND.csv", problem)
    assert error.context["row"] == 3


def test_files_that_are_no_tables(tmp_path: Path) -> None:
    """No rows, no column, broken quotes, far too many cells, no file: each has its own code."""
    assert refuse(tmp_path, HEAD).code == "table.empty"
    assert refuse(tmp_path, HEAD + "\n,,\n").code == "table.empty"
    error = refuse(tmp_path, "demand_id,site_id\n001,a\n")
    assert (error.code, error.context["columns"]) == ("table.columns_missing", "cost")
    assert refuse(tmp_path, HEAD + '001,"a,1\n002,b,1\n').code == "table.quotes_broken"
    error = refuse(tmp_path, HEAD + "001,a,1\n002,b,1,2,3,4\n")
    assert (error.code, error.context["row"]) == ("costs.row_too_long", 3)
    assert refuse(tmp_path, "demand_id,cost,cost,site_id\n1,2,3,4\n").code == "table.column_twice"
    with pytest.raises(MissingInputError):
        read_costs(tmp_path / "nothing.csv", tmp_path / "nothing.csv")


def test_what_spreadsheets_leave_behind(tmp_path: Path) -> None:
    """Blank rows, trailing separators, further columns, full-width digits and grouped thousands do no harm."""
    matrix = read(tmp_path, '\nnote,cost,site_id,demand_id\nx,１２,a,001,\n,,,\n\ny,"1,200.5", b ,002\n')
    assert matrix.cost.tolist() == [12, 1200.5]
    assert matrix.site_id.tolist() == ["a", "b"]
    assert matrix.rows_in == matrix.rows_accepted == 2
    assert [issue.code for issue in matrix.issues] == ["table.blank_rows", "table.columns_unused"]
    broken = refuse(tmp_path, "\nnote,cost,site_id,demand_id\nx,1,a,001,\n\ny,?, b ,002\n")
    assert broken.context["row"] == 5


def test_costs_keep_their_last_digit(tmp_path: Path) -> None:
    """Numbers that Python writes come back as they were."""
    costs = np.random.default_rng(1).random(500) * 1e4
    demand = "demand_id,weight\n" + "".join(f"{point:03d},1\n" for point in range(500))
    matrix = read(
        tmp_path, HEAD + "".join(f"{point:03d},s,{cost!r}\n" for point, cost in enumerate(costs.tolist())), demand
    )
    assert matrix.cost.tolist() == costs.tolist()


def test_the_order_of_rows_changes_nothing(tmp_path: Path) -> None:
    """Shuffled rows give the same matrix."""
    random = np.random.default_rng(2)
    table = pd.DataFrame(
        {"demand_id": np.repeat(["001", "002", "1"], 4), "site_id": list("abcd") * 3, "cost": random.random(12)}
    )
    first = read(tmp_path, table.to_csv(index=False))
    second = read(tmp_path, table.sample(frac=1, random_state=3).to_csv(index=False))
    for name in ("demand_id", "weight", "site_id", "demand", "site", "cost"):
        assert getattr(first, name).tolist() == getattr(second, name).tolist()
