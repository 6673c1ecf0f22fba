"""Verb, adjective and copula endings."""

import pytest

from jumok.training.embedded.conjugation import (
    Closing,
    Stem,
    Tense,
    adnominal,
    closed,
    connective,
    copula,
    denial,
    proposal,
    prospective,
    request,
)

FORMS = [
    # stem, -아/어, -습니다, past -습니다, -(으)ㄹ, -(으)세요, -(으)ㅂ시다, -는, -(으)ㄴ
    (Stem("가"), "가 갑니다 갔습니다 갈 가세요 갑시다 가는 간"),
    (Stem("오"), "와 옵니다 왔습니다 올 오세요 옵시다 오는 온"),
    (Stem("보"), "봐 봅니다 봤습니다 볼 보세요 봅시다 보는 본"),
    (Stem("주"), "줘 줍니다 줬습니다 줄 주세요 줍시다 주는 준"),
    (Stem("되"), "돼 됩니다 됐습니다 될 되세요 됩시다 되는 된"),
    (Stem("쉬"), "쉬어 쉽니다 쉬었습니다 쉴 쉬세요 쉽시다 쉬는 쉰"),
    (Stem("먹"), "먹어 먹습니다 먹었습니다 먹을 먹으세요 먹읍시다 먹는 먹은"),
    (Stem("읽"), "읽어 읽습니다 읽었습니다 읽을 읽으세요 읽읍시다 읽는 읽은"),
    (Stem("받"), "받아 받습니다 받았습니다 받을 받으세요 받읍시다 받는 받은"),
    (Stem("닫"), "닫아 닫습니다 닫았습니다 닫을 닫으세요 닫읍시다 닫는 닫은"),
    (Stem("입"), "입어 입습니다 입었습니다 입을 입으세요 입읍시다 입는 입은"),
    (Stem("씻"), "씻어 씻습니다 씻었습니다 씻을 씻으세요 씻읍시다 씻는 씻은"),
    (Stem("마시"), "마셔 마십니다 마셨습니다 마실 마시세요 마십시다 마시는 마신"),
    (Stem("가르치"), "가르쳐 가르칩니다 가르쳤습니다 가르칠 가르치세요 가르칩시다 가르치는 가르친"),
    (Stem("배우"), "배워 배웁니다 배웠습니다 배울 배우세요 배웁시다 배우는 배운"),
    (Stem("춤추"), "춤춰 춤춥니다 춤췄습니다 춤출 춤추세요 춤춥시다 춤추는 춤춘"),
    (Stem("보내"), "보내 보냅니다 보냈습니다 보낼 보내세요 보냅시다 보내는 보낸"),
    (Stem("일하"), "일해 일합니다 일했습니다 일할 일하세요 일합시다 일하는 일한"),
    (Stem("만들"), "만들어 만듭니다 만들었습니다 만들 만드세요 만듭시다 만드는 만든"),
    (Stem("팔"), "팔아 팝니다 팔았습니다 팔 파세요 팝시다 파는 판"),
    (Stem("열"), "열어 엽니다 열었습니다 열 여세요 엽시다 여는 연"),
    (Stem("놀"), "놀아 놉니다 놀았습니다 놀 노세요 놉시다 노는 논"),
    (Stem("쓰"), "써 씁니다 썼습니다 쓸 쓰세요 씁시다 쓰는 쓴"),
    (Stem("듣", "ㄷ"), "들어 듣습니다 들었습니다 들을 들으세요 들읍시다 듣는 들은"),
    (Stem("걷", "ㄷ"), "걸어 걷습니다 걸었습니다 걸을 걸으세요 걸읍시다 걷는 걸은"),
    (Stem("돕", "ㅂ"), "도와 돕습니다 도왔습니다 도울 도우세요 도웁시다 돕는 도운"),
    (Stem("부르", "르"), "불러 부릅니다 불렀습니다 부를 부르세요 부릅시다 부르는 부른"),
    (Stem("고르", "르"), "골라 고릅니다 골랐습니다 고를 고르세요 고릅시다 고르는 고른"),
    (Stem("자르", "르"), "잘라 자릅니다 잘랐습니다 자를 자르세요 자릅시다 자르는 자른"),
]


@pytest.mark.parametrize(("stem", "forms"), FORMS, ids=[stem.text for stem, _ in FORMS])
def test_verb(stem: Stem, forms: str) -> None:
    """A verb takes each ending with its contractions, elisions and irregular changes."""
    assert [
        connective(stem),
        *closed(stem, Tense.PRESENT, Closing.FORMAL),
        *closed(stem, Tense.PAST, Closing.FORMAL),
        prospective(stem),
        request(stem),
        proposal(stem),
        adnominal(stem, Tense.PRESENT),
        adnominal(stem, Tense.PAST),
    ] == forms.split()


