"""Units of the Production and Construction Corps (兵团), which stand in tables of Xinjiang as a column of their own."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from coverage.network.model import BoolArray

# County-level cities of the corps share these digits in the national codes (659001 Shihezi … 659012).
CODE_START = "659"
# 十二师, 农四师, 一零四团, 六十一团, 第七师一二五团场: the forms in which national lists of codes name its units.
_NAME = re.compile(r"兵团|农?[一二三四五六七八九十]{1,3}师(?!范)|[一二三四五六七八九零〇○十百\d]+团(场|部|镇)?$")


def is_bingtuan_name(name: str) -> bool:
    """Tell whether a unit's name says that it belongs to the corps.

    Examples
    --------
    >>> [is_bingtuan_name(name) for name in ("兵团十二师西山农场", "一零四团", "六十一团", "青年路街道", "团结路街道")]
    [True, True, True, False, False]
    """
    return bool(_NAME.search(name))


def find_bingtuan(districts: pd.DataFrame) -> BoolArray:
    """Find the districts of the corps by code or name; what lies in one belongs to it too, shape (d,).

    Parameters
    ----------
    districts
        Districts after `coverage.inputs.schema.DISTRICT_COLUMNS`, indexed by code.
    """
    own = {
        str(one)
        for one, name in districts["name"].items()
        if str(one).startswith(CODE_START) or is_bingtuan_name(str(name))
    }
    parents = {str(one): str(parent) for one, parent in districts["parent_id"].items()}

    def belongs(here: str) -> bool:
        seen: set[str] = set()
        while here and here not in own and here not in seen:
            seen.add(here)
            here = parents.get(here, "")
        return here in own

    return np.array([belongs(str(one)) for one in districts.index], bool)
