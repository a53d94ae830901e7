# ruff: noqa: E501 - a row of a table stays on one line
"""Clinical pictures: why somebody is in hospital, what is then prescribed, measured and looked at."""

from typing import NamedTuple

from releve.exercise.segments import escaped


class Picture(NamedTuple):
    """A reason for a stay. `shifts` multiply what an analyte usually is, at the worst of the illness."""

    code: str  # CE, CIM-10
    label: str
    drugs: tuple[str, ...]
    panels: tuple[str, ...]
    shifts: dict[str, float]
    exams: tuple[str, ...]


# code; label; drugs; panels; shifts; exams
_ROWS = {
    "general": """
J18.9;Pneumopathie communautaire;amoxiclav paracetamol enoxa-prev salbutamol;NFS IONO REIN CRP;CRP=40 WBC=1.9 NEU=2.3;RXT
N10;Pyélonéphrite aiguë;ceftriaxone paracetamol phloroglucinol;NFS IONO REIN CRP;CRP=35 WBC=1.8 CREA=1.2;ECHR
E86;Déshydratation, chute à domicile;g5 kcl-po paracetamol-sb enoxa-prev;IONO REIN NFS;NA=1.06 UREA=2.2 CREA=1.5 K=0.88;RXB
E11.6;Déséquilibre d'un diabète de type 2;insuline-glargine insuline-rapide metformine atorvastatine;GLY IONO REIN A1C;GLU=2.6 HBA1C=1.7 NA=0.98;RXT
D64.9;Anémie à explorer;fer pantoprazole;NFS FER HEMO;HB=0.6 HT=0.62 RBC=0.7 MCV=0.86 FERR=0.2;
A41.9;Sepsis d'origine urinaire;piptazo gentamicine nacl paracetamol-iv enoxa-prev;NFS IONO REIN CRP PCT GDS;CRP=60 WBC=2.2 LACT=2.4 PCT=60 CREA=1.7 PLT=0.7;TDMAP
""",
    "geriatrics": """
S32.0;Tassement vertébral douloureux;paracetamol oxycodone macrogol enoxa-prev zopiclone cholecalciferol;NFS IONO REIN;CREA=1.2 HB=0.9;RXR
I50.0;Insuffisance cardiaque globale;furosemide-iv bisoprolol ramipril kcl-po enoxa-prev;NFS IONO REIN BNP;BNP=45 CREA=1.6 K=0.92 NA=0.97;RXT ETT
F05.0;Syndrome confusionnel;paracetamol-sb risperidone macrogol g5;NFS IONO REIN CRP TSH;NA=0.94 CRP=6;TDMC
R29.6;Chutes à répétition;paracetamol levothyrox cholecalciferol amlodipine macrogol;NFS IONO REIN TSH NUT;ALB=0.75;RXB
G20;Maladie de Parkinson, adaptation;levodopa macrogol paracetamol-sb enoxa-prev;NFS IONO REIN;;
""",
    "cardiology": """
I50.1;Insuffisance ventriculaire gauche;furosemide-iv bisoprolol ramipril spironolactone kcl-po enoxa-prev;NFS IONO REIN BNP TROPO;BNP=60 TROP=2 CREA=1.5 K=0.93;RXT ETT
I21.4;Syndrome coronarien aigu;aspirine clopidogrel atorvastatine bisoprolol enoxa-cur ramipril;NFS IONO REIN TROPO HEMO;TROP=70;CORO ETT
I48.0;Fibrillation atriale rapide;apixaban bisoprolol amiodarone;NFS IONO REIN TSH HEMO;BNP=8 TSH=0.7;ETT
I26.9;Embolie pulmonaire;hnf paracetamol-sb;NFS IONO REIN DDI TROPO AXA GDS;DDIM=14 TROP=3 PO2=0.75;ANGIO
I35.0;Rétrécissement aortique, bilan;warfarine furosemide bisoprolol;NFS IONO REIN INR BNP;INR=2.4 BNP=20;ETT
""",
    "pneumology": """
J44.1;Exacerbation de BPCO;salbutamol ipratropium prednisolone amoxiclav-po enoxa-prev;NFS IONO REIN CRP GDS;CRP=14 PCO2=1.3 PO2=0.72 WBC=1.6;RXT
J18.1;Pneumopathie franche lobaire aiguë;ceftriaxone paracetamol salbutamol enoxa-prev;NFS IONO REIN CRP GDS;CRP=50 WBC=2.1 PO2=0.74;RXT TDMT
C34.1;Bilan d'opacité pulmonaire;paracetamol-sb tramadol enoxa-prev;NFS IONO REIN CRP;CRP=5 CA=1.12 HB=0.85;TDMT
""",
    "neurology": """
I63.9;Accident vasculaire cérébral ischémique;aspirine atorvastatine nicardipine paracetamol-iv enoxa-prev;NFS IONO REIN HEMO GLY;GLU=1.4;TDMC IRMC
G40.9;Crise convulsive;levetiracetam valproate;NFS IONO REIN GLY PCA;LACT=2 CA=0.95;TDMC IRMC
G35;Poussée de sclérose en plaques;methylpred pantoprazole kcl-po;NFS IONO GLY;GLU=1.3;IRMC
""",
    "gastro": """
K85.9;Pancréatite aiguë;g5 nefopam morphine-sc pantoprazole-iv kcl-iv;NFS IONO REIN CRP LIP BHC PCA;LIP=28 CRP=45 CA=0.92 WBC=1.8;TDMAP
K92.2;Hémorragie digestive haute;pantoprazole-iv tranexamique nacl;NFS HEMO IONO REIN;HB=0.55 HT=0.56 UREA=2.4 RBC=0.6;
K74.6;Décompensation de cirrhose;lactulose spironolactone furosemide ceftriaxone;NFS HEMO BHC IONO REIN NUT;TP=0.5 INR=1.7 ALB=0.65 PLT=0.4 BILI=5 NA=0.93;ECHA
K80.0;Cholécystite aiguë;piptazo paracetamol-iv phloroglucinol g5;NFS BHC CRP IONO REIN HEMO;CRP=40 BILI=2.4 GGT=4 PAL=2;ECHA
""",
    "oncology": """
C50.9;Chimiothérapie, cancer du sein;ondansetron methylpred paracetamol-sb;NFS IONO REIN BHC;WBC=0.5 NEU=0.35 PLT=0.7 HB=0.8;
C18.9;Altération de l'état général, cancer colique;morphine-or macrogol ondansetron tinzaparine;NFS IONO REIN BHC NUT;ALB=0.65 GGT=5 HB=0.75 CRP=12;TDMAP
D70;Neutropénie fébrile;piptazo vancomycine paracetamol-iv g5;NFS IONO REIN CRP VANC;WBC=0.12 NEU=0.05 CRP=30 PLT=0.35;RXT
""",
    "nephrology": """
N17.9;Insuffisance rénale aiguë;nacl furosemide-iv insuline-rapide enoxa-prev;IONO REIN NFS PCA GDS;CREA=5 UREA=4 K=1.35 CO2=0.75 DFG=0.2 PHOS=1.6;ECHR
N18.5;Insuffisance rénale chronique terminale;furosemide amlodipine fer allopurinol;IONO REIN NFS PCA FER;CREA=7 UREA=3.6 K=1.22 HB=0.75 PHOS=1.7 DFG=0.12;ECHR
""",
    "endocrinology": """
E10.1;Acidocétose diabétique;insuline-ivse kcl-iv nacl;GLY IONO REIN GDS A1C;GLU=4.2 CO2=0.45 PH=0.985 K=1.15 HBA1C=1.9;
E05.0;Maladie de Basedow;bisoprolol paracetamol-sb;TSH NFS IONO;TSH=0.02;
L97;Pied diabétique infecté;amoxiclav ofloxacine insuline-glargine insuline-rapide enoxa-prev;NFS CRP GLY IONO REIN A1C;CRP=22 GLU=2.1 HBA1C=1.6;RXR
""",
    "surgery": """
S72.0;Fracture du col du fémur;paracetamol-iv morphine-sc enoxa-prev nacl apixaban;NFS IONO REIN HEMO;HB=0.8 HT=0.8 CRP=10;RXB
K35.8;Appendicite aiguë;amoxiclav metronidazole paracetamol-iv nefopam;NFS CRP IONO REIN HEMO;CRP=18 WBC=1.9;TDMAP
M17.1;Prothèse totale de genou;paracetamol oxycodone ketoprofene enoxa-prev pantoprazole;NFS IONO REIN HEMO;HB=0.85 CRP=14;RXR
K40.9;Cure de hernie inguinale;paracetamol ketoprofene;NFS HEMO;;
C18.7;Colectomie gauche;paracetamol-iv morphine-sc enoxa-prev g5 kcl-iv;NFS IONO REIN CRP NUT;CRP=25 HB=0.78 ALB=0.75 K=0.88;TDMAP
I70.2;Ischémie de membre inférieur;hnf aspirine atorvastatine morphine-or;NFS HEMO AXA IONO REIN;CREA=1.3;ANGIO
""",
    "critical": """
R57.2;Choc septique;norad piptazo vancomycine insuline-ivse midazolam pantoprazole-iv enoxa-prev;NFS IONO REIN CRP PCT GDS HEMO BHC VANC;CRP=70 LACT=4 CREA=2.6 PLT=0.45 WBC=2.5 PH=0.985 PCT=150;RXT
J96.0;Détresse respiratoire aiguë;propofol piptazo salbutamol enoxa-prev pantoprazole-iv kcl-iv;NFS IONO REIN CRP GDS;PO2=0.65 PCO2=1.4 PH=0.98 CRP=45;RXT
S06.5;Traumatisme crânien grave;midazolam levetiracetam nacl paracetamol-iv;NFS IONO REIN HEMO GDS;NA=1.04 HB=0.75;TDMC
I46.0;Arrêt cardiaque récupéré;propofol norad amiodarone aspirine hnf;NFS IONO REIN TROPO GDS HEMO BHC AXA;TROP=120 LACT=4 ASAT=12 ALAT=9 K=1.15;CORO
""",
    "maternity": """
O80;Accouchement par voie basse;paracetamol-sb ketoprofene oxytocine;NFS HEMO;HB=0.85 WBC=1.7 FIB=1.5;
O82;Césarienne;paracetamol-iv ketoprofene enoxa-prev oxytocine;NFS HEMO IONO;HB=0.78 WBC=1.8 FIB=1.5;
O60.0;Menace d'accouchement prématuré;phloroglucinol paracetamol-sb;NFS CRP;WBC=1.5;ECHO
O14.9;Prééclampsie;nicardipine paracetamol-sb;NFS BHC REIN HEMO;PLT=0.6 ASAT=2.5 ALAT=2.5 CREA=1.2;ECHO
""",
    "paediatrics": """
J21.0;Bronchiolite aiguë;paracetamol-ped nacl;IONO CRP;CRP=3;RXT
J45.9;Crise d'asthme;salbutamol prednisolone paracetamol-ped;NFS;;RXT
A09;Gastro-entérite;paracetamol-ped g5;IONO REIN;NA=0.97 CO2=0.85;
N39.0;Infection urinaire fébrile;cefotaxime paracetamol-ped;NFS CRP IONO REIN;CRP=22 WBC=2;ECHR
""",
    "neonatal": """
P07.3;Prématurité;vitamine-k;NFS CRP GLY IONO;GLU=0.7;
P59.9;Ictère néonatal;vitamine-k;NFS BHC;BILI=16;
""",
    "psychiatry": """
F32.2;Épisode dépressif sévère;sertraline oxazepam zopiclone;NFS IONO TSH;;
F20.0;Schizophrénie, décompensation;olanzapine oxazepam macrogol;NFS IONO BHC;;
F31.1;Épisode maniaque;lithium risperidone oxazepam;NFS IONO REIN LITH TSH;LI=1;
""",
    "rehabilitation": """
Z50.1;Rééducation après prothèse de hanche;paracetamol enoxa-prev macrogol amlodipine;NFS IONO REIN;HB=0.88 PLT=1.3;RXB
I69.3;Séquelles d'accident vasculaire cérébral;aspirine atorvastatine amlodipine macrogol sertraline;NFS IONO REIN;;
M06.9;Polyarthrite, perte d'autonomie;methotrexate paracetamol prednisolone cholecalciferol;NFS BHC CRP;CRP=4;
""",
    "emergency": """
R07.4;Douleur thoracique;aspirine paracetamol-sb;NFS IONO REIN TROPO DDI;;RXT
R10.4;Douleur abdominale;paracetamol-iv phloroglucinol;NFS IONO REIN CRP LIP BHC;CRP=4;ECHA
S93.4;Entorse de la cheville;paracetamol-sb;;;RXR
R55;Malaise;nacl;NFS IONO REIN TROPO GLY;;
S01.8;Plaie de la face;paracetamol-sb;;;
T14.9;Traumatisme, accident de la voie publique;paracetamol-iv morphine-sc nacl;NFS HEMO IONO GDS;HB=0.85 LACT=1.6;TDMC
F10.0;Intoxication éthylique aiguë;g5 nacl;IONO GLY;;
""",
    "day": """
Z51.1;Séance de chimiothérapie;ondansetron methylpred;NFS IONO REIN BHC;NEU=0.7;
Z09.8;Bilan de suivi en hôpital de jour;;NFS IONO REIN A1C;;
H26.9;Chirurgie de la cataracte;paracetamol-sb timolol;;;
D50.9;Carence martiale, perfusion de fer;fer;NFS FER;HB=0.75 FERR=0.15;
""",
}

