# ruff: noqa: E501 - a row of a table stays on one line
"""The drugs of the simulated hospital: a booklet of its own (local codes), with ATC beside.

Doses are plausible, not advice. Codes are local on purpose: an invented UCD13 could be somebody's real product.
"""

from typing import NamedTuple

from releve.exercise.segments import escaped


class Drug(NamedTuple):
    """A drug as prescribed here. `hours` are fixed hours; `every` an interval; neither: continuous or as needed."""

    key: str
    give: str  # CE: local code, label, ATC
    label: str
    dose: str
    unit: str
    form: str  # CE
    route: str  # CE, HL7 table 0162
    hours: tuple[int, ...]
    every: int
    when: str  # condition of an as-needed line
    rate: str  # mL/h of an infusion
    words: str  # instructions
    days: int  # usual duration
    alert: bool  # high-alert: its change may suspend it (anticoagulants) or be checked by two


_ROUTES = {"PO": "Voie orale", "IV": "Voie intraveineuse", "SC": "Voie sous-cutanée", "IM": "Voie intramusculaire",
           "IH": "Voie inhalée", "TD": "Voie transdermique", "SL": "Voie sublinguale", "OP": "Voie ophtalmique",
           "NG": "Sonde nasogastrique", "PR": "Voie rectale"}  # fmt: skip
_FORMS = {"cp": "Comprimé", "gel": "Gélule", "sach": "Sachet", "inj": "Solution injectable", "perf": "Poche pour perfusion",
          "neb": "Solution pour nébulisation", "disp": "Dispositif transdermique", "sir": "Solution buvable",
          "col": "Collyre", "stylo": "Stylo prérempli", "supp": "Suppositoire"}  # fmt: skip

