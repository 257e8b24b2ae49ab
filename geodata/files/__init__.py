"""Files and folders: where the planner keeps things, guards around files of users, and writers that leave no half."""

__all__: list[str] = []
