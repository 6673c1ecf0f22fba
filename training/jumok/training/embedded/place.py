"""Places: towns, rooms, buildings, and spots where things lie."""

from dataclasses import dataclass

from jumok.training.embedded.phrase import Idiom


@dataclass(frozen=True, slots=True)
class Place:
    """A place as the goal of going or arriving, as a location, and as the scene of an action.

    Korean distinguishes only the last; English arrives *at* a park, but is *in* a park.
    """

    korean: str
    goal: Idiom
    arrival: Idiom
    site: Idiom
    scene: Idiom


def _place(korean: str, to: str, at: str) -> Place:
    """Create a place; the Korean particle is 에서 for a scene, 에 for a goal or location."""

    def idiom(particle: str, english: str) -> Idiom:
        links = (word + ("?0" if word == "the" else "/0") for word in english.split())
        return Idiom(korean + particle, " ".join(links))

    towards = "at" + to.removeprefix("to") if at.split()[1] == "the" else at
    return Place(korean, idiom("에", to), idiom("에", towards), idiom("에", at), idiom("에서", at))


def _places(text: str) -> tuple[Place, ...]:
    """Parse `korean at english` lines."""
    places = []
    for line in text.strip().splitlines():
        korean, preposition, *english = line.split()
        name = " ".join(english)
        places.append(_place(korean, f"to {name}", f"{preposition} {name}"))
    return tuple(places)


TOWNS = _places("""
    서울 in Seoul
    부산 in Busan
    제주도 in Jeju
    한국 in Korea
    일본 in Japan
    중국 in China
    프랑스 in France
""")
_ROOMS = _places("""
    방 in the room
    교실 in the classroom
    부엌 in the kitchen
    정원 in the garden
""")
_BUILDINGS = _places("""
    도서관 in the library
    공원 in the park
    병원 in the hospital
    식당 in the restaurant
    시장 at the market
    은행 at the bank
    회사 at the office
    카페 in the cafe
    극장 at the theater
    박물관 in the museum
    역 at the station
    공항 at the airport
    서점 in the bookstore
    호텔 at the hotel
    해변 at the beach
    학교 at school
""")
_HOME = _place("집", "home", "at home")
_ALL = {place.korean: place for place in (*TOWNS, *_ROOMS, *_BUILDINGS, _HOME)}


def _named(words: str) -> tuple[Place, ...]:
    return tuple(_ALL[word] for word in words.split())


GOALS = (*_BUILDINGS, *_BUILDINGS, *TOWNS, _HOME, _HOME)
SITES = (*_BUILDINGS, *_ROOMS, *TOWNS[:4], _HOME, _HOME)
ARRIVALS = (*_BUILDINGS, *TOWNS)
# Places of each kind of activity.
SCENES = {
    "place": SITES,
    "town": TOWNS,
    "outside": _named("공원 정원 해변 학교 서울 부산 제주도 한국"),
    "inside": _named("도서관 회사 카페 학교 호텔 병원 방 교실 집 집"),
    "eatery": _named("식당 카페 집 부엌 공원 정원 회사 호텔 해변 학교 방 공항"),
    "kitchen": _named("부엌 집 식당 카페 호텔"),
    "shop": _named("시장 공항 호텔 서울 부산 일본 중국 프랑스"),
    "school": _named("학교 교실 도서관 집 서울 한국 프랑스"),
}
KITCHEN, GARDEN = _named("부엌 정원")
CHAMBERS = _named("방 교실 회사 집")


def _spots(text: str) -> tuple[Idiom, ...]:
    """Parse `noun english where...` lines."""
    spots = []
    for line in text.strip().splitlines():
        noun, english, *wheres = line.split()
        for where in wheres:
            words = f"{_PREPOSITIONS[where]}/1 the?01 {english}/0"
            spots.append(Idiom(f"{noun} {where}", words))
    return tuple(spots)


_PREPOSITIONS = {"위에": "on", "아래에": "under", "옆에": "beside", "뒤에": "behind", "안에": "in"}
SPOTS = _spots("""
    책상 desk 위에 위에 아래에 옆에
    의자 chair 위에 아래에 옆에 뒤에
    침대 bed 위에 아래에 옆에
    상자 box 안에 안에 위에 옆에 뒤에
    가방 bag 안에 안에 옆에
    창문 window 옆에
""")
OUTDOORS = _spots("""
    나무 tree 아래에 옆에 뒤에
    자동차 car 아래에 옆에 뒤에 위에
    문 door 옆에 뒤에
    상자 box 안에 위에
    의자 chair 위에 아래에
""")
