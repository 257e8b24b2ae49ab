"""Catalogues written and read back, and faults that reading still names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from told_faults import tell_faults

from coverage.errors import InputError
from coverage.inputs.bilingual_names import Name
from coverage.inputs.study import Bundle, Catalogue, ServiceItem
from geodata.intake.read_catalogue import read_catalogue
from geodata.studies.write_catalogue import encode_catalogue


def read_back(catalogue: Catalogue, folder: Path) -> Catalogue:
    """Write a catalogue to a file and read it."""
    path = folder / "catalogue.toml"
    path.write_bytes(encode_catalogue(catalogue))
    return read_catalogue(path)


def test_the_default_catalogue_comes_back_as_it_is(tmp_path: Path) -> None:
    """Families, levels, kinds, items and bundles are read back equal."""
    assert read_back(read_catalogue(), tmp_path) == read_catalogue()


@pytest.mark.parametrize("text", ['"quoted" \\', "two\nlines", "{{7*191}}", "=1+1", "[[item]]", "''' \"\"\" #"])
def test_hostile_names_stay_names(text: str, tmp_path: Path) -> None:
    """Whatever stands in a name comes back in the name."""
    catalogue = read_catalogue()
    item = ServiceItem("own", Name(text, text), "legal", "aged", True)
    own = replace(
        catalogue,
        items=(*catalogue.items, item),
        bundles=(*catalogue.bundles, Bundle("mine", Name(text, text), ("own", "mediation"))),
    )
    assert read_back(own, tmp_path) == own


def test_faults_are_named_when_it_is_read(tmp_path: Path) -> None:
    """An item that is taken away while kinds and bundles offer it is named by all of them."""
    catalogue = read_catalogue()
    own = replace(catalogue, items=tuple(one for one in catalogue.items if one.id != "mediation"))
    with pytest.raises(InputError) as caught:
        read_back(own, tmp_path)
    told = tell_faults(caught.value).splitlines()
    assert "kind “legal_station”: Items “mediation” does not exist." in told
    assert "bundle “dispute”: Items “mediation” does not exist." in told
