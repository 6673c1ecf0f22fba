"""Generate sentence pairs with numbers: prices, times, dates, ages, counted things, ordinals.

Number words are those of num2words, dates those of babel (CLDR). Korean has two systems of numbers:
Sino-Korean ones for money, minutes, dates and floors; native ones for hours, ages and counters.
"""

import datetime
import re
from collections.abc import Callable, Mapping
from random import Random
from typing import Final

from babel.dates import format_date, format_skeleton
from num2words import num2words

from jumok.evaluation.scoring.sentence_pair import SentencePair
from jumok.training.embedded.hangul import final

Slot = Callable[[Random], tuple[str, str]]
"""Draws a value; returns it in the source language and in English."""

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
_KOREAN_COUNTED: Final = (
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
_KOREAN_BEINGS: Final = (
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
_GERMAN_COUNTED: Final = (
    ("Brötchen", "roll"),
    ("Äpfel", "apple"),
    ("Eier", "egg"),
    ("Tassen Kaffee", "cup of coffee"),
    ("Flaschen Wasser", "bottle of water"),
    ("Stück Kuchen", "piece of cake"),
    ("Karten", "ticket"),
    ("Briefmarken", "stamp"),
    ("Gramm Käse", "gram of cheese"),
)
_DURATIONS: Final = (
    ("시간", "hour"),
    ("달", "month"),
    ("년", "year"),
    ("분", "minute"),
    ("주", "week"),
)
_PLURALS: Final = {"child": "children", "fish": "fish"}
_DIGITS_WITH_FINAL: Final = {"1": "ㄹ", "7": "ㄹ", "8": "ㄹ", "0": "ㅇ", "3": "ㅁ", "6": "ㄱ"}


def number_pairs(source_language: str, count: int, seed: int = 0) -> list[SentencePair]:
    """Generate different pairs to English, reproducibly.

    Args:
        source_language: "ko" or "de".
        count: number of pairs; fewer if there are not so many.
        seed: seed of the random generator.

    Raises:
        ValueError: there are no patterns for the language.
    """
    if source_language not in _PATTERNS:
        raise ValueError(
            f"number sentences are generated for {', '.join(_PATTERNS)}, not {source_language}"
        )
    patterns, slots = _PATTERNS[source_language]
    generator = Random(seed)
    found: dict[tuple[str, str], None] = {}
    for _ in range(20 * count):
        if len(found) == count:
            break
        source, target = generator.choice(patterns)
        for name, draw in slots.items():
            if "{" + name + "}" in source:
                value, english = draw(generator)
                source = source.replace("{" + name + "}", value)
                target = target.replace("{" + name + "}", english)
        source, target = _agreeing(source), target.replace("..", ".")
        if generator.random() < 0.15:
            source, target = (re.sub(r"(?<!\.m)[.?!]$", "", text) for text in (source, target))
        found[source[:1].upper() + source[1:], target[:1].upper() + target[1:]] = None
    return [SentencePair(*pair) for pair in found]


def native(number: int, before_noun: bool = False) -> str:
    """Write a number from 1 to 99 in native Korean, as it stands before a counter or alone."""
    tens, units = divmod(number, 10)
    if not before_noun:
        return _TENS[tens] + _UNITS[units]
    if units:
        return _TENS[tens] + _BEFORE_NOUN.get(_UNITS[units], _UNITS[units])
    return _BEFORE_NOUN.get(_TENS[tens], _TENS[tens])


def _agreeing(text: str) -> str:
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


def _english(number: int) -> str:
    return str(num2words(number)) if number <= 10 else f"{number:,}"


def _plural(number: int, noun: str) -> str:
    if number == 1:
        return noun
    head, of, rest = noun.partition(" of ")
    if not of and noun in _PLURALS:
        return _PLURALS[noun]
    return f"{head}s{of}{rest}"


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


def _korean_clock(generator: Random) -> tuple[str, str]:
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


def _date(language: str) -> Slot:
    def draw(generator: Random) -> tuple[str, str]:
        day = datetime.date(generator.randint(1950, 2030), 1, 1)
        day += datetime.timedelta(days=generator.randrange(365))
        kind = generator.randrange(3)
        if kind == 0:
            return format_date(day, "long", language), format_date(day, "long", "en_US")
        if kind == 1 and language == "ko":
            month = {6: "유", 10: "시"}.get(day.month) or _sino(day.month)
            written = f"{month}월 {_sino(day.day)} 일"
            return written, format_skeleton("MMMMd", day, locale="en_US")
        return (
            format_skeleton("MMMMd", day, locale=language),
            format_skeleton("MMMMd", day, locale="en_US"),
        )

    return draw


def _korean_age(generator: Random) -> tuple[str, str]:
    age = generator.randint(1, 89)
    written = f"{age}살" if generator.random() < 0.4 else f"{native(age, before_noun=True)} 살"
    return written, f"{_english(age)} {_plural(age, 'year')} old"


def _korean_counted(nouns: tuple[tuple[str, str, str], ...], least: int = 1) -> Slot:
    def draw(generator: Random) -> tuple[str, str]:
        noun, counter, english = generator.choice(nouns)
        number = generator.choice((*range(least, 11), generator.randint(11, 30)))
        if counter == "인분":
            written = f"{number}인분"
        elif generator.random() < 0.3:
            written = f"{number}{counter}"
        else:
            written = f"{native(number, before_noun=True)} {counter}"
        return f"{noun} {written}", f"{_english(number)} {_plural(number, english)}"

    return draw


def _korean_ordinal(generator: Random) -> tuple[str, str]:
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


def _korean_duration(generator: Random) -> tuple[str, str]:
    number = generator.randint(1, 24)
    counter, english = generator.choice(_DURATIONS)
    if counter in ("시간", "달"):
        number = generator.randint(1, 12)
        written = f"{native(number, before_noun=True)} {counter}"
    else:
        written = f"{number}{counter}" if generator.random() < 0.6 else f"{_sino(number)} {counter}"
    return written, f"{_english(number)} {_plural(number, english)}"


def _digits(pattern: str) -> Slot:
    def draw(generator: Random) -> tuple[str, str]:
        text = "".join(generator.choice("0123456789") if mark == "#" else mark for mark in pattern)
        return text, text

    return draw


def _bus(generator: Random) -> tuple[str, str]:
    number = generator.choice((generator.randint(1, 99), generator.randint(100, 9999)))
    return str(number), str(number)


def _euros(generator: Random) -> tuple[str, str]:
    euros, cents = generator.randint(1, 200), generator.choice((0, 0, 50, 90, 99, 20))
    if not cents:
        word = str(num2words(euros, lang="de")) if euros > 1 else "ein"
        written = generator.choice((str(euros), word))
        return f"{written} Euro", f"{_english(euros)} {_plural(euros, 'euro')}"
    if generator.random() < 0.3:
        return f"{euros} Euro {cents}", f"{euros}.{cents:02} euros"
    return f"{euros},{cents:02} {generator.choice(('Euro', '€'))}", f"{euros}.{cents:02} euros"


def _german_clock(generator: Random) -> tuple[str, str]:
    hour = generator.randint(1, 12)
    after = hour % 12 + 1
    word = "eins" if hour == 1 else str(num2words(hour, lang="de"))
    following = "eins" if after == 1 else str(num2words(after, lang="de"))
    late = generator.randint(13, 23)
    minute = generator.choice((5, 10, 15, 20, 30, 45, 50))
    return generator.choice(
        (
            (f"{'ein' if hour == 1 else word} Uhr", f"{hour} o'clock"),
            (f"{hour} Uhr", f"{hour} o'clock"),
            (f"halb {following}", f"half past {num2words(hour)}"),
            (f"halb {following}", f"{hour}:30"),
            (f"Viertel nach {word}", f"a quarter past {num2words(hour)}"),
            (f"Viertel vor {following}", f"a quarter to {num2words(after)}"),
            (f"zehn vor {following}", f"ten to {num2words(after)}"),
            (f"fünf nach {word}", f"five past {num2words(hour)}"),
            (f"{late}:{minute:02} Uhr", f"{late - 12}:{minute:02} p.m."),
            (f"{hour}.{minute:02} Uhr", f"{hour}:{minute:02}"),
        )
    )


def _german_number(low: int, high: int) -> Slot:
    def draw(generator: Random) -> tuple[str, str]:
        number = generator.randint(low, high)
        word = str(num2words(number, lang="de"))
        return (str(number) if generator.random() < 0.5 else word), _english(number)

    return draw


def _german_counted(generator: Random) -> tuple[str, str]:
    noun, english = generator.choice(_GERMAN_COUNTED)
    number = generator.choice((*range(2, 13), generator.randint(13, 40)))
    if "Gramm" in noun:
        number = 50 * generator.randint(1, 12)
    written = str(number) if generator.random() < 0.4 else str(num2words(number, lang="de"))
    return f"{written} {noun}", f"{_english(number)} {_plural(number, english)}"


def _german_ordinal(generator: Random) -> tuple[str, str]:
    number = generator.randint(1, 19)
    return str(num2words(number, lang="de", to="ordinal")), str(num2words(number, to="ordinal"))


def _german_year(generator: Random) -> tuple[str, str]:
    year = generator.randint(1800, 2030)
    word = str(num2words(year, lang="de", to="year"))
    return (word if generator.random() < 0.3 else str(year)), str(year)


_KOREAN: Final = (
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
_GERMAN: Final = (
    ("Das kostet {euros}.", "That costs {euros}."),
    ("Das macht {euros}.", "That's {euros}."),
    ("Ich habe {euros} bezahlt.", "I paid {euros}."),
    ("Die Miete beträgt {rent} Euro im Monat.", "The rent is {rent} euros a month."),
    ("Kannst du mir {euros} leihen?", "Can you lend me {euros}?"),
    ("Es ist {clock}.", "It's {clock}."),
    ("Wir treffen uns um {clock}.", "We're meeting at {clock}."),
    ("Der Zug fährt um {clock} ab.", "The train leaves at {clock}."),
    ("Ich stehe um {clock} auf.", "I get up at {clock}."),
    ("Der Laden schließt um {clock}.", "The store closes at {clock}."),
    ("Komm bitte um {clock}.", "Please come at {clock}."),
    ("Heute ist der {date}.", "Today is {date}."),
    ("Mein Geburtstag ist am {date}.", "My birthday is on {date}."),
    ("Der Termin ist am {date}.", "The appointment is on {date}."),
    ("Ich bin {age} Jahre alt.", "I'm {age} years old."),
    ("Meine Tochter ist {young}.", "My daughter is {young}."),
    ("Er wird nächste Woche {age}.", "He's turning {age} next week."),
    ("{counted}, bitte.", "{counted}, please."),
    ("Ich hätte gern {counted}.", "I'd like {counted}."),
    ("Wir brauchen noch {counted}.", "We still need {counted}."),
    ("Wir wohnen im {ordinal}n Stock.", "We live on the {ordinal} floor."),
    ("Das ist schon das {ordinal} Mal.", "This is already the {ordinal} time."),
    ("Nehmen Sie die {ordinal} Straße links.", "Take the {ordinal} street on the left."),
    ("Ich bin {year} geboren.", "I was born in {year}."),
    ("Das Haus wurde {year} gebaut.", "The house was built in {year}."),
    ("Meine Nummer ist {phone}.", "My number is {phone}."),
    ("Der Bus {bus} fährt zum Bahnhof.", "Bus {bus} goes to the train station."),
    ("Es dauert {age} Minuten.", "It takes {age} minutes."),
    ("Wir haben {young} Grad.", "It's {young} degrees."),
)
_PATTERNS: Final[Mapping[str, tuple[tuple[tuple[str, str], ...], Mapping[str, Slot]]]] = {
    "ko": (
        _KOREAN,
        {
            "won": _won,
            "clock": _korean_clock,
            "date": _date("ko"),
            "age": _korean_age,
            "counted": _korean_counted(_KOREAN_COUNTED),
            "beings": _korean_counted(_KOREAN_BEINGS, least=2),
            "ordinal": _korean_ordinal,
            "floor": _floor,
            "duration": _korean_duration,
            "phone": _digits("010-####-####"),
            "bus": _bus,
        },
    ),
    "de": (
        _GERMAN,
        {
            "euros": _euros,
            "rent": _german_number(300, 1900),
            "clock": _german_clock,
            "date": _date("de"),
            "age": _german_number(2, 99),
            "young": _german_number(2, 38),
            "counted": _german_counted,
            "ordinal": _german_ordinal,
            "year": _german_year,
            "phone": _digits("017# #######"),
            "bus": _bus,
        },
    ),
}
