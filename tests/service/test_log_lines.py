"""Log lines and the thread that writes them."""

import json
import logging
import os
import subprocess
import sys

import pytest

from jumok.service.log_lines import LineWriter, traceback_of

LOGGING = """
import logging, sys
import structlog
from jumok.service.log_lines import close_log, configure_logging
configure_logging(sys.argv[1], "json")
log = structlog.get_logger()
log.debug("one", size=1)
log.info("two")
log.error("three")
try:
    raise KeyError("secret")
except KeyError:
    logging.getLogger("library").exception("failed [%s]", "secret")
close_log()
"""


def render(event: object) -> str:
    return json.dumps(event)


def test_lines_are_written_in_order() -> None:
    """Closing writes what waits."""
    reading, writing = os.pipe()
    writer = LineWriter(writing, render)
    for number in range(100):
        writer.info(number=number)
    writer.close(20)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        assert [json.loads(line)["number"] for line in pipe] == list(range(100))


def test_a_pipe_that_nobody_reads_blocks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines beyond the limit are dropped and counted; once the pipe is read, a line says so."""
    monkeypatch.setattr("jumok.service.log_lines._MOST_WAITING", 50)
    reading, writing = os.pipe()
    writer = LineWriter(writing, render)
    for number in range(200):
        writer.info(number=number, text="x" * 10_000)
    dropped = writer.dropped
    assert dropped >= 100
    writer.close(0.01)  # does not wait for the reader
    lines = []
    with os.fdopen(reading) as pipe:
        for line in pipe:
            lines.append(json.loads(line))
            if len(lines) == 200 - dropped + 1:
                break
    os.close(writing)
    assert sum("number" in line for line in lines) == 200 - dropped
    assert sum(line.get("dropped", 0) for line in lines) == dropped


def test_a_closed_pipe_is_no_error() -> None:
    """A reader that has gone loses the lines, and the writer goes on."""
    reading, writing = os.pipe()
    os.close(reading)
    writer = LineWriter(writing, render)
    writer.info(number=1)
    writer.close(20)
    os.close(writing)
    assert writer.dropped == 1


@pytest.mark.parametrize(("level", "least"), [("debug", 0), ("info", 1), ("error", 2)])
def test_levels(level: str, least: int) -> None:
    """Lines below the level are not written. Libraries' lines have no arguments or messages."""
    command = [sys.executable, "-c", LOGGING, level]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    lines = [json.loads(line) for line in done.stderr.splitlines()]

    assert [line["event"] for line in lines[:-1]] == ["one", "two", "three"][least:]
    assert lines[-1]["event"] == "failed [%s]"
    assert lines[-1]["traceback"].endswith("KeyError")
    assert "secret" not in done.stderr.replace('raise KeyError("secret")', "")


def test_a_traceback_without_the_message() -> None:
    """The message of an exception may quote a request, so only its class is shown."""
    try:
        int("canary")
    except ValueError as error:
        described = traceback_of(error)
    assert described.endswith("ValueError")
    assert "invalid literal" not in described


def test_the_root_logger_is_left_alone_by_default() -> None:
    """Importing the service configures no logging."""
    assert not any("jumok" in type(each).__module__ for each in logging.getLogger().handlers)
