"""The blank forms of a pack, one after the other, in English; `forms.form_specs` gives them in a language.

Zones, codes and order are read back by scanners: a change takes a new code.
"""

from releve.paper.form_fields import (
    DATE,
    PHONE,
    TIME,
    Field,
    FormSpec,
    Measure,
    Section,
    comb,
    line,
    text,
    ticks,
)


def _(words: str) -> str:
    """Mark a text for the catalogues; translated by `forms.form_specs`."""
    return words


PATIENT: tuple[tuple[Field, ...], ...] = (
    (line("name", _("Birth name")), line("given", _("Given name"))),
    (
        comb("born", _("Birth date (day, month, year)"), *DATE),
        ticks("sex", _("Sex"), _("F"), _("M"), _("unknown")),
    ),
    (comb("ipp", _("Hospital number"), 3, 3, 4),),
)
AUTHOR = Section(
    title=_("Done by"),
    rows=(
        (
            comb("date", _("Real date of the act"), *DATE),
            comb("time", _("Real time"), *TIME),
            line("author", _("Name, role")),
        ),
        (line("behalf", _("On behalf of (spoken order)")), line("sign", _("Signature"))),
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
                (line("used", _("Name in use")), line("place", _("Town or country of birth"))),
                (
                    ticks(
                        "doc",
                        _("Document seen"),
                        _("identity card"),
                        _("passport"),
                        _("health card"),
                        _("no document"),
                        _("person not identified"),
                    ),
                ),
                (line("est", _("If not identified: estimated age, marks, place where found")),),
            ),
        ),
        Section(
            title=_("Arrival"),
            rows=(
                (
                    comb("in_date", _("Arrived on"), *DATE),
                    comb("in_time", _("at"), *TIME),
                    line("bed", _("Bed")),
                ),
                (
                    ticks(
                        "mode",
                        _("Comes from"),
                        _("home"),
                        _("emergency department"),
                        _("another ward"),
                        _("another hospital"),
                        _("birth here"),
                    ),
                ),
                (line("why", _("Reason"), 2), line("doctor", _("Doctor in charge"))),
            ),
        ),
        Section(
            title=_("Allergies: ask the question"),
            rows=(
                (
                    ticks(
                        "allergy",
                        _("Answer"),
                        _("no known allergy"),
                        _("allergies, written below"),
                        _("not asked"),
                        _("cannot answer"),
                    ),
                ),
                (text("allergies", _("Product and reaction, word for word"), 33),),
            ),
        ),
        Section(
            title=_("To be told"),
            rows=((line("contact", _("Name, relation")), comb("phone", _("Telephone"), *PHONE)),),
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
                    ticks(
                        "allergy",
                        _("Tick"),
                        _("none known"),
                        _("not asked"),
                        _("yes, write at right:"),
                        w=1.5,
                    ),
                    line("allergies", _("Product, reaction")),
                    comb("weight", _("Weight (kg)"), 3, 1, decimal=True),
                ),
            ),
        ),
        Section(
            title=_("Lines"),
            repeat=4,
            rows=(
                (
                    line("drug", _("Medicine (common name), form")),
                    comb("dose", _("Dose"), 5, 2, decimal=True),
                ),
                (
                    ticks("unit", _("Unit"), _("mg"), _("g"), _("micrograms"), _("units"), _("mL"), w=2.05),
                    comb("hours", _("Hours"), 2, 2, 2, 2),
                    line("more", _("Rate, maximum, end")),
                ),
                (
                    ticks(
                        "route",
                        _("Route"),
                        _("oral"),
                        _("intravenous"),
                        _("subcutaneous"),
                        _("inhaled"),
                        w=1,
                    ),
                    ticks(
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
                    ticks(
                        "worry",
                        _("Tick"),
                        _("doctor called"),
                        _("family told"),
                        _("fall"),
                        _("pain not relieved"),
                        _("nothing to report"),
                    ),
                ),
                (text("note", _("Observation"), 25),),
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
                    ticks("urgent", _("Degree"), _("vital, call"), _("urgent"), _("today")),
                    comb("call", _("Telephone for the result"), *PHONE),
                ),
            ),
        ),
        Section(
            title=_("Purple tube, EDTA"),
            rows=(
                (ticks("edta", "", _("blood count"), _("blood group"), _("antibody screen"), _("HbA1c")),),
            ),
        ),
        Section(
            title=_("Blue tube, citrate: fill up to the line"),
            rows=((ticks("cit", "", _("INR"), _("APTT"), _("fibrinogen"), _("D-dimers"), _("anti-Xa")),),),
        ),
        Section(
            title=_("Green tube, heparin"),
            rows=(
                (
                    ticks(
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
        Section(title=_("Grey tube, fluoride"), rows=((ticks("flu", "", _("glucose"), _("lactate")),),)),
        Section(
            title=_("Others"),
            rows=(
                (
                    ticks(
                        "oth",
                        "",
                        _("blood gas, syringe"),
                        _("blood cultures, 2 bottles"),
                        _("urine"),
                        _("stools"),
                    ),
                ),
                (line("free", _("Another test, in full")),),
            ),
        ),
        Section(
            title=_("Sampling"),
            rows=(
                (
                    comb("tubes", _("Number of tubes"), 2),
                    ticks("patient", _("Check"), _("identity asked from the person"), _("wristband read")),
                ),
                (text("clinic", _("Information, anticoagulant treatment, dose and time"), 41),),
                (
                    line("lab", _("Received at the laboratory: time, name")),
                    ticks("ok", _("Reception"), _("accepted"), _("refused, why:")),
                    line("why", "", 0.8),
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
                (ticks("mod", _("Technique"), _("X-ray"), _("CT"), _("MRI"), _("ultrasound")),),
                (line("region", _("Region, side in full (RIGHT, LEFT)")),),
                (
                    ticks(
                        "urgent", _("Degree"), _("vital, call"), _("urgent"), _("today"), _("planned"), w=1.2
                    ),
                    ticks(
                        "move", _("Transport"), _("walking"), _("chair"), _("bed"), _("at the bedside"), w=1
                    ),
                ),
            ),
        ),
        Section(
            title=_("Question asked"),
            rows=((text("question", _("What is looked for, what was seen"), 27),),),
        ),
        Section(
            title=_("Safety"),
            rows=(
                (
                    ticks("preg", _("Pregnancy"), _("no"), _("yes"), _("possible"), _("does not apply")),
                    comb("gfr", _("Filtration rate (mL/min)"), 3),
                ),
                (
                    ticks(
                        "contrast", _("Allergy to a contrast agent"), _("no, asked"), _("yes"), _("not asked")
                    ),
                ),
                (
                    ticks(
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
                (comb("acc", _("Exam number, if not this form’s"), 4, 4, 4), comb("t", _("Time"), *TIME)),
                (text("prelim", _("Provisional report, name of the radiologist"), 25),),
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
                    ticks(
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
        Section(title=_("Text"), rows=((text("text", _("Write between the lines"), 128),),)),
    ),
)
FORMS: tuple[FormSpec, ...] = (_ADMISSION, _PRESCRIPTION, _OBSERVATIONS, _LABORATORY, _IMAGING, _NOTE)
