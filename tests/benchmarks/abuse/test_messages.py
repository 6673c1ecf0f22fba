"""Damaged requests; `python -m benchmarks.abuse.messages` sends more of them."""

from benchmarks.abuse.messages import documented_statuses, in_process, requests


async def test_damaged_requests_get_documented_statuses() -> None:
    """However requests of any method are damaged, they get a status that the .proto lists."""
    found = await in_process(requests(2000, start=1))
    assert {status for _, status in found} <= documented_statuses()
    for method in ("Translate", "TranslateBatch", "Align", "Explain", "GetModel"):
        assert found[method, "OK"]
        assert found[method, "INVALID_ARGUMENT"]
