"""Removal of markup from both sides."""

import pytest

from jumok.training.data.markup import Markup, strip, without_markup


@pytest.mark.parametrize(
    ("text", "prose", "code"),
    [
        ("plain, 3 < 4 * 5 * 6", "plain, 3 < 4 * 5 * 6", []),
        (r"*idstring*\이 주어지면", "idstring이 주어지면", []),
        (r"``None``\ 을 **반드시** 반환", "None을 반드시 반환", ["None"]),
        (r"``'\n'`` stays", r"'\n' stays", [r"'\n'"]),
        (":class:`~email.charset.Charset`\\를", "Charset를", ["Charset"]),
        (
            ":c:func:`PyList_GetItem` and :keyword:`!with`",
            "PyList_GetItem and with",
            ["PyList_GetItem", "with"],
        ),
        (":ref:`감사 이벤트 <auditing>` 발생", "감사 이벤트 발생", []),
        (":attr:`the mode <os.mode>` of", "the mode of", ["the mode"]),
        ("see :ref:`auditing`", "see auditing", ["auditing"]),
        (
            ":term:`iterable`, :pep:`8`, :issue:`35800`",
            "iterable, PEP 8, bpo-35800",
            ["PEP 8", "bpo-35800"],
        ),
        ("`Sphinx`_ and `a recipe <https://example.org/>`_.", "Sphinx and a recipe.", []),
        ("as follows::", "as follows:", []),
        ("as follows ::", "as follows", []),
        ("twice  spaced [1]_ |version|", "twice spaced version", []),
        ("f(*args, **kwargs)", "f(*args, **kwargs)", []),
        ("3600\\*24 seconds", "3600*24 seconds", []),
    ],
)
def test_rest(text: str, prose: str, code: list[str]) -> None:
    """Markup of reStructuredText is removed as in the text that Sphinx shows."""
    assert strip(text, "rest") == (prose, code)


@pytest.mark.parametrize(
    ("text", "prose", "code"),
    [
        ("plain_text, 3 * 4 * 5 < 6", "plain_text, 3 * 4 * 5 < 6", []),
        ("## Heading {/*heading-id*/}", "Heading", []),
        ("* an item", "an item", []),
        ("1. an item", "an item", []),
        ("description: What is new", "What is new", []),
        ("title: 'What: new'", "What: new", []),
        ("[`use`](/reference/use)와 [이것](<https://a.org/b_(c)>)", "use와 이것", ["use"]),
        ("![picture](a.png) of it", "picture of it", []),
        ("해시<sup>Hash</sup>가 <b>추가</b>", "해시가 추가", []),
        ("<CodeStep step={2}>태그 `<script>`</CodeStep>", "태그 <script>", ["<script>"]),
        ("at <https://example.org> 에", "at https://example.org 에", []),
        ("**When *not* `x`**, _so_ ~~no~~", "When not x, so no", ["x"]),
        ("`` a`b `` and \\*", "a`b and *", ["a`b"]),
        ("&lt;blink&gt; &amp; co", "<blink> & co", []),
        ("**optional** `a_b_c` and __init__ here", "optional a_b_c and init here", ["a_b_c"]),
    ],
)
def test_markdown(text: str, prose: str, code: list[str]) -> None:
    """Markdown with HTML becomes prose; glosses in superscript are removed."""
    assert strip(text, "markdown") == (prose, code)


@pytest.mark.parametrize(
    ("text", "prose"),
    [
        ("{ -brand-name-firefox }를 받기", "Firefox를 받기"),
        ("{ -brand-name-mozilla-vpn } on { -brand-name-mac-short }", "Mozilla VPN on Mac"),
        ('<a href="{ $url }">All</a> <strong>{ -brand-name-ios }</strong>', "All iOS"),
        ("<a { $attrs }>구독</a>할 수", "구독할 수"),
        ("from { $amount } a month", ""),
        ("&lt;blink&gt;", "<blink>"),
    ],
)
def test_fluent(text: str, prose: str) -> None:
    """Fluent's terms become words; texts with placeholders are removed."""
    assert strip(text, "fluent") == (prose, [])


@pytest.mark.parametrize(
    ("source", "target", "markup", "stripped"),
    [
        (
            "`x`를 읽고 돌려줍니다",
            "reads and returns `x`",
            "markdown",
            ("x를 읽고 돌려줍니다", "reads and returns x"),
        ),
        ("`x`를 읽고 돌려줍니다", "reads and returns `y`", "markdown", None),
        ("`x`와 `x`를 읽고 돌려줍니다", "reads and returns `x`", "markdown", None),
        (
            "``b`` 다음에 ``a`` 계산하기",
            "evaluates ``a`` after ``b``",
            "rest",
            ("b 다음에 a 계산하기", "evaluates a after b"),
        ),
        ("`PyList_GetItem` 사용", "use of `PyList_GetItem`", "markdown", None),
        ("값은 { $amount }", "It costs { $amount }", "fluent", None),
        ("`x 를 읽기", "reads all of x", "markdown", None),
        ("42", "42", "rest", None),
    ],
)
def test_pairs(source: str, target: str, markup: Markup, stripped: tuple[str, str] | None) -> None:
    """Pairs are removed if the sides differ in code, are mostly code, or still have markup."""
    assert without_markup(source, target, markup) == stripped


def test_private_characters() -> None:
    """Private-use characters of a text, which stand for code internally, are preserved."""
    assert strip("\uf8ff `x` y", "markdown") == ("\uf8ff x y", ["x"])
