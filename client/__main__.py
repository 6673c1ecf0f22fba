"""`python -m client` is the `jumok` command."""

from client.command import main

main()
