"""The embedded demo study: schematic data of Urumqi that open without any file of the user's.

The files are made by ``scripts/make_demo_study.py`` and kept beside this module; what in them is fact
and what is generated stands in ``docs/demo-study.md``.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from coverage.errors import InputError
from geodata.files.folders import SHIPPED

DEMO_FILES: tuple[str, ...] = ("study.toml", "roads.gpkg", "population.csv", "stations.csv", "districts.gpkg")


def demo_folder() -> Path:
    """Return the folder of the embedded study; it is read, never written."""
    return SHIPPED / "demo"


def write_demo(target: Path, *, force: bool = False) -> list[Path]:
    """Copy the embedded study to a folder of the user, which is made if need be.

    Parameters
    ----------
    target
        The folder. Other files in it are left alone.
    force
        True to copy into a folder that holds files already; those of the same name are replaced.

    Returns
    -------
    The files written, ``study.toml`` first.

    Raises
    ------
    InputError
        ``demo.not_a_folder`` if a file stands there, ``demo.folder_not_empty`` if the folder holds files
        and `force` is not given, ``demo.cannot_write`` if the disk refuses.
    """
    if target.exists() and not target.is_dir():
        raise InputError("demo.not_a_folder", folder=str(target))
    if not force and target.is_dir() and any(target.iterdir()):
        raise InputError("demo.folder_not_empty", folder=str(target))
    source = demo_folder()
    try:
        target.mkdir(parents=True, exist_ok=True)
        return [Path(shutil.copyfile(source / name, target / name)) for name in DEMO_FILES]
    except OSError as error:
        raise InputError("demo.cannot_write", folder=str(target), reason=error.strerror or str(error)) from error
