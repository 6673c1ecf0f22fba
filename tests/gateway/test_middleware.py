"""Headers of all responses, and limits of all requests."""

from collections.abc import AsyncIterator

import httpx
import pytest

from jumok.gateway.application import Settings

ORIGIN = "https://example.org"


@pytest.mark.parametrize("path", ["/", "/v1/models", "/languages", "/openapi.json", "/none"])
async def test_security_headers(path: str, http: httpx.AsyncClient) -> None:
    """Every response forbids what the page does not need; nothing is loaded from elsewhere."""
    response = await http.get(path)

    policy = dict(
        directive.split(" ", 1)
        for directive in response.headers["content-security-policy"].split("; ")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["x-request-id"]


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
async def test_no_pages_that_load_from_elsewhere(path: str, http: httpx.AsyncClient) -> None:
    """FastAPI's documentation pages, which load scripts of a third party, are off."""
    assert (await http.get(path)).status_code == 404


async def test_other_origins_are_not_allowed(http: httpx.AsyncClient) -> None:
    """By default, pages of other origins cannot read responses."""
    response = await http.get("/v1/models", headers={"Origin": ORIGIN})

    assert "access-control-allow-origin" not in response.headers


class TestWithSettings:
    """With an origin that is allowed, and small bodies."""

    @pytest.fixture
    def settings(self) -> Settings:
        return Settings(cors_origins=(ORIGIN,), most_body_bytes=100)

    async def test_allowed_origin(self, http: httpx.AsyncClient) -> None:
        """An allowed origin may send JSON with an API key, and see when to try again."""
        asked = {
            "Origin": ORIGIN,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
        }

        allowed = await http.options("/v1/translate", headers=asked)
        response = await http.get("/v1/models", headers={"Origin": ORIGIN})

        assert allowed.status_code == 200
        assert response.headers["access-control-allow-origin"] == ORIGIN
        assert "Retry-After" in response.headers["access-control-expose-headers"]

    async def test_other_origin(self, http: httpx.AsyncClient) -> None:
        """No other origin is allowed."""
        response = await http.get("/v1/models", headers={"Origin": "https://example.com"})

        assert "access-control-allow-origin" not in response.headers

    @pytest.mark.parametrize("path", ["/v1/translate", "/translate", "/translate_file"])
    @pytest.mark.parametrize("announced", [True, False])
    async def test_large_body(self, path: str, announced: bool, http: httpx.AsyncClient) -> None:
        """A body over the limit is refused, whether its size is announced or not."""

        async def chunks() -> AsyncIterator[bytes]:
            yield b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\n'
            for _ in range(20):
                yield b"a" * 20

        content = b"a" * 101 if announced else chunks()
        kind = "multipart/form-data; boundary=x" if "file" in path else "application/json"

        response = await http.post(path, content=content, headers={"Content-Type": kind})

        assert response.status_code == 413
        assert "100 bytes" in response.text