# key; ATC; label; dose; unit; form; route; schedule; days; words.  Schedule: hours "8,20", interval "/6",
# as needed "?condition", continuous "@mL/h". A "!" before the label marks a high-alert drug.
_ROWS = """
paracetamol;N02BE01;Paracétamol 1 g;1;g;cp;PO;/6;5;Maximum 4 g par 24 h
paracetamol-iv;N02BE01;Paracétamol 1 g/100 mL;1;g;perf;IV;/6;3;En 15 minutes
paracetamol-sb;N02BE01;Paracétamol 1 g;1;g;cp;PO;?si douleur ou fièvre > 38,5 °C;10;Espacer de 6 h
paracetamol-ped;N02BE01;Paracétamol 24 mg/mL;180;mg;sir;PO;/6;3;15 mg/kg par prise
nefopam;N02BG06;Néfopam 20 mg/2 mL;20;mg;inj;IV;/6;3;En 30 minutes
tramadol;N02AX02;Tramadol 50 mg;50;mg;gel;PO;?si EVA > 4;5;Maximum 400 mg par 24 h
morphine-or;N02AA01;!Morphine 10 mg;10;mg;gel;PO;/4;7;Noter la somnolence
morphine-sc;N02AA01;!Morphine 10 mg/mL;5;mg;inj;SC;?si EVA > 6;3;Réévaluer à 30 minutes
oxycodone;N02AA05;!Oxycodone LP 10 mg;10;mg;cp;PO;8,20;7;Ne pas écraser
fentanyl;N02AB03;!Fentanyl 25 µg/h;25;µg/h;disp;TD;/72;30;Changer le patch, noter le site
ketoprofene;M01AE03;Kétoprofène 50 mg;50;mg;gel;PO;8,12,20;3;Au cours du repas
amoxiclav;J01CR02;Amoxicilline & acide clavulanique 1 g/200 mg;1;g;perf;IV;/8;7;En 30 minutes
amoxiclav-po;J01CR02;Amoxicilline & acide clavulanique 1 g/125 mg;1;g;sach;PO;8,14,20;7;
amox-ped;J01CA04;Amoxicilline 250 mg/5 mL;500;mg;sir;PO;8,20;7;
ceftriaxone;J01DD04;Ceftriaxone 1 g;1;g;perf;IV;10;7;En 30 minutes
cefotaxime;J01DD01;Céfotaxime 2 g;2;g;perf;IV;/8;7;
piptazo;J01CR05;Pipéracilline & tazobactam 4 g;4;g;perf;IV;/6;7;En 4 heures
vancomycine;J01XA01;Vancomycine 1 g;2;g;perf;IV;@20;7;Objectif 20 à 25 mg/L
gentamicine;J01GB03;Gentamicine 320 mg;320;mg;perf;IV;14;3;Dosage résiduel avant la 2e dose
metronidazole;J01XD01;Métronidazole 500 mg;500;mg;perf;IV;/8;5;
ofloxacine;J01MA01;Ofloxacine 200 mg;200;mg;cp;PO;8,20;7;
enoxa-prev;B01AB05;!Énoxaparine 4 000 UI/0,4 mL;4000;UI;inj;SC;20;15;Surveiller les plaquettes
enoxa-cur;B01AB05;!Énoxaparine 7 000 UI/0,7 mL;7000;UI;inj;SC;8,20;10;
hnf;B01AB01;!Héparine sodique 25 000 UI/5 mL;20000;UI;inj;IV;@2;5;Adapter à l'anti-Xa
apixaban;B01AF02;!Apixaban 5 mg;5;mg;cp;PO;8,20;90;
warfarine;B01AA03;!Warfarine 5 mg;5;mg;cp;PO;18;90;INR cible 2 à 3
fluindione;B01AA12;!Fluindione 20 mg;20;mg;cp;PO;18;90;Selon INR
aspirine;B01AC06;Acide acétylsalicylique 75 mg;75;mg;sach;PO;12;365;
clopidogrel;B01AC04;Clopidogrel 75 mg;75;mg;cp;PO;8;365;
furosemide-iv;C03CA01;Furosémide 20 mg/2 mL;40;mg;inj;IV;8,14;5;Surveiller la diurèse
furosemide;C03CA01;Furosémide 40 mg;40;mg;cp;PO;8;365;
spironolactone;C03DA01;Spironolactone 25 mg;25;mg;cp;PO;8;365;
bisoprolol;C07AB07;Bisoprolol 2,5 mg;2.5;mg;cp;PO;8;365;Ne pas donner si FC < 50
ramipril;C09AA05;Ramipril 5 mg;5;mg;gel;PO;8;365;
amlodipine;C08CA01;Amlodipine 5 mg;5;mg;cp;PO;8;365;
amiodarone;C01BD01;!Amiodarone 200 mg;200;mg;cp;PO;8;365;
nicardipine;C08CA04;Nicardipine 10 mg/10 mL;50;mg;inj;IV;@4;2;PAS < 140 mmHg
norad;C01CA03;!Noradrénaline 8 mg/4 mL;16;mg;inj;IV;@5;3;PAM > 65 mmHg, voie centrale
atorvastatine;C10AA05;Atorvastatine 40 mg;40;mg;cp;PO;20;365;
kcl-po;A12BA01;Chlorure de potassium 600 mg;1200;mg;gel;PO;8,12,20;5;
kcl-iv;A12BA01;!Chlorure de potassium 10 % (1 g/10 mL);4;g;inj;IV;@42;2;DILUER dans 1 L, jamais en IV directe
g5;B05BA03;Glucose 5 % 1 000 mL + NaCl 4 g;1;L;perf;IV;@83;3;
nacl;B05XA03;Chlorure de sodium 0,9 % 500 mL;500;mL;perf;IV;@21;3;Garde-veine
insuline-glargine;A10AE04;!Insuline glargine 100 UI/mL;18;UI;stylo;SC;22;365;
insuline-rapide;A10AB05;!Insuline asparte 100 UI/mL;6;UI;stylo;SC;8,12,19;365;Selon glycémie : < 1,4 g/L = 0 ; 1,4 à 2 = 4 ; > 2 = 8 UI
insuline-ivse;A10AB01;!Insuline humaine rapide 50 UI/50 mL;50;UI;inj;IV;@2;2;Selon protocole, glycémie horaire
metformine;A10BA02;Metformine 1 000 mg;1000;mg;cp;PO;8,19;365;Arrêt si iode
pantoprazole;A02BC02;Pantoprazole 40 mg;40;mg;cp;PO;20;30;
pantoprazole-iv;A02BC02;Pantoprazole 40 mg;80;mg;perf;IV;@10;3;
ondansetron;A04AA01;Ondansétron 4 mg/2 mL;4;mg;inj;IV;?si nausées;3;
metoclopramide;A03FA01;Métoclopramide 10 mg;10;mg;cp;PO;?si nausées;5;
phloroglucinol;A03AX12;Phloroglucinol 80 mg;160;mg;cp;PO;?si spasmes;5;
macrogol;A06AD15;Macrogol 10 g;1;sachet;sach;PO;8;15;
lactulose;A06AD11;Lactulose 10 g;2;sachet;sach;PO;8,18;15;
salbutamol;R03AC02;Salbutamol 5 mg/2,5 mL;5;mg;neb;IH;/6;5;
ipratropium;R03BB01;Ipratropium 0,5 mg/2 mL;0.5;mg;neb;IH;8,14,20;5;
prednisolone;H02AB06;Prednisolone 20 mg;40;mg;cp;PO;8;7;
methylpred;H02AB04;Méthylprednisolone 40 mg;60;mg;inj;IV;8;3;
levothyrox;H03AA01;Lévothyroxine 75 µg;75;µg;cp;PO;7;365;À jeun
methotrexate;L01BA01;!Méthotrexate 2,5 mg;10;mg;cp;PO;/168;90;UNE FOIS PAR SEMAINE, le lundi
colchicine;M04AC01;!Colchicine 1 mg;0.5;mg;cp;PO;8,20;5;
allopurinol;M04AA01;Allopurinol 100 mg;100;mg;cp;PO;12;365;
levetiracetam;N03AX14;Lévétiracétam 500 mg;500;mg;cp;PO;8,20;365;
valproate;N03AG01;Acide valproïque LP 500 mg;500;mg;cp;PO;8,20;365;
levodopa;N04BA02;Lévodopa & bensérazide 125 mg;125;mg;gel;PO;7,11,15,19;365;Heures strictes
risperidone;N05AX08;Rispéridone 2 mg;2;mg;cp;PO;20;90;
olanzapine;N05AH03;Olanzapine 10 mg;10;mg;cp;PO;20;90;
lithium;N05AN01;!Lithium LP 400 mg;800;mg;cp;PO;20;365;Lithiémie à 12 h
sertraline;N06AB06;Sertraline 50 mg;50;mg;gel;PO;8;180;
oxazepam;N05BA04;Oxazépam 10 mg;10;mg;cp;PO;?si anxiété;10;
zopiclone;N05CF01;Zopiclone 3,75 mg;3.75;mg;cp;PO;?si insomnie;10;Au coucher
midazolam;N05CD08;!Midazolam 50 mg/10 mL;50;mg;inj;IV;@3;2;
propofol;N01AX10;!Propofol 2 %;1000;mg;inj;IV;@8;2;
tranexamique;B02AA02;Acide tranexamique 1 g;1;g;inj;IV;/8;1;
oxytocine;H01BB02;!Oxytocine 5 UI/mL;10;UI;inj;IV;@60;1;
fer;B03AC;Fer injectable 500 mg;500;mg;perf;IV;10;1;Surveiller 30 minutes
vitamine-k;B02BA01;Phytoménadione 2 mg/0,2 mL;2;mg;sir;PO;10;1;
cholecalciferol;A11CC05;Cholécalciférol 100 000 UI;100000;UI;sir;PO;10;1;
timolol;S01ED01;Timolol 0,5 %;1;goutte;col;OP;8,20;365;Les deux yeux
tinzaparine;B01AB10;!Tinzaparine 14 000 UI/0,7 mL;14000;UI;inj;SC;18;15;
""".strip().splitlines()


def _drug(rank: int, row: str) -> Drug:
    key, atc, label, dose, unit, form, route, schedule, days, words = row.split(";", 9)
    alert = label.startswith("!")
    label = label.lstrip("!")
    hours: tuple[int, ...] = ()
    every, when, rate = 0, "", ""
    if schedule[0] == "/":
        every = int(schedule[1:])
    elif schedule[0] == "?":
        when = schedule[1:]
    elif schedule[0] == "@":
        rate = schedule[1:]
    else:
        hours = tuple(int(hour) for hour in schedule.split(","))
    return Drug(
        key=key,
        give=f"LIV{rank:04d}^{escaped(label)}^99LIV^{atc}^{escaped(label)}^ATC",
        label=label,
        dose=dose,
        unit=unit,
        form=f"{form.upper()}^{_FORMS[form]}^99FOR",
        route=f"{route}^{_ROUTES[route]}^HL70162",
        hours=hours,
        every=every,
        when=escaped(when),
        rate=rate,
        words=escaped(words),
        days=int(days),
        alert=alert,
    )


FORMULARY: dict[str, Drug] = {
    drug.key: drug for drug in (_drug(rank, row) for rank, row in enumerate(_ROWS, start=1))
}
