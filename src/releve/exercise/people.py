"""The people of the simulated hospital, and how PID says who they are: homonyms, twins, newborns, unknown ones.

Source: IHE France PAM 2.11 (PID-3, 5, 11, 18, 21, 24, 31, 32); INS: 1.2.250.1.213.1.4.10 is the OID of test numbers.
"""

from random import Random
from typing import NamedTuple

from releve.exercise import names
from releve.exercise.segments import Authority, escaped, placed
from releve.exercise.tales import PersonTold

INS_TEST = "ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.10&ISO^INS"


class Allergy(NamedTuple):
    """One line of AL1, as somebody stated it."""

    category: str
    code: str
    label: str
    severity: str
    reaction: str


NONE_KNOWN = Allergy("MA", "716186003^Aucune allergie connue^SCT", "Aucune allergie connue", "", "")


def _allergies(*rows: str) -> tuple[Allergy, ...]:
    made = []
    for row in rows:
        category, code, label, severity, reaction = row.split(";")
        made.append(Allergy(category, f"{code}^{escaped(label)}^99ALL", label, severity, escaped(reaction)))
    return tuple(made)


ALLERGIES = _allergies(
    "DA;AL-PENI;Pénicillines;SV;Choc anaphylactique", "DA;AL-PENI;Pénicillines;MO;Urticaire",
    "DA;AL-AMOX;Amoxicilline;U;Éruption dans l'enfance", "DA;AL-IODE;Produits de contraste iodés;MO;Érythème",
    "DA;AL-AINS;Anti-inflammatoires non stéroïdiens;MO;Bronchospasme", "DA;AL-ASPI;Aspirine;SV;Œdème de Quincke",
    "DA;AL-CODE;Codéine;MI;Nausées", "DA;AL-SULF;Sulfamides;SV;Syndrome de Lyell", "DA;AL-MORP;Morphine;MI;Prurit",
    "FA;AL-ARAC;Arachide;SV;Choc anaphylactique", "FA;AL-LAIT;Protéines de lait de vache;MO;Diarrhée & eczéma",
    "FA;AL-CRUS;Crustacés;MO;Urticaire", "MA;AL-LATX;Latex;SV;Anaphylaxie peropératoire",
    "MA;AL-SPAR;Sparadrap;MI;Dermite de contact", "EA;AL-POLL;Pollens;MI;Rhinite", "MA;AL-AUTR;Voir courrier;;",
)  # fmt: skip


class Person:
    """Somebody, as the identity server knows them; `changed()` after any change of traits."""

    __slots__ = (
        "address", "alias", "allergies", "birth", "birth_place", "contacts", "died", "doubt", "family",
        "given", "height", "ins", "ipp", "latent", "mother", "multiple", "order", "phone", "pid_full",
        "pid_short", "sex", "status", "unknown", "used", "visit_now", "weight", "widow",
    )  # fmt: skip

    def __init__(self, ipp: str, family: str, given: str, sex: str, birth: str) -> None:
        self.ipp = ipp
        self.family = family  # birth name, escaped, capitals
        self.used = ""  # name in use, when another
        self.given = given  # given names, space between
        self.sex = sex
        self.birth = birth  # YYYYMMDD, or shorter
        self.birth_place: tuple[str, str, str] = ("", "", "")
        self.address = ""
        self.phone = ""
        self.widow = ""
        self.ins = ""
        self.status = "PROV"
        self.doubt = ""  # a second value of PID-32: FICT, DOUB…
        self.alias = ""
        self.mother = ""
        self.multiple = False
        self.order = 0
        self.unknown = False
        self.died = ""
        self.contacts: tuple[str, ...] = ()
        self.allergies: tuple[Allergy, ...] | None = None  # None: nobody ever asked
        self.weight = 0.0
        self.height = 0
        self.latent: dict[str, float] = {}  # where each analyte stands, for believable trends
        self.visit_now: object | None = None
        self.pid_full = ""
        self.pid_short = ""

    @property
    def first_given(self) -> str:
        """The first given name."""
        return self.given.split(" ")[0]

    def changed(self) -> None:
        """Forget what was written of the former traits."""
        self.pid_full = self.pid_short = ""

    def told(self, at_us: int) -> PersonTold:
        """Return the tale of the traits as they stand."""
        status = f"{self.status},{self.doubt}" if self.doubt else self.status
        return PersonTold(
            at_us, self.ipp, self.family, self.used, self.first_given, self.birth, self.sex, status
        )  # fmt: skip

    def full_pid(self, authority: Authority) -> str:
        """Return PID as the identity server writes it, with `{account}` where the account stands."""
        if not self.pid_full:
            self.pid_full = self._full_pid(authority)
        return self.pid_full

    def _full_pid(self, authority: Authority) -> str:
        identifiers = authority.ipp(self.ipp)
        if self.ins:
            identifiers += f"~{self.ins}^^^{INS_TEST}^^20240212"
        called = f"{self.family}^{self.first_given}^{self.given}^^{'M.' if self.sex == 'M' else 'MME'}^^L"
        if self.used:
            called += f"~{self.used}^{self.first_given}^^^^^D"
        if self.alias:
            called += f"~{self.alias}^^^^^^S"
        city, insee, _ = self.birth_place
        place = f"^^{escaped(city)}^^^^BDL^^{insee}" if insee else ""
        return placed(
            "PID",
            _1="1",
            _3=identifiers,
            _5=called,
            _7=self.birth,
            _8=self.sex,
            _11="~".join(part for part in (self.address, place) if part),
            _13=self.phone,
            _16=self.widow,
            _18="{account}",
            _21=authority.ipp(self.mother) if self.mother else "",
            _24="Y" if self.multiple else "",
            _25=str(self.order) if self.order else "",
            _29=self.died,
            _30="Y" if self.died else "",
            _31="Y" if self.unknown else "N",
            _32=f"{self.status}~{self.doubt}" if self.doubt else self.status,
        )

    def short_pid(self, authority: Authority, account: str) -> str:
        """Return PID as the other applications write it: enough to file by."""
        if not self.pid_short:
            called = f"{self.family}^{self.first_given}^^^^^L"
            if self.used:
                called = f"{self.used}^{self.first_given}^^^^^D~{called}"
            born = self.birth if len(self.birth) == 8 else ""
            self.pid_short = f"PID|1||{authority.ipp(self.ipp)}||{called}||{born}|{self.sex}"
        if not account:
            return self.pid_short
        return f"{self.pid_short}||||||||||{authority.account(account)}"

    def relatives(self) -> tuple[str, ...]:
        """Return the NK1 segments."""
        return self.contacts


