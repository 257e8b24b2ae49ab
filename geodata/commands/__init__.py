"""The commands of the command line, one in each file, loaded when it is asked for and not before.

A file imports what its command needs and no more: nobody waits for libraries of another command. What they share is
in `geodata.commands.command_line` and `geodata.commands.command_question`.
"""

__all__: list[str] = []
