"""The blank forms of a pack: what a hand writes when no screen answers, and what a scanner reads back.

A form is data; `typst/forms.typ` is only the layout engine, and prints where each zone lies (`typeset.zones`).
A number is printed once, ever: the caller takes it from a range reserved for the island (`FormNumbers`) and
records it (`facts.FormNumbersTaken`) before the press starts.
"""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from releve.paper.catalogue import Catalogue, catalogue

FieldKind = Literal["line", "text", "ticks", "comb", "grid"]


def _(text: str) -> str:
    """Mark a text for the catalogues (makemessages looks for this name); translated by `form_specs`."""
    return text


class Option(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A box to tick."""

    id: str
    label: str


class Measure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A row of an observation grid."""

    id: str
    label: str
    unit: str = ""


class Field(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A zone to write in: `w` is its share of the row (column width in mm for a grid), `h` its height in mm.

    `groups` are the boxes of a comb; `decimal` prints the decimal sign between the two groups, because a hand
    that loses it makes an error by ten.
    """

    id: str
    kind: FieldKind
    label: str = ""
    w: float | None = None
    h: float | None = None
    groups: tuple[int, ...] = ()
    decimal: bool = False
    options: tuple[Option, ...] = ()
    columns: int = 0
    head: str = ""
    time: str = ""
    rows: tuple[Measure, ...] = ()


class Section(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A titled part of a form; `repeat` prints its rows several times, numbered."""

    title: str
    rows: tuple[tuple[Field, ...], ...]
    repeat: int = 0


class FormSpec(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A blank form: its code is printed in its symbol and never reused for another layout."""

    code: str
    title: str
    help: str
    sections: tuple[Section, ...]
    reserves_ipp: bool = False  # the person has no hospital number yet: one is printed, reserved


class FormCopy(msgspec.Struct, frozen=True, kw_only=True):
    """One copy to print: the form, its number, and the hospital number it reserves for an admission."""

    code: str
    number: str
    reserved_ipp: str = ""


class FormNumbers(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers reserved for this island: `prefix` and `first` to `last`, six digits.

    >>> numbers, left = FormNumbers(prefix="3B", first=417, last=999).take(2)
    >>> numbers, left.first
    (('3B-000417', '3B-000418'), 419)
    """

    prefix: str
    first: int
    last: int

    def take(self, count: int) -> tuple[tuple[str, ...], "FormNumbers"]:
        """Return `count` numbers and the range that is left.

        Raises:
            ValueError: fewer numbers are left.
        """
        if count < 0 or self.first + count - 1 > self.last:
            raise ValueError(f"form numbers: expected at most {self.last - self.first + 1} to take")
        taken = tuple(f"{self.prefix}-{n:06d}" for n in range(self.first, self.first + count))
        return taken, msgspec.structs.replace(self, first=self.first + count)


def copies(
    counts: Mapping[str, int], numbers: FormNumbers, reserved_ipps: tuple[str, ...] = ()
) -> tuple[tuple[FormCopy, ...], FormNumbers]:
    """Return numbered copies, `counts` of each form code in the order of `FORMS`, and the numbers left.

    Raises:
        ValueError: a code that does not exist, too few numbers, too few reserved hospital numbers.
    """
    unknown = set(counts) - {form.code for form in FORMS}
    if unknown:
        raise ValueError("form codes: expected codes of FORMS")
    taken, left = numbers.take(sum(counts.values()))
    supply, ipps = iter(taken), iter(reserved_ipps)
    made = []
    for form in FORMS:
        for _copy in range(counts.get(form.code, 0)):
            ipp = ""
            if form.reserves_ipp:
                try:
                    ipp = next(ipps)
                except StopIteration:
                    raise ValueError(
                        "reserved hospital numbers: expected one for each admission form"
                    ) from None
            made.append(FormCopy(code=form.code, number=next(supply), reserved_ipp=ipp))
    return tuple(made), left


def usual_counts(patients: int) -> dict[str, int]:
    """Return how many of each form a ward needs for about half a day without screens."""
    half = -(-patients // 2)
    return {
        "ADM1": max(2, -(-patients // 8)),
        "RX1": max(4, half),
        "OBS1": max(2, patients),
        "LAB1": max(4, half),
        "IMG1": max(2, -(-patients // 6)),
        "NOTE1": max(4, half),
    }


def form_specs(language: str) -> dict[str, Any]:
    """Return the forms of a language as `typst/forms.typ` wants them: by code, with the parts they share."""
    words = catalogue(language)
    return {
        "forms": {form.code: _translated(msgspec.to_builtins(form), words) for form in FORMS},
        "patient_fields": _translated(msgspec.to_builtins(PATIENT), words),
        "author_section": _translated(msgspec.to_builtins(AUTHOR), words),
    }


_WORDED = {"label", "title", "help", "head", "time", "unit"}


def _translated(value: Any, words: Catalogue) -> Any:
    """Return the tree with every label in the catalogue's language."""
    if isinstance(value, dict):
        return {
            key: words.text(item) if key in _WORDED and item else _translated(item, words)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [_translated(item, words) for item in value]
    return value


def _line(name: str, label: str, w: float = 1) -> Field:
    return Field(id=name, kind="line", label=label, w=w)


def _text(name: str, label: str, h: float) -> Field:
    return Field(id=name, kind="text", label=label, h=h)


def _comb(name: str, label: str, *groups: int, decimal: bool = False) -> Field:
    return Field(id=name, kind="comb", label=label, groups=groups, decimal=decimal)


def _ticks(name: str, label: str, *options: str, w: float | None = None) -> Field:
    boxes = tuple(Option(id=str(n), label=option) for n, option in enumerate(options))
    return Field(id=name, kind="ticks", label=label, options=boxes, w=w)


_DATE = (2, 2, 4)
_TIME = (2, 2)
_PHONE = (2, 2, 2, 2, 2)

PATIENT: tuple[tuple[Field, ...], ...] = (
    (_line("name", _("Birth name")), _line("given", _("Given name"))),
    (
        _comb("born", _("Birth date (day, month, year)"), *_DATE),
        _ticks("sex", _("Sex"), _("F"), _("M"), _("unknown")),
    ),
    (_comb("ipp", _("Hospital number"), 3, 3, 4),),
)
AUTHOR = Section(
    title=_("Done by"),
    rows=(
        (
            _comb("date", _("Real date of the act"), *_DATE),
            _comb("time", _("Real time"), *_TIME),
            _line("author", _("Name, role")),
        ),
        (_line("behalf", _("On behalf of (spoken order)")), _line("sign", _("Signature"))),
    ),
)
_ADMISSION = FormSpec(
    code="ADM1",
    title=_("Admission"),
    help=_("A person arrives. The number is already reserved: do not invent one."),
    reserves_ipp=True,
    sections=(
        Section(
            title=_("Identity"),
            rows=(
                (_line("used", _("Name in use")), _line("place", _("Town or country of birth"))),
                (
                    _ticks(
                        "doc",
                        _("Document seen"),
                        _("identity card"),
                        _("passport"),
                        _("health card"),
                        _("no document"),
                        _("person not identified"),
                    ),
                ),
                (_line("est", _("If not identified: estimated age, marks, place where found")),),
            ),
        ),
        Section(
            title=_("Arrival"),
            rows=(
                (
                    _comb("in_date", _("Arrived on"), *_DATE),
                    _comb("in_time", _("at"), *_TIME),
                    _line("bed", _("Bed")),
                ),
                (
                    _ticks(
                        "mode",
                        _("Comes from"),
                        _("home"),
                        _("emergency department"),
                        _("another ward"),
                        _("another hospital"),
                        _("birth here"),
                    ),
                ),
                (_line("why", _("Reason"), 2), _line("doctor", _("Doctor in charge"))),
            ),
        ),
        Section(
            title=_("Allergies: ask the question"),
            rows=(
                (
                    _ticks(
                        "allergy",
                        _("Answer"),
                        _("no known allergy"),
                        _("allergies, written below"),
                        _("not asked"),
                        _("cannot answer"),
                    ),
                ),
                (_text("allergies", _("Product and reaction, word for word"), 33),),
            ),
        ),
        Section(
            title=_("To be told"),
            rows=((_line("contact", _("Name, relation")), _comb("phone", _("Telephone"), *_PHONE)),),
        ),
    ),
)
_PRESCRIPTION = FormSpec(
    code="RX1",
    title=_("Prescription"),
    help=_("One character a box. Strike out empty lines."),
    sections=(
        Section(
            title=_("Allergies read over with the person"),
            rows=(
                (
                    _ticks(
                        "allergy",
                        _("Tick"),
                        _("none known"),
                        _("not asked"),
                        _("yes, write at right:"),
                        w=1.5,
                    ),
                    _line("allergies", _("Product, reaction")),
                    _comb("weight", _("Weight (kg)"), 3, 1, decimal=True),
                ),
            ),
        ),
        Section(
            title=_("Lines"),
            repeat=4,
            rows=(
                (
                    _line("drug", _("Medicine (common name), form")),
                    _comb("dose", _("Dose"), 5, 2, decimal=True),
                ),
                (
                    _ticks("unit", _("Unit"), _("mg"), _("g"), _("micrograms"), _("units"), _("mL"), w=2.05),
                    _comb("hours", _("Hours"), 2, 2, 2, 2),
                    _line("more", _("Rate, maximum, end")),
                ),
                (
                    _ticks(
                        "route",
                        _("Route"),
                        _("oral"),
                        _("intravenous"),
                        _("subcutaneous"),
                        _("inhaled"),
                        w=1,
                    ),
                    _ticks(
                        "mode",
                        _("Rhythm"),
                        _("fixed"),
                        _("as needed"),
                        _("continuous"),
                        _("once"),
                        _("STOP"),
                        w=1.02,
                    ),
                ),
            ),
        ),
    ),
)
_OBSERVATIONS = FormSpec(
    code="OBS1",
    title=_("Observations"),
    help=_("One column a round. Write the real time on top."),
    sections=(
        Section(
            title=_("Vital signs"),
            rows=(
                (
                    Field(
                        id="v",
                        kind="grid",
                        columns=8,
                        w=15.5,
                        h=10,
                        head=_("Measure"),
                        time=_("time"),
                        rows=(
                            Measure(id="bp", label=_("Blood pressure"), unit=_("mmHg")),
                            Measure(id="hr", label=_("Pulse"), unit=_("per minute")),
                            Measure(id="rr", label=_("Breathing"), unit=_("per minute")),
                            Measure(id="sat", label=_("Saturation"), unit=_("%")),
                            Measure(id="o2", label=_("Oxygen"), unit=_("L/min")),
                            Measure(id="temp", label=_("Temperature"), unit=_("°C")),
                            Measure(id="pain", label=_("Pain"), unit=_("0 to 10")),
                            Measure(id="gcs", label=_("Glasgow"), unit=_("3 to 15")),
                            Measure(id="glu", label=_("Glucose"), unit=_("g/L")),
                            Measure(id="urine", label=_("Urine"), unit=_("mL")),
                            Measure(id="ini", label=_("Initials")),
                        ),
                    ),
                ),
            ),
        ),
        Section(
            title=_("What worries"),
            rows=(
                (
                    _ticks(
                        "worry",
                        _("Tick"),
                        _("doctor called"),
                        _("family told"),
                        _("fall"),
                        _("pain not relieved"),
                        _("nothing to report"),
                    ),
                ),
                (_text("note", _("Observation"), 25),),
            ),
        ),
    ),
)
_LABORATORY = FormSpec(
    code="LAB1",
    title=_("Laboratory request"),
    help=_("Tick the tests; label each tube in front of the person."),
    sections=(
        Section(
            title=_("Urgency"),
            rows=(
                (
                    _ticks("urgent", _("Degree"), _("vital, call"), _("urgent"), _("today")),
                    _comb("call", _("Telephone for the result"), *_PHONE),
                ),
            ),
        ),
        Section(
            title=_("Purple tube, EDTA"),
            rows=(
                (_ticks("edta", "", _("blood count"), _("blood group"), _("antibody screen"), _("HbA1c")),),
            ),
        ),
        Section(
            title=_("Blue tube, citrate: fill up to the line"),
            rows=((_ticks("cit", "", _("INR"), _("APTT"), _("fibrinogen"), _("D-dimers"), _("anti-Xa")),),),
        ),
        Section(
            title=_("Green tube, heparin"),
            rows=(
                (
                    _ticks(
                        "hep",
                        "",
                        _("sodium, potassium"),
                        _("creatinine"),
                        _("liver panel"),
                        _("troponin"),
                        _("CRP"),
                        _("lipase"),
                        _("beta-HCG"),
                    ),
                ),
            ),
        ),
        Section(title=_("Grey tube, fluoride"), rows=((_ticks("flu", "", _("glucose"), _("lactate")),),)),
        Section(
            title=_("Others"),
            rows=(
                (
                    _ticks(
                        "oth",
                        "",
                        _("blood gas, syringe"),
                        _("blood cultures, 2 bottles"),
                        _("urine"),
                        _("stools"),
                    ),
                ),
                (_line("free", _("Another test, in full")),),
            ),
        ),
        Section(
            title=_("Sampling"),
            rows=(
                (
                    _comb("tubes", _("Number of tubes"), 2),
                    _ticks("patient", _("Check"), _("identity asked from the person"), _("wristband read")),
                ),
                (_text("clinic", _("Information, anticoagulant treatment, dose and time"), 41),),
                (
                    _line("lab", _("Received at the laboratory: time, name")),
                    _ticks("ok", _("Reception"), _("accepted"), _("refused, why:")),
                    _line("why", "", 0.8),
                ),
            ),
        ),
    ),
)
_IMAGING = FormSpec(
    code="IMG1",
    title=_("Imaging request"),
    help=_("One request an exam. The question asked is required."),
    sections=(
        Section(
            title=_("Exam"),
            rows=(
                (_ticks("mod", _("Technique"), _("X-ray"), _("CT"), _("MRI"), _("ultrasound")),),
                (_line("region", _("Region, side in full (RIGHT, LEFT)")),),
                (
                    _ticks(
                        "urgent", _("Degree"), _("vital, call"), _("urgent"), _("today"), _("planned"), w=1.2
                    ),
                    _ticks(
                        "move", _("Transport"), _("walking"), _("chair"), _("bed"), _("at the bedside"), w=1
                    ),
                ),
            ),
        ),
        Section(
            title=_("Question asked"),
            rows=((_text("question", _("What is looked for, what was seen"), 27),),),
        ),
        Section(
            title=_("Safety"),
            rows=(
                (
                    _ticks("preg", _("Pregnancy"), _("no"), _("yes"), _("possible"), _("does not apply")),
                    _comb("gfr", _("Filtration rate (mL/min)"), 3),
                ),
                (
                    _ticks(
                        "contrast", _("Allergy to a contrast agent"), _("no, asked"), _("yes"), _("not asked")
                    ),
                ),
                (
                    _ticks(
                        "mri",
                        _("For MRI"),
                        _("pacemaker"),
                        _("clip"),
                        _("metallic foreign body"),
                        _("none, asked"),
                    ),
                ),
            ),
        ),
        Section(
            title=_("For imaging only"),
            rows=(
                (_comb("acc", _("Exam number"), 4, 4, 4), _comb("t", _("Time"), *_TIME)),
                (_text("prelim", _("Provisional report, name of the radiologist"), 25),),
            ),
        ),
    ),
)
_NOTE = FormSpec(
    code="NOTE1",
    title=_("Free note"),
    help=_("For what has no form. One person a sheet."),
    sections=(
        Section(
            title=_("Subject"),
            rows=(
                (
                    _ticks(
                        "kind",
                        _("Kind"),
                        _("medical note"),
                        _("nursing"),
                        _("conversation"),
                        _("letter"),
                        _("decision"),
                    ),
                ),
            ),
        ),
        Section(title=_("Text"), rows=((_text("text", _("Write between the lines"), 128),),)),
    ),
)
FORMS: tuple[FormSpec, ...] = (_ADMISSION, _PRESCRIPTION, _OBSERVATIONS, _LABORATORY, _IMAGING, _NOTE)
