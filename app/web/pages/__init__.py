"""The pages: one module or folder for each."""