_ROWS["short"] = _ROWS["emergency"]
_ROWS["gynaecology"] = """
D25.9;Hystérectomie pour myomes;paracetamol-iv ketoprofene enoxa-prev ondansetron;NFS IONO HEMO;HB=0.82;ECHA
O00.1;Grossesse extra-utérine;paracetamol-iv phloroglucinol;NFS HCG HEMO;HB=0.85 HCG=900;ECHA
C50.9;Mastectomie;paracetamol tramadol enoxa-prev;NFS IONO HEMO;HB=0.9;MAMMO
"""
_ROWS["day-surgery"] = """
H26.9;Chirurgie de la cataracte;paracetamol-sb timolol;;;
K40.9;Cure de hernie inguinale en ambulatoire;paracetamol ketoprofene;HEMO;;
G56.0;Libération du canal carpien;paracetamol-sb;;;
"""
_ROWS["dialysis"] = """
N18.5;Séance d'hémodialyse;enoxa-prev;IONO REIN NFS;CREA=8 UREA=3.6 K=1.28 HB=0.78 PHOS=1.8 DFG=0.1;
"""


def _picture(row: str) -> Picture:
    code, label, drugs, panels, shifts, exams = row.split(";")
    parsed = dict(shift.split("=") for shift in shifts.split())
    return Picture(
        code=f"{code}^{escaped(label)}^CIM10",
        label=escaped(label),
        drugs=tuple(drugs.split()),
        panels=tuple(panels.split()),
        shifts={key: float(value) for key, value in parsed.items()},
        exams=tuple(exams.split()),
    )


