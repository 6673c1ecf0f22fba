"""Korean sentences with numbers.

Korean has two systems of numbers: Sino-Korean ones for money, minutes, dates and floors; native
ones for hours, ages and counters.
"""

import datetime
import re
from collections.abc import Mapping
from random import Random
from typing import Final

from num2words import num2words

from jumok.training.data.number_slots import (
    Pattern,
    Slot,
    date_slot,
    digits_slot,
    english_number,
    plural,
    sign,
)
from jumok.training.embedded.hangul import final

_PARTS_OF_DAY: Final = {
    "오전 ": (" a.m.", range(1, 12)),
    "오후 ": (" p.m.", range(1, 12)),
    "아침 ": (" in the morning", range(6, 12)),
    "저녁 ": (" in the evening", range(5, 10)),
    "밤 ": (" at night", range(9, 12)),
}
_TENS: Final = ("", "열", "스물", "서른", "마흔", "쉰", "예순", "일흔", "여든", "아흔")
_UNITS: Final = ("", "하나", "둘", "셋", "넷", "다섯", "여섯", "일곱", "여덟", "아홉")
_BEFORE_NOUN: Final = {"하나": "한", "둘": "두", "셋": "세", "넷": "네", "스물": "스무"}
_COUNTED: Final = (
    ("사과", "개", "apple"),
    ("달걀", "개", "egg"),
    ("의자", "개", "chair"),
    ("가방", "개", "bag"),
    ("커피", "잔", "cup of coffee"),
    ("녹차", "잔", "cup of green tea"),
    ("물", "병", "bottle of water"),
    ("맥주", "병", "bottle of beer"),
    ("책", "권", "book"),
    ("공책", "권", "notebook"),
    ("표", "장", "ticket"),
    ("사진", "장", "photo"),
    ("종이", "장", "sheet of paper"),
    ("생선", "마리", "fish"),
    ("자동차", "대", "car"),
    ("자전거", "대", "bicycle"),
    ("컴퓨터", "대", "computer"),
    ("양말", "켤레", "pair of socks"),
    ("운동화", "켤레", "pair of sneakers"),
    ("장미", "송이", "rose"),
    ("나무", "그루", "tree"),
    ("집", "채", "house"),
    ("연필", "자루", "pencil"),
    ("피자", "조각", "slice of pizza"),
    ("국수", "그릇", "bowl of noodles"),
    ("삼겹살", "인분", "serving of pork belly"),
)
_BEINGS: Final = (
    ("고양이", "마리", "cat"),
    ("강아지", "마리", "puppy"),
    ("새", "마리", "bird"),
    ("소", "마리", "cow"),
    ("학생", "명", "student"),
    ("친구", "명", "friend"),
    ("아이", "명", "child"),
    ("손님", "명", "guest"),
    ("직원", "명", "employee"),
)
_DURATIONS: Final = (
    ("시간", "hour"),
    ("달", "month"),
    ("년", "year"),
    ("분", "minute"),
    ("주", "week"),
)
_DIGITS_WITH_FINAL: Final = {"1": "ㄹ", "7": "ㄹ", "8": "ㄹ", "0": "ㅇ", "3": "ㅁ", "6": "ㄱ"}


def native(number: int, before_noun: bool = False) -> str:
    """Write a number from 1 to 99 in native Korean, as it stands before a counter or alone."""
    tens, units = divmod(number, 10)
    if not before_noun:
        return _TENS[tens] + _UNITS[units]
    if units:
        return _TENS[tens] + _BEFORE_NOUN.get(_UNITS[units], _UNITS[units])
    return _BEFORE_NOUN.get(_TENS[tens], _TENS[tens])


def with_particles(text: str) -> str:
    """Choose the forms of Korean particles that are written as (이)에요, (이/가) and (으)로."""

    def chosen(match: re.Match[str]) -> str:
        before, particle = match.groups()
        consonant = _DIGITS_WITH_FINAL.get(before, "") if before.isdigit() else final(before)
        forms = {
            "(이)에요": ("이에요", "예요"),
            "(이/가)": ("이", "가"),
            "(으)로": ("으로" if consonant != "ㄹ" else "로", "로"),
        }
        return before + forms[particle][not consonant]

    return re.sub(r"(.)(\(이\)에요|\(이/가\)|\(으\)로)", chosen, text)


