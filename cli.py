"""The planner on the command line: the same jobs without a browser. Progress on stderr, results in files."""

from __future__ import annotations

import gc
from importlib import import_module

import click

# Each command, where it is, and the first line of its help: listing them all loads none of them.
COMMANDS: dict[str, tuple[str, str]] = {
    "assess": (
        "geodata.commands.assess:assess",
        "Assess STUDY (study.toml, its folder, or a pack): who reaches a station in time.",
    ),
    "calibrate": (
        "geodata.commands.calibrate:calibrate_command",
        "Fit the car speeds of STUDY to known trips and save them as its speed table.",
    ),
    "demo": ("geodata.commands.demo:demo", "Write the schematic demo study into FOLDER."),
    "download": ("geodata.commands.download:download", "Download roads from OpenStreetMap."),
    "explain": (
        "geodata.commands.explain:explain",
        "Print why a place of STUDY is or is not inside the circle, and what would change it.",
    ),
    "locate": (
        "geodata.commands.locate:locate_sites",
        "Choose sites for any cost matrix: most people, fewest sites, least mean or least worst cost.",
    ),
    "matrix": (
        "geodata.commands.matrix:matrix",
        "Travel times between two lists of places; where there is none, the minutes are empty and the reason is given.",
    ),
    "network": ("geodata.commands.network:network", "Build the road network of FILE and print its counts."),
    "new": ("geodata.commands.new:new", "Make a study of one area and pack it into one file that others can open."),
    "replay": (
        "geodata.commands.report:replay_command",
        "Compute a report again from RUN, its run file or the report itself: identical, or what differs and why.",
    ),
    "report": (
        "geodata.commands.report:report_command",
        "Make the report of STUDIES; several of different counties are merged into one (汇总).",
    ),
    "suggest": (
        "geodata.commands.suggest:suggest",
        "Propose new sites for STUDY: where, in which order, for whom, at what cost, and how good that is.",
    ),
    "whatif": (
        "geodata.commands.whatif:whatif",
        "Compare STUDY before and after edits: who is newly covered, who is lost, what it costs.",
    ),
}


class _Commands(click.Group):
    """The commands, each imported when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the names."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one command; None for a name that is none."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        found: click.Command = getattr(import_module(module), name)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Tell each in one line."""
        width = formatter.width - 6 - max(map(len, COMMANDS))
        rows = [
            (name, click.Command(name, help=COMMANDS[name][1]).get_short_help_str(width))
            for name in self.list_commands(ctx)
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


@click.group(cls=_Commands)
def main() -> None:
    """半小时服务圈规划 · Half-hour service circle planner."""
    # A command ends before garbage in cycles matters; looking for it took a tenth of the time.
    gc.freeze()
    gc.set_threshold(200_000, 50, 100)


if __name__ == "__main__":
    main()
