"""The commands and programs of docs/clients.md, against the contract and a running service."""

import asyncio
import os
import re
import shutil
import sys
from pathlib import Path

import pytest
from google.protobuf import json_format

from jumok.service.server import Server
from jumok.v1 import translation_pb2 as pb

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs/clients.md").read_text("utf-8")
NODE = ROOT / "docs/clients/node"
TEXT = "나는 학생입니다"
PARAGRAPH = "안녕하세요. 비가 와요!\n\n- 사과\n- 우유"
COMMANDS = [
    paragraph
    for block in re.findall(r"^```bash\n(.*?)^```$", DOCUMENT, re.DOTALL | re.MULTILINE)
    for paragraph in block.split("\n\n")
    if re.search(r"^(buf curl|grpcurl) ", paragraph, re.MULTILINE)
]
TOOLS = Path(sys.executable).parent


def _titles(command: str) -> str:
    return command.splitlines()[0].removeprefix("# ")


def test_the_document_has_commands() -> None:
    """The document has commands of both tools."""
    text = "\n".join(COMMANDS)
    assert text.count("\nbuf curl ") >= 4
    assert text.count("\ngrpcurl ") >= 5


@pytest.mark.parametrize("command", COMMANDS, ids=_titles)
def test_requests_follow_the_contract(command: str) -> None:
    """The methods and the fields of the requests exist in the .proto."""
    methods = pb.DESCRIPTOR.services_by_name["TranslationService"].methods_by_name
    requests = re.findall(r" -d '(.*?)'", command, re.DOTALL)
    called = re.findall(r"jumok\.v1\.TranslationService/(\w+)", command)
    assert len(called) == len(requests)
    for request, method in zip(requests, called, strict=True):
        message = getattr(pb, methods[method].input_type.name)()
        json_format.Parse(request, message)
        assert message.text in (TEXT, PARAGRAPH)


async def run(command: list[str]) -> str:
    """Run a command and return what it prints."""
    path = f"{TOOLS}{os.pathsep}{os.environ['PATH']}"
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=ROOT,
        env={**os.environ, "PATH": path},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, messages = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, messages.decode()
    return output.decode()


@pytest.mark.parametrize("command", COMMANDS, ids=_titles)
async def test_commands_run(command: str, server: Server) -> None:
    """Each command succeeds where its tools are installed."""
    for tool in re.findall(r"^\s*(buf|grpcurl|jq)\b", command, re.MULTILINE):
        if shutil.which(tool, path=f"{TOOLS}{os.pathsep}{os.environ['PATH']}") is None:
            pytest.skip(f"{tool} is not installed")
    script = command.replace("localhost:50051", f"localhost:{server.port}")
    assert script != command
    output = await run(["bash", "-euo", "pipefail", "-c", script])
    if "DENSE_BYTES" in command:
        rows = [[float(weight) for weight in line.split()] for line in output.splitlines()]
        assert rows
        assert all(sum(row) == pytest.approx(1) for row in rows)
    elif "a paragraph" in command:
        assert output == PARAGRAPH
    elif "/Translate" in command:
        assert '"result"' in output
    else:
        assert "Translat" in output or "SERVING" in output


async def test_the_node_program_translates(server: Server) -> None:
    """The program prints each token with the source token that it copies, then the translation."""
    if shutil.which("node") is None or not (NODE / "node_modules").exists():
        pytest.skip("needs Node and `npm install --prefix docs/clients/node`")
    command = ["node", str(NODE / "translate.js"), TEXT, f"localhost:{server.port}"]
    *tokens, translation = (await run(command)).splitlines()
    assert translation == TEXT
    rows = [line.split("\t") for line in tokens]
    assert "".join(written for written, _, _ in rows) == TEXT
    assert {weight for _, _, weight in rows} == {"1.00"}
    for character in set(TEXT) - {" "}:
        assert any(character in source for _, source, _ in rows)
