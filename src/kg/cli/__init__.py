"""The command line: open, call the function of the same name, render."""
