"""ROOM 3 · the screens: one file for each page, which reads the state, calls the rooms below, and draws.

Belongs here: pages, and in `pages.ui` what they share. Does not belong here: anything a command line or
an exported file would need too; that lives in `geodata`, and what is computed lives in `coverage`.
May import `geodata`, `coverage` and streamlit.
"""

__all__: list[str] = []
