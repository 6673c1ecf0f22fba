"""The commands and programs of docs/http.md, beside a running gateway."""

import asyncio
import json
import os
import re
import shutil
import sys
from pathlib import Path

import httpx
import pytest

from jumok.gateway.application import Settings
from tests.gateway.events import read_events

DOCUMENT = (Path(__file__).parents[2] / "docs/http.md").read_text("utf-8")
COMMANDS = [
    paragraph
    for block in re.findall(r"^```bash\n(.*?)^```$", DOCUMENT, re.DOTALL | re.MULTILINE)
    for paragraph in block.split("\n\n")
]
(PROGRAM,) = re.findall(r"^```python\n(.*?)^```$", DOCUMENT, re.DOTALL | re.MULTILINE)
(PAGE,) = re.findall(r"^```html\n(.*?)^```$", DOCUMENT, re.DOTALL | re.MULTILINE)
TEXT = "나는 학생입니다"


async def _output(*command: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *command,
        env=os.environ | {"no_proxy": "*"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, messages = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, messages.decode()
    return output.decode()


def test_the_document_has_commands() -> None:
    """All calls are shown."""
    for path in ("/v1/translate", "/v1/translate/batch", "/v1/align", "/v1/models", "/languages"):
        assert any(f"localhost:8080{path}" in command for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.splitlines()[0])
async def test_commands_run(command: str, gateway: str) -> None:
    """Each command is answered with what its title says."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    # the fake model translates Korean into Korean
    script = command.replace("http://localhost:8080", gateway)
    script = script.replace("target=en", "target=ko").replace('"target": "en"', '"target": "ko"')
    script = script.replace("curl ", "curl --fail-with-body --silent --show-error ")

    output = await _output("bash", "-euo", "pipefail", "-c", script)

    if "--no-buffer" in command:
        assert read_events(output)[-1][0] == "result"
        return
    answer = json.loads(output)
    if "/v1/translate/batch" in command:
        assert [item["failure"] is None for item in answer["items"]] == [True, False]
    elif "/v1/translate" in command:
        assert answer["result"]["hypotheses"][0]["text"] == TEXT
    elif "/v1/align" in command:
        assert answer["perplexity"] >= 1
    elif "/v1/explain" in command:
        assert answer["positions"]
    elif "/v1/models" in command:
        assert answer["models"]
    elif "/languages" in command:
        assert answer[0]["code"] == "ko"
    else:
        assert TEXT in re.sub("<.*?>", "", answer["translatedText"])


async def test_the_program_translates(gateway: str) -> None:
    """The program with LibreTranslate's own client prints the translation."""
    program = PROGRAM.replace("http://localhost:8080", gateway).replace('"en"', '"ko"')

    assert await _output(sys.executable, "-c", program) == f"{TEXT}\n"


class TestPage:
    """The page of another origin."""

    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(cors_origins=("http://example.org",))

    async def test_the_page_may_read_the_stream(self, http: httpx.AsyncClient) -> None:
        """The address that the page opens is a stream, which its origin may read."""
        (address,) = re.findall(r"EventSource\(`http://localhost:8080(.*?)`\)", PAGE)
        (text,) = re.findall(r'encodeURIComponent\("(.*?)"\)', PAGE)
        headers = {"Origin": "http://example.org", "Accept": "text/event-stream"}

        response = await http.get(address.replace("${text}", text), headers=headers)

        assert response.headers["access-control-allow-origin"] == "http://example.org"
        names = [name for name, _ in read_events(response.text)]
        for name in re.findall(r'addEventListener\("(\w+)"', PAGE):
            assert name in names