@pytest.mark.parametrize(
    ("text", "irregular", "forms"),
    [
        ("크", "", "크고 큰 큽니다 커요 컸어요 커서"),
        ("예쁘", "", "예쁘고 예쁜 예쁩니다 예뻐요 예뻤어요 예뻐서"),
        ("바쁘", "", "바쁘고 바쁜 바쁩니다 바빠요 바빴어요 바빠서"),
        ("작", "", "작고 작은 작습니다 작아요 작았어요 작아서"),
        ("길", "", "길고 긴 깁니다 길어요 길었어요 길어서"),
        ("젊", "", "젊고 젊은 젊습니다 젊어요 젊었어요 젊어서"),
        ("비싸", "", "비싸고 비싼 비쌉니다 비싸요 비쌌어요 비싸서"),
        ("느리", "", "느리고 느린 느립니다 느려요 느렸어요 느려서"),
        ("재미있", "", "재미있고 재미있는 재미있습니다 재미있어요 재미있었어요 재미있어서"),
        ("친절하", "", "친절하고 친절한 친절합니다 친절해요 친절했어요 친절해서"),
        ("덥", "ㅂ", "덥고 더운 덥습니다 더워요 더웠어요 더워서"),
        ("아름답", "ㅂ", "아름답고 아름다운 아름답습니다 아름다워요 아름다웠어요 아름다워서"),
        ("귀엽", "ㅂ", "귀엽고 귀여운 귀엽습니다 귀여워요 귀여웠어요 귀여워서"),
        ("빠르", "르", "빠르고 빠른 빠릅니다 빨라요 빨랐어요 빨라서"),
        ("빨갛", "ㅎ", "빨갛고 빨간 빨갛습니다 빨개요 빨갰어요 빨개서"),
        ("하얗", "ㅎ", "하얗고 하얀 하얗습니다 하얘요 하얬어요 하얘서"),
    ],
)
def test_adjective(text: str, irregular: str, forms: str) -> None:
    """An adjective takes each ending; before a noun it has endings of its own."""
    stem = Stem(text, irregular, descriptive=True)  # type: ignore[arg-type]
    assert [
        text + "고",
        adnominal(stem, Tense.PRESENT),
        *closed(stem, Tense.PRESENT, Closing.FORMAL),
        *closed(stem, Tense.PRESENT, Closing.POLITE),
        *closed(stem, Tense.PAST, Closing.POLITE),
        *closed(stem, Tense.PRESENT, Closing.SINCE),
    ] == forms.split()


@pytest.mark.parametrize(
    ("tense", "closing", "form"),
    [
        (Tense.FUTURE, Closing.FORMAL, "갈 것입니다"),
        (Tense.FUTURE, Closing.POLITE, "갈 거예요"),
        (Tense.FUTURE, Closing.FORMAL_QUESTION, "갈 것입니까?"),
        (Tense.PRESENT, Closing.FORMAL_QUESTION, "갑니까?"),
        (Tense.PRESENT, Closing.POLITE_QUESTION, "가요?"),
        (Tense.PAST, Closing.FORMAL_QUESTION, "갔습니까?"),
        (Tense.PAST, Closing.POLITE_QUESTION, "갔어요?"),
        (Tense.PRESENT, Closing.BECAUSE, "가기 때문에"),
        (Tense.PAST, Closing.BECAUSE, "갔기 때문에"),
    ],
)
def test_closing(tense: Tense, closing: Closing, form: str) -> None:
    """Endings depend on tense, style and position of the clause."""
    assert " ".join(closed(Stem("가"), tense, closing)) == form


@pytest.mark.parametrize(
    ("noun", "forms"),
    [
        ("학생", "학생입니다 학생이에요 학생이었습니다 학생이었어요 학생입니까? 학생이에요?"),
        ("의사", "의사입니다 의사예요 의사였습니다 의사였어요 의사입니까? 의사예요?"),
    ],
)
def test_copula(noun: str, forms: str) -> None:
    """The copula contracts after a vowel, except in the formal present."""
    assert [
        *copula(noun, Tense.PRESENT, Closing.FORMAL),
        *copula(noun, Tense.PRESENT, Closing.POLITE),
        *copula(noun, Tense.PAST, Closing.FORMAL),
        *copula(noun, Tense.PAST, Closing.POLITE),
        *copula(noun, Tense.PRESENT, Closing.FORMAL_QUESTION),
        *copula(noun, Tense.PRESENT, Closing.POLITE_QUESTION),
    ] == forms.split()


def test_denial() -> None:
    """The negative copula has its own polite form."""
    forms = [
        denial(tense, closing)
        for tense in (Tense.PRESENT, Tense.PAST)
        for closing in (Closing.FORMAL, Closing.POLITE)
    ]
    assert forms == ["아닙니다", "아니에요", "아니었습니다", "아니었어요"]
