"""Protected text: what a translation copies unchanged."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jumok.text.protection import find_protected


def found(text: str) -> list[str]:
    return [text[slice(*span)] for span in find_protected(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Siehe https://example.org/a_(b)?x=1&y=2#z.", ["https://example.org/a_(b)?x=1&y=2#z"]),
        ("(siehe http://example.org/a)", ["http://example.org/a"]),
        ("https://example.org/help에서 확인하세요.", ["https://example.org/help"]),
        ("https://ko.wikipedia.org/wiki/한국어 참고", ["https://ko.wikipedia.org/wiki/한국어"]),
        ("Auf www.example.com, oder?", ["www.example.com"]),
        ("info@example.com으로 보내세요", ["info@example.com"]),
        (
            "{name}님, {{count}}개 ${HOME} %s %d %1$s %(x)s %@ $1",
            ["{name}", "{{count}}", "${HOME}", "%s", "%d", "%1$s", "%(x)s", "%@", "$1"],
        ),
        ("50% der Leute, 100 % sicher, $5.50 und $10", []),
        (
            "/usr/local/bin, ~/.bashrc, C:\\Users\\x, ./run.sh, bericht.pdf를",
            ["/usr/local/bin", "~/.bashrc", "C:\\Users\\x", "./run.sh", "bericht.pdf"],
        ),
        ("und/oder 1/2 km/h 24/7", []),
        ("`git push`를 실행", ["`git push`"]),
        ("<b>fett</b> &amp; a<b", ["<b>", "</b>", "&amp;"]),
        ("5 < 6 & 7 | © 2024", ["<", "&", "|", "©"]),
        (
            "010-1234-5678, 1588-0000, (030) 555-0100, +49 30 5550123",
            ["010-1234-5678", "1588-0000", "(030) 555-0100", "+49 30 5550123"],
        ),
        (
            "2024-05-03, v1.2.3, 192.168.0.1, ORD-2024-118, 1234567, 10115 Berlin, 7H2K90",
            ["2024-05-03", "v1.2.3", "192.168.0.1", "ORD-2024-118", "1234567", "10115", "7H2K90"],
        ),
        ("Es sind 1.000.000 Leute, 10 000 Euro, 24.12.2024", []),
        ("@tom #heute #1", ["@tom", "#heute"]),
        ("좋아요 😀👍🏽 👨‍👩‍👧 🇰🇷 1️⃣", ["😀👍🏽", "👨‍👩‍👧", "🇰🇷", "1️⃣"]),
        ("Ein \ue003 Zeichen", ["\ue003"]),
    ],
)
def test_found(text: str, expected: list[str]) -> None:
    """Addresses, placeholders and the like are found, without the text around them."""
    assert found(text) == expected


@given(st.text(alphabet="a1.-/@:{}%$<>&# \n가😀\ue000`", max_size=60))
def test_found_parts_are_apart(text: str) -> None:
    """What is found is in ascending order, without overlap, and not empty."""
    place = 0
    for start, end in find_protected(text):
        assert place <= start < end
        place = end


@pytest.mark.parametrize(
    "part", ["a", ".", "/a", "<a ", "@a", "{", "1-", "a@", "1 ", "A-", "😀", "www.", "a.b@c.", "%("]
)
def test_time_is_proportional_to_the_length(part: str) -> None:
    """Twice as much text takes about twice as long, whatever it consists of."""

    def seconds(text: str) -> float:
        start = time.process_time()
        find_protected(text)
        return time.process_time() - start

    short, long = part * 4000, part * 32_000
    find_protected(short)
    assert min(seconds(long) for _ in range(3)) < 40 * max(seconds(short), 0.001)
