"""Where tasks run: `local.py` in this process, `remote.py` on Ray, both behind `task.Engine`.

What runs is a small value that travels (`task.Task`); nothing here knows pictures or databases.
"""
