"""Where tasks run: `local` in this process, `ray_executor` on Ray, both behind `task.Engine`."""