def _sino(number: int) -> str:
    return str(num2words(number, lang="ko"))


def _won(generator: Random) -> tuple[str, str]:
    unit = generator.choice((100, 500, 1000, 1000, 5000, 10_000, 10_000, 50_000, 100_000))
    amount = unit * generator.randint(1, 30 if unit < 50_000 else 20)
    thousands = f"{amount // 10_000:,}만" if amount >= 10_000 else ""
    if amount % 10_000:
        rest = amount % 10_000
        thousands += f" {rest // 1000}천" if rest % 1000 == 0 else f" {rest:,}"
    written = generator.choice((f"{amount:,}", str(amount), _sino(amount), thousands.strip()))
    space = " " if written[-1] not in "0123456789" and generator.random() < 0.7 else ""
    return f"{written}{space}원", f"{amount:,} won"


def _clock(generator: Random) -> tuple[str, str]:
    hour = generator.randint(1, 12)
    minute = generator.choice((0, 0, 0, 30, 30, 5, 10, 15, 20, 40, 50))
    part = generator.choice(("", "", *_PARTS_OF_DAY))
    if part and hour not in _PARTS_OF_DAY[part][1]:
        part = ""
    written = f"{hour}시" if generator.random() < 0.4 else f"{native(hour, before_noun=True)} 시"
    english = str(hour) if not minute else f"{hour}:{minute:02}"
    if minute == 30 and generator.random() < 0.6:
        written += " 반"
    elif minute:
        written += f" {minute}분" if "0" < written[0] <= "9" else f" {_sino(minute)} 분"
    suffix = _PARTS_OF_DAY[part][0] if part else ""
    if not minute and not suffix.endswith("m.") and generator.random() < 0.5:
        english += " o'clock"
    return part + written, english + suffix


def _age(generator: Random) -> tuple[str, str]:
    age = generator.randint(1, 89)
    written = f"{age}살" if generator.random() < 0.4 else f"{native(age, before_noun=True)} 살"
    return written, f"{english_number(age)} {plural(age, 'year')} old"


def _counted(nouns: tuple[tuple[str, str, str], ...], least: int = 1) -> Slot:
    def draw(generator: Random) -> tuple[str, str]:
        noun, counter, english = generator.choice(nouns)
        number = generator.choice((*range(least, 11), generator.randint(11, 30)))
        if counter == "인분":
            written = f"{number}인분"
        elif generator.random() < 0.3:
            written = f"{number}{counter}"
        else:
            written = f"{native(number, before_noun=True)} {counter}"
        return f"{noun} {written}", f"{english_number(number)} {plural(number, english)}"

    return draw


def _ordinal(generator: Random) -> tuple[str, str]:
    number = generator.randint(1, 20)
    written = "첫" if number == 1 else native(number, before_noun=True)
    if number > 1 and generator.random() < 0.3:
        written = str(number)
    return f"{written} 번째", str(num2words(number, to="ordinal"))


def _floor(generator: Random) -> tuple[str, str]:
    number = generator.randint(1, 30)
    ordinal = num2words(number, to="ordinal" if number <= 10 else "ordinal_num")
    written = f"{number}층" if generator.random() < 0.6 else f"{_sino(number)} 층"
    return written, f"{ordinal} floor"


def _duration(generator: Random) -> tuple[str, str]:
    number = generator.randint(1, 24)
    counter, english = generator.choice(_DURATIONS)
    if counter in ("시간", "달"):
        number = generator.randint(1, 12)
        written = f"{native(number, before_noun=True)} {counter}"
    else:
        written = f"{number}{counter}" if generator.random() < 0.6 else f"{_sino(number)} {counter}"
    return written, f"{english_number(number)} {plural(number, english)}"


def _month_and_day(day: datetime.date) -> str:
    month = {6: "유", 10: "시"}.get(day.month) or _sino(day.month)
    return f"{month}월 {_sino(day.day)} 일"


