"""What the simulated laboratory measures: LOINC and local codes, units, ranges, and how values sit in people.

Thresholds only make the simulated flags; none is a validated limit.
"""

from typing import NamedTuple

from releve.exercise.segments import escaped


class Analyte(NamedTuple):
    """An analyte; `body` is OBX-3 ready to write, `unit` OBX-6, `range` by sex OBX-7."""

    key: str
    loinc: str
    body: str
    unit: str
    low: dict[str, float]
    high: dict[str, float]
    range: dict[str, str]
    panic_low: float
    panic_high: float
    digits: int
    usual: dict[str, float]  # by sex
    spread: float  # share of the value between people


# key; LOINC; label; unit; low; high; panic low; panic high; digits; usual; spread. "F/M" where sexes differ.
_ROWS = """
WBC;6690-2;Leucocytes;10*9/L;4.0;10.0;1.0;30;1;7.2;0.25
RBC;789-8;Érythrocytes;10*12/L;4.0/4.5;5.2/5.9;2;7;2;4.5/4.9;0.08
HB;718-7;Hémoglobine;g/dL;12.0/13.0;16.0/17.0;7.0;20;1;12.8/14.1;0.10
HT;4544-3;Hématocrite;%;36/40;47/52;21;60;1;39/43;0.10
MCV;787-2;VGM;fL;80;100;60;125;0;90;0.05
PLT;777-3;Plaquettes;10*9/L;150;400;30;1000;0;255;0.25
NEU;751-8;Polynucléaires neutrophiles;10*9/L;1.8;7.5;0.5;25;2;4.6;0.30
LYM;731-0;Lymphocytes;10*9/L;1.0;4.0;0.2;20;2;1.8;0.30
NA;2951-2;Sodium;mmol/L;135;145;120;155;0;139;0.02
K;2823-3;Potassium;mmol/L;3.5;5.0;2.8;6.2;1;4.1;0.09
CL;2075-0;Chlore;mmol/L;98;107;80;120;0;102;0.03
CO2;1963-8;Bicarbonates;mmol/L;22;29;12;40;0;25;0.09
PROT;2885-2;Protéines;g/L;64;83;40;110;0;71;0.07
UREA;22664-7;Urée;mmol/L;2.5;7.5;0;35;1;5.9;0.35
CREA;14682-9;Créatinine;umol/L;45/59;84/104;0;500;0;68/82;0.25
DFG;98979-8;DFG estimé (CKD-EPI 2021);mL/min/{1.73_m2};60;120;10;200;0;86;0.20
CA;2000-8;Calcium;mmol/L;2.20;2.60;1.75;3.20;2;2.37;0.04
MG;2601-3;Magnésium;mmol/L;0.66;1.07;0.40;2.0;2;0.84;0.10
PHOS;2777-1;Phosphore;mmol/L;0.81;1.45;0.32;2.5;2;1.10;0.15
GLU;14749-6;Glucose;mmol/L;3.9;6.1;2.5;25;1;5.4;0.20
CRP;1988-5;Protéine C réactive;mg/L;0;5;0;300;1;4;0.80
PCT;33959-8;Procalcitonine;ug/L;0;0.25;0;50;2;0.1;0.60
ASAT;1920-8;ASAT;U/L;10;35;0;1000;0;25;0.35
ALAT;1742-6;ALAT;U/L;10;40;0;1000;0;24;0.40
GGT;2324-2;Gamma-GT;U/L;9/12;36/64;0;2000;0;24/34;0.50
PAL;6768-6;Phosphatases alcalines;U/L;35;105;0;2000;0;72;0.25
BILI;14631-6;Bilirubine totale;umol/L;3;21;0;250;0;10;0.40
LIP;3040-3;Lipase;U/L;13;60;0;1000;0;30;0.35
ALB;1751-7;Albumine;g/L;35;50;15;60;0;39;0.10
LDH;14804-9;LDH;U/L;125;220;0;2000;0;185;0.20
TROP;67151-1;Troponine T hypersensible;ng/L;0;14;0;100;0;7;0.60
BNP;33762-6;NT-proBNP;ng/L;0;300;0;20000;0;120;0.80
DDIM;48067-3;D-dimères;ug/L;0;500;0;20000;0;320;0.60
TP;5894-1;Taux de prothrombine;%;70;100;20;150;0;92;0.08
INR;6301-6;INR;{INR};0.9;1.2;0;5.0;2;1.05;0.06
TCA;3173-2;TCA;s;25;37;0;120;0;31;0.08
FIB;3255-7;Fibrinogène;g/L;2.0;4.0;0.8;12;1;3.2;0.20
AXA;3271-4;Activité anti-Xa;{IU}/mL;0.30;0.70;0;1.2;2;0.45;0.30
VANCO;20578-1;Vancomycine;mg/L;20;25;0;40;1;22;0.20
LI;14334-7;Lithium;mmol/L;0.50;0.80;0;1.5;2;0.65;0.20
HBA1C;4548-4;Hémoglobine A1c;%;4.0;6.0;0;15;1;5.6;0.12
TSH;3016-3;TSH;mU/L;0.40;4.00;0;100;2;1.8;0.45
FERR;2276-4;Ferritine;ug/L;15/30;150/400;0;5000;0;80/150;0.60
PH;2744-1;pH artériel;[pH];7.35;7.45;7.15;7.60;2;7.40;0.004
PCO2;2019-8;pCO2 artérielle;mm[Hg];35;45;20;70;0;40;0.08
PO2;2703-7;pO2 artérielle;mm[Hg];80;100;45;300;0;86;0.10
LACT;32693-4;Lactates;mmol/L;0.5;2.0;0;4.0;1;1.1;0.30
HCG;19080-1;hCG totale;U/L;0;5;0;500000;0;2;0.30
""".strip().splitlines()