class Registry:
    """Makes people from chance, and remembers them: some come back."""

    def __init__(self, rng: Random, *, prefix: str, this_year: int) -> None:
        self._rng = rng
        self._prefix = prefix
        self._this_year = this_year
        self._made = 0
        self.known: list[Person] = []

    def number(self) -> str:
        """Return the next IPP."""
        self._made += 1
        return f"{self._prefix}{self._made:06d}"

    def somebody(self, *, age: tuple[int, int], sex: str = "") -> Person:
        """Return a new person within an age range."""
        rng = self._rng
        sex = sex or ("F" if rng.random() < 0.52 else "M")
        year = self._this_year - rng.randint(*age)
        birth = f"{year:04d}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}"
        person = Person(self.number(), self._family(), self._given(year, sex), sex, birth)
        self._settle(person, year)
        self.known.append(person)
        return person

    def homonym(self, of: Person, *, ages: tuple[int, int]) -> Person:
        """Return another person of the same name and sex, born in another year, of these ages."""
        youngest, oldest = ages
        year = int(of.birth[:4]) + self._rng.choice((-9, -2, -1, 0, 1, 3))
        year = max(self._this_year - oldest, min(self._this_year - youngest, year))
        birth = f"{year:04d}{self._rng.randint(1, 12):02d}{self._rng.randint(1, 28):02d}"
        person = Person(self.number(), of.family, of.given, of.sex, birth)
        self._settle(person, year)
        person.used = of.used
        self.known.append(person)
        return person

    def newborn(self, mother: Person | None, birth: str, *, sex: str, order: int, several: bool) -> Person:
        """Return a child just born, linked to her or his mother; None: she was delivered elsewhere."""
        year = int(birth[:4])
        if mother is None:
            mother = Person("", self._family(), self._given(year - 30, "F"), "F", f"{year - 30}")
            self._settle(mother, year - 30)
        child = Person(self.number(), mother.used or mother.family, self._given(year, sex), sex, birth)
        child.mother = mother.ipp
        child.multiple = several
        child.order = order if several else 0
        child.address = mother.address
        child.birth_place = names.PLACES[0]
        child.weight = round(self._rng.gauss(2.5 if several else 3.3, 0.35), 2)
        child.height = self._rng.randint(46, 53)
        child.contacts = (f"NK1|1|{mother.used or mother.family}^{mother.first_given}|MTH^Mère^HL70063|",)
        return child

    def unknown(self) -> Person:
        """Return somebody who cannot say her or his name: a name of convenience, an estimated year, no INS."""
        rng = self._rng
        word = rng.choice(names.UNKNOWN_NAMES).upper()
        sex = rng.choice("MMFU")
        person = Person(self.number(), f"{word}-{rng.randint(100, 999)}", "INCONNU", sex,
                        str(self._this_year - rng.randint(3, 8) * 10))  # fmt: skip
        person.unknown = True
        person.doubt = "FICT"
        return person

    def forget(self, person: Person) -> None:
        """Let nobody come back who died."""
        if person in self.known:
            self.known.remove(person)

    def identify(self, person: Person) -> None:
        """Give an unknown person the traits found in her or his papers."""
        year = int(person.birth[:4]) + self._rng.randint(-4, 4)
        person.sex = "F" if person.sex == "F" else "M"
        person.family, person.given = self._family(), self._given(year, person.sex)
        person.birth = f"{year:04d}{self._rng.randint(1, 12):02d}{self._rng.randint(1, 28):02d}"
        person.unknown, person.doubt = False, ""
        self._settle(person, year)
        person.status, person.ins = "VALI", ""
        person.changed()
        self.known.append(person)

    def _family(self) -> str:
        rng = self._rng
        chance = rng.random()
        if chance < 0.05:
            return names.PARTICLED[int(rng.random() * len(names.PARTICLED))].upper().replace("’", "'")
        family = names.FAMILIES[int(rng.random() * len(names.FAMILIES))].upper()
        if chance < 0.11:
            family += "-" + names.FAMILIES[int(rng.random() * len(names.FAMILIES))].upper()
        return family

    def _given(self, year: int, sex: str) -> str:
        rng = self._rng
        decade = (
            1920
            if year < 1935
            else 1940
            if year < 1955
            else 1960
            if year < 1975
            else 1980
            if year < 1998
            else 2000
        )
        pool = (names.GIVEN_MEN if sex == "M" else names.GIVEN_WOMEN)[decade]
        given = rng.sample(pool, 3 if rng.random() < 0.4 else 1)
        return " ".join(given).upper()

    def _settle(self, person: Person, year: int) -> None:
        rng = self._rng
        person.birth_place = rng.choice(names.PLACES)
        home = rng.choice(names.HOME_PLACES)
        street = f"{rng.randint(1, 180)} {rng.choice(names.STREETS)}".replace("’", "'")
        person.address = f"{escaped(street)}^^{escaped(home[0].upper())}^^{home[2]}^FRA^H"
        # 06 39 98 is the range of mobile numbers kept for fiction (Arcep).
        person.phone = f"^PRN^CP^^^^^^^^^063998{rng.randint(0, 9999):04d}"
        if person.sex == "F" and year < self._this_year - 22 and rng.random() < 0.55:
            person.used = self._family()
        chance = rng.random()
        if chance < 0.70:
            # A fifth of the senders still say VALI of a qualified identity: the INS beside it tells.
            person.status = "QUAL" if chance < 0.58 else "VALI"
            person.ins = ins_number(person, rng)
        else:
            person.status = "VALI" if chance < 0.85 else "RECUP" if chance < 0.90 else "PROV"
            if chance > 0.97:
                person.birth = person.birth[:4] if chance > 0.985 else person.birth[:6]
        chance = rng.random()
        if chance < 0.45:
            person.allergies = ()
        elif chance < 0.77:
            person.allergies = tuple(rng.sample(ALLERGIES, 1 if rng.random() < 0.7 else 2))
        age = self._this_year - year
        if age < 16:
            person.weight = round(3.5 + age * 3.1 + rng.random() * 3, 1)
            person.height = int(52 + age * 7.3)
        else:
            person.weight = round(min(160.0, max(38.0, rng.gauss(76 if person.sex == "M" else 66, 14))), 1)
            person.height = rng.randint(160, 192) if person.sex == "M" else rng.randint(148, 178)
        person.contacts = tuple(self._contact(person, rank) for rank in range(1, rng.choice((2, 2, 3))))

    def _contact(self, person: Person, rank: int) -> str:
        rng = self._rng
        code, relation = rng.choice(names.RELATIONS)
        family = person.used or person.family if rng.random() < 0.6 else self._family()
        given = rng.choice(names.GIVEN_WOMEN[1960] + names.GIVEN_MEN[1960]).upper()
        phone = f"^PRN^CP^^^^^^^^^063998{rng.randint(0, 9999):04d}"
        return f"NK1|{rank}|{family}^{given}|{code}^{relation}^HL70063||{phone}|"


def ins_number(person: Person, rng: Random) -> str:
    """Return the 15 signs of an invented INS that agrees with sex, birth date and birth place.

    Source: key 97 − (13 digits mod 97), 2A read as 19 and 2B as 18.
    """
    body = f"{'1' if person.sex == 'M' else '2'}{person.birth[2:6]}{person.birth_place[1]}{rng.randint(1, 999):03d}"
    return f"{body}{97 - int(body.replace('2A', '19').replace('2B', '18')) % 97:02d}"