PATTERNS: Final[tuple[Pattern, ...]] = (
    ("{won}(이)에요.", "It's {won}."),
    ("전부 {won}입니다.", "That's {won} in total."),
    ("가격은 {won}입니다.", "The price is {won}."),
    ("이거 {won} 주고 샀어.", "I paid {won} for this."),
    ("월세가 한 달에 {won}(이)에요.", "The rent is {won} a month."),
    ("한 개에 {won}(이)에요.", "They're {won} each."),
    ("{won}만 빌려줘.", "Lend me just {won}."),
    ("{won}을 잃어버렸다.", "I lost {won}."),
    ("{won}밖에 없어요.", "I only have {won}."),
    ("지금 {clock}(이)에요.", "It's {clock} now."),
    ("{clock}에 만나요.", "Let's meet at {clock}."),
    ("회의는 {clock}에 시작합니다.", "The meeting starts at {clock}."),
    ("저는 보통 {clock}에 일어나요.", "I usually get up at {clock}."),
    ("기차가 {clock}에 떠나요.", "The train leaves at {clock}."),
    ("{clock}까지 오세요.", "Please come by {clock}."),
    ("가게는 {clock}에 문을 닫는다.", "The store closes at {clock}."),
    ("{clock}에 뭐 해?", "What are you doing at {clock}?"),
    ("오늘은 {date}입니다.", "Today is {date}."),
    ("제 생일은 {date}(이)에요.", "My birthday is {date}."),
    ("시험은 {date}에 있어요.", "The exam is on {date}."),
    ("{date}에 태어났어요.", "I was born on {date}."),
    ("{date}부터 시작합니다.", "It starts on {date}."),
    ("저는 {age}(이)에요.", "I'm {age}."),
    ("우리 딸은 {age}(이)에요.", "Our daughter is {age}."),
    ("할아버지는 올해 {age}이시다.", "My grandfather is {age} this year."),
    ("그 아이는 {age}입니다.", "The child is {age}."),
    ("{counted} 주세요.", "{counted}, please."),
    ("{beings}(이/가) 있어요.", "There are {beings}."),
    ("우리 집에는 {beings}(이/가) 있다.", "We have {beings} at home."),
    ("{beings}(이/가) 왔어요.", "{beings} came."),
    ("{counted} 샀어.", "I bought {counted}."),
    ("{counted} 더 필요해요.", "I need {counted} more."),
    ("{beings}밖에 없다.", "There are only {beings}."),
    ("이번이 {ordinal}(이)에요.", "This is the {ordinal} time."),
    ("{ordinal} 줄에 앉으세요.", "Please sit in the {ordinal} row."),
    ("{ordinal} 문제가 어려웠다.", "The {ordinal} question was difficult."),
    ("저는 {ordinal} 아들이에요.", "I'm the {ordinal} son."),
    ("사무실은 {floor}에 있습니다.", "The office is on the {floor}."),
    ("{floor}에서 내리세요.", "Get off on the {floor}."),
    ("우리 집은 {floor}(이)에요.", "Our apartment is on the {floor}."),
    ("{duration} 걸려요.", "It takes {duration}."),
    ("{duration} 동안 기다렸어요.", "I waited for {duration}."),
    ("한국에 온 지 {duration} 됐어요.", "It's been {duration} since I came to Korea."),
    ("{duration} 전에 끝났어.", "It ended {duration} ago."),
    ("제 전화번호는 {phone}(이)에요.", "My phone number is {phone}."),
    ("{phone}(으)로 전화하세요.", "Call {phone}."),
    ("{bus}번 버스를 타세요.", "Take bus number {bus}."),
    ("{bus}번 방입니다.", "It's room {bus}."),
)
SLOTS: Final[Mapping[str, Slot]] = {
    "won": _won,
    "clock": _clock,
    "date": date_slot("ko", _month_and_day),
    "age": _age,
    "counted": _counted(_COUNTED),
    "beings": _counted(_BEINGS, least=2),
    "ordinal": _ordinal,
    "floor": _floor,
    "duration": _duration,
    "phone": digits_slot("010-####-####"),
    "bus": sign,
}