def _by_sex(text: str) -> dict[str, float]:
    woman, _, man = text.partition("/")
    return {"F": float(woman), "M": float(man or woman), "U": float(man or woman)}


def _analyte(row: str) -> Analyte:
    key, loinc, label, unit, low, high, panic_low, panic_high, digits, usual, spread = row.split(";")
    lows, highs = low.partition("/"), high.partition("/")
    woman, man = f"{lows[0]}-{highs[0]}", f"{lows[2] or lows[0]}-{highs[2] or highs[0]}"
    if float(lows[0]) == 0:
        woman = man = f"<{highs[0]}"
    body = f"{loinc}^{escaped(label)}^LN^{key}^{escaped(label)}^99LAB"
    return Analyte(key, loinc, body, f"{escaped(unit)}^^UCUM", _by_sex(low), _by_sex(high),
                   {"F": woman, "M": man, "U": man}, float(panic_low), float(panic_high), int(digits),
                   _by_sex(usual), float(spread))  # fmt: skip


ANALYTES: dict[str, Analyte] = {analyte.key: analyte for analyte in map(_analyte, _ROWS)}


class Panel(NamedTuple):
    """A group that is ordered and reported together (one OBR)."""

    key: str
    order: str  # CE
    label: str
    section: str  # OBR-24
    analytes: tuple[Analyte, ...]
    tube: str  # SPM-4
    minutes: int  # from collection to validated result


def _panel(key: str, label: str, section: str, analytes: str, tube: str, minutes: int) -> Panel:
    members = tuple(ANALYTES[name] for name in analytes.split())
    return Panel(key, f"{key}^{escaped(label)}^99LAB", label, section, members, tube, minutes)


PANELS: dict[str, Panel] = {
    panel.key: panel
    for panel in (
        _panel(
            "NFS", "Numération formule sanguine", "HM", "WBC RBC HB HT MCV PLT NEU LYM", "EDTA^Sang EDTA", 75
        ),
        _panel("IONO", "Ionogramme sanguin", "CH", "NA K CL CO2 PROT", "HEP^Sang hépariné", 90),
        _panel("REIN", "Urée et créatinine", "CH", "UREA CREA DFG", "HEP^Sang hépariné", 90),
        _panel("PCA", "Calcium, phosphore, magnésium", "CH", "CA PHOS MG", "HEP^Sang hépariné", 95),
        _panel("GLY", "Glycémie", "CH", "GLU", "FLUO^Sang fluorure", 60),
        _panel("CRP", "Protéine C réactive", "CH", "CRP", "HEP^Sang hépariné", 90),
        _panel("PCT", "Procalcitonine", "CH", "PCT", "HEP^Sang hépariné", 100),
        _panel("BHC", "Bilan hépatique", "CH", "ASAT ALAT GGT PAL BILI", "HEP^Sang hépariné", 95),
        _panel("LIP", "Lipase", "CH", "LIP", "HEP^Sang hépariné", 95),
        _panel("NUT", "Albumine", "CH", "ALB", "HEP^Sang hépariné", 110),
        _panel("TROPO", "Troponine", "CH", "TROP", "HEP^Sang hépariné", 60),
        _panel("BNP", "NT-proBNP", "CH", "BNP", "HEP^Sang hépariné", 90),
        _panel("DDI", "D-dimères", "COAG", "DDIM", "CIT^Sang citraté", 80),
        _panel("HEMO", "Hémostase : TP, TCA, fibrinogène", "COAG", "TP INR TCA FIB", "CIT^Sang citraté", 80),
        _panel("INR", "INR", "COAG", "INR", "CIT^Sang citraté", 70),
        _panel("AXA", "Activité anti-Xa", "COAG", "AXA", "CIT^Sang citraté", 80),
        _panel("VANC", "Vancomycinémie", "TOX", "VANCO", "SEC^Sang sec", 120),
        _panel("LITH", "Lithiémie", "TOX", "LI", "SEC^Sang sec", 120),
        _panel("A1C", "Hémoglobine glyquée", "CH", "HBA1C", "EDTA^Sang EDTA", 240),
        _panel("TSH", "TSH", "CH", "TSH", "HEP^Sang hépariné", 180),
        _panel("FER", "Ferritine", "CH", "FERR", "HEP^Sang hépariné", 180),
        _panel(
            "GDS", "Gaz du sang artériel & lactates", "BG", "PH PCO2 PO2 LACT", "GAZ^Seringue héparinée", 12
        ),
        _panel("HCG", "hCG", "CH", "HCG", "HEP^Sang hépariné", 80),
    )
}
