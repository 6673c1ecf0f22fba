"""`python -m jumok.cli` is the `jumok` command."""

from jumok.cli.command import main

main()