PICTURES: dict[str, tuple[Picture, ...]] = {
    kind: tuple(_picture(row) for row in rows.strip().splitlines()) for kind, rows in _ROWS.items()
}

# Words of a ward's name or specialty, letters only, that tell which pictures lie there; the first that fits.
_WORDS = (
    ("short", ("uhcd", "courte duree", "urgence")),
    ("neonatal", ("neonat", "prematur")), ("maternity", ("matern", "obstet", "suites de couches", "grossesse")),
    ("paediatrics", ("pediat", "paediat", "enfant", "nourrisson")), ("psychiatry", ("psych",)),
    ("rehabilitation", ("ssr", "smr", "readapt", "reeducat", "soins de suite", "longue duree", "usld", "rehab")),
    ("geriatrics", ("geriat", "gerontol")), ("cardiology", ("cardio", "vasculaire medic")),
    ("pneumology", ("pneumo", "respir")), ("neurology", ("neurolog", "neurovasc", "unv")),
    ("gastro", ("gastro", "hepat", "digestif medic")), ("oncology", ("onco", "hemato", "cancer", "palliat")),
    ("nephrology", ("nephro", "dialy")), ("endocrinology", ("endocrin", "diabet")),
    ("gynaecology", ("gynec",)), ("surgery", ("chir", "ortho", "trauma", "urolog", "orl", "ophtal", "visceral", "surg", "bloc")),
)  # fmt: skip

_PLAIN = str.maketrans("àâäçéèêëîïôöùûüœ", "aaaceeeeiioouuuo")


def pictures_of(*, kind: str, words: str) -> str:
    """Return which pictures lie in a ward, from its kind in the map and the words of its name and specialty."""
    plain = words.lower().translate(_PLAIN)
    if kind == "day":
        return "dialysis" if "dialy" in plain else "day-surgery" if "chir" in plain else "day"
    if kind == "emergency":
        return kind
    if kind == "critical":
        return "neonatal" if "neonat" in plain else "critical"
    for name, marks in _WORDS:
        if any(mark in plain for mark in marks):
            return name
    return "general"
