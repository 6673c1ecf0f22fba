"""The `jumok` command: its subcommands, what they print, and the load generator."""
