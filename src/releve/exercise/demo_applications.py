"""The applications of the demonstration hospital: what each does for care, what it needs, how long it may be missed.

Names and vendors are invented; roles, dependencies and tolerances are those of a French hospital of this size.
"""

from releve.hospital.map import Application, Feed

# code | name | care functions | needs | vendor | zone | MTPD in hours | wards (empty: all)
_APPLICATIONS = """
RESEAU|Cœur de réseau|network||Trame Réseaux|infra|1|
WIFI|Réseau sans fil|network|RESEAU RADIUS|Trame Réseaux|infra|8|
DNS|Noms et adresses (DNS, DHCP)|network|RESEAU|Trame Réseaux|infra|1|
NTP|Serveurs de temps|network|RESEAU|Trame Réseaux|infra|24|
PARE-FEU|Pare-feu et filtrage|network protect|RESEAU|Rempart|infra|2|
VPN|Accès distants|network|PARE-FEU AD PKI|Rempart|infra|72|
BASTION|Bastion d’administration|protect|AD VIRT|Rempart|infra|24|
SAN|Baies de stockage|host|RESEAU|Granit Stockage|infra|1|
VIRT|Virtualisation|host|SAN RESEAU|Granit Stockage|infra|1|
SGBD|Bases de données mutualisées|host|VIRT|Granit Stockage|infra|2|
FICHIERS|Serveurs de fichiers|host|VIRT AD|Granit Stockage|infra|24|
SAUV|Sauvegarde|back-up|SAN VIRT|Arche Sauvegarde|infra|24|
SAUV-HL|Sauvegarde hors ligne|back-up|SAUV|Arche Sauvegarde|infra|168|
AD|Annuaire et comptes|authenticate|VIRT DNS|Régie interne|infra|1|
RADIUS|Contrôle d’accès au réseau|authenticate network|AD DNS|Trame Réseaux|infra|8|
PKI|Certificats|authenticate|VIRT AD|Régie interne|infra|72|
SSO|Authentification unique et cartes CPS|authenticate|AD PKI|Sésame Santé|infra|4|
IAM|Gestion des identités professionnelles|authenticate|AD RH SGBD|Sésame Santé|infra|168|
EDR|Protection des postes et serveurs|protect|VIRT PARE-FEU|Rempart|infra|24|
SIEM|Journaux de sécurité|protect|VIRT SAN|Rempart|infra|72|
SUPERV|Supervision technique|protect|VIRT DNS|Régie interne|infra|24|
POSTES|Déploiement des postes|workplace|AD FICHIERS|Régie interne|infra|48|
IMPR|Serveurs d’impression|workplace|AD VIRT|Régie interne|infra|4|
TSE|Bureaux distants|workplace|AD VIRT|Régie interne|infra|24|
WSUS|Mises à jour|protect|VIRT AD|Régie interne|infra|168|
EAI|Plateforme d’échanges|integrate|VIRT SGBD DNS|Passerelle Santé|coeur|2|
ANNUAIRE-S|Référentiel des structures et UF|integrate|SGBD AD|Régie interne|coeur|48|
GAM|Identité et mouvements|identity admit|SGBD AD EAI|Hélianthe|coeur|2|
IDENT|Rapprochement d’identités|integrate|GAM EAI|Hélianthe|coeur|72|
INSI|Téléservice INS|integrate|GAM PARE-FEU PKI|Passerelle Santé|dmz|168|
DPI|Dossier patient|document observe|GAM SGBD AD SSO|Hélianthe|coeur|2|
PRESC|Prescription et administration|prescribe administer|DPI GAM LIVRET|Hélianthe|coeur|2|
LIVRET|Livret et base du médicament|inform|SGBD|Hélianthe|coeur|72|
DEMANDES|Serveur de demandes|order-laboratory order-imaging|DPI EAI|Hélianthe|coeur|4|
SERV-RES|Serveur de résultats|results-laboratory|SGL EAI DPI|Hélianthe|coeur|8|
REA|Dossier de réanimation|intensive-care prescribe administer observe|GAM SGBD AD|Vigie Critique|coeur|2|1110 1120
USIC-C|Centrale de surveillance cardiologique|monitor|RESEAU|Vigie Critique|biomed|1|1140 1130
REA-C|Centrale de surveillance réanimation|monitor|RESEAU|Vigie Critique|biomed|1|1110 1120
NEO-C|Centrale de surveillance néonatale|monitor|RESEAU|Vigie Critique|biomed|1|2180
URG|Dossier des urgences|emergency|GAM SGBD AD EAI|Clairval|coeur|2|1101 1102
RPU|Remontée des résumés de passage|inform|URG EAI PARE-FEU|Clairval|dmz|336|
REGUL|Régulation médicale du SAMU|regulate|TELEPH SGBD|Clairval|coeur|1|
SMUR|Dossier embarqué SMUR|emergency regulate|REGUL WIFI|Clairval|coeur|12|1101
SGL|Laboratoire de biologie|results-laboratory|SGBD GAM EAI|Éprouvette|coeur|2|
MIDDLE|Pilotage des automates|results-laboratory|SGL|Éprouvette|biomed|4|
AUTOM|Automates de biologie|results-laboratory|RESEAU|Éprouvette|biomed|2|
EBMD|Biologie délocalisée (gaz du sang)|monitor|SGL WIFI|Éprouvette|biomed|12|1101 1110 1120 2180
MICRO|Microbiologie|results-laboratory|SGL|Éprouvette|coeur|24|
ANAPATH|Anatomie pathologique|pathology|SGBD GAM EAI|Éprouvette|coeur|72|
EFS|Distribution des produits sanguins|transfuse|GAM EAI SGBD|Globule|coeur|1|
HEMOVIG|Traçabilité transfusionnelle|vigilance|EFS DPI|Globule|coeur|72|
RIS|Gestion de l’imagerie|results-imaging|GAM SGBD EAI|Contraste|imagerie|4|
PACS|Archive d’images|images|RIS SAN|Contraste|imagerie|4|
WORKLIST|Listes de travail des modalités|images|RIS|Contraste|imagerie|4|
VIEW3D|Reconstruction en trois dimensions|images|PACS|Contraste|imagerie|72|
TELERAD|Téléradiologie de garde|results-imaging|PACS PARE-FEU|Contraste|dmz|12|
DOSI|Dosimétrie des patients|results-imaging|PACS|Contraste|imagerie|336|
DICTEE|Dictée et reconnaissance vocale|dictate|AD SGBD|Parole|coeur|72|
PHARMA|Pharmacie|dispense stock|SGBD GAM PRESC|Officine|coeur|4|
ROBOT|Automate de dispensation|dispense|PHARMA|Officine|biomed|24|
ARMOIRES|Armoires sécurisées des services|dispense|PHARMA WIFI|Officine|biomed|12|
CHIMIO|Chimiothérapie|chemotherapy|GAM SGBD PHARMA|Officine|coeur|24|3170 2147
DMI|Dispositifs implantables|stock|PHARMA GEF|Officine|coeur|72|
STUP|Registre des stupéfiants|stock|PHARMA|Officine|coeur|48|
FMD|Sérialisation des médicaments|stock|PHARMA PARE-FEU|Officine|dmz|336|
GAZ|Commande des fluides médicaux|stock|GEF|Officine|admin|72|
BLOC|Bloc opératoire|theatre|GAM SGBD AGENDA|Scialytique|coeur|8|
ANESTH|Anesthésie|anaesthesia|GAM SGBD BLOC|Scialytique|coeur|4|
STERI|Stérilisation|sterilise|SGBD BLOC|Scialytique|coeur|24|
ENDO|Endoscopies et traçabilité|theatre|GAM SGBD|Scialytique|coeur|48|
MATER|Dossier obstétrical|maternity|GAM SGBD DPI|Naissance|coeur|4|2170 2160
MONITO|Monitorage fœtal|monitor|RESEAU|Naissance|biomed|1|2170
NAISS|Déclaration des naissances|maternity inform|MATER PARE-FEU|Naissance|dmz|72|2170
DIALYSE|Dossier de dialyse|dialysis|GAM SGBD SGL|Néphros|coeur|12|3160
GENER|Générateurs et traitement d’eau|dialysis building|RESEAU|Néphros|biomed|2|3160
CARDIO|Dossier de cardiologie|functional-tests|GAM SGBD PACS|Rythme|coeur|48|1130 1140
ECG|Électrocardiogrammes|functional-tests|GAM WIFI|Rythme|biomed|12|
HEMODYN|Coronarographie|images theatre|RIS PACS|Rythme|imagerie|4|1140
EFR|Explorations respiratoires|functional-tests|GAM|Rythme|biomed|72|3110
EEG|Électroencéphalogrammes|functional-tests|GAM FICHIERS|Rythme|biomed|72|1150 1160
TELEAVC|Télé-AVC|images emergency|PACS PARE-FEU|Contraste|dmz|2|1101 1160
RADIOTH|Radiothérapie|radiotherapy|GAM SGBD PACS|Isodose|imagerie|24|3170
RCP|Réunions de concertation|share|DPI PARE-FEU|Isodose|dmz|168|
DIABETO|Télésuivi du diabète|monitor|PARE-FEU DPI|Hélianthe|dmz|168|3140
PSY|Dossier de psychiatrie|document|GAM SGBD|Clairval|coeur|24|4150
ISOLEM|Registre d’isolement|vigilance|PSY|Clairval|coeur|72|4150
GERIA|Évaluation gériatrique|rehabilitate|DPI|Clairval|coeur|168|4110 4140
SMR|Planification de la rééducation|rehabilitate|GAM SGBD|Clairval|coeur|72|4120 4130
TRAJ|Orientation vers l’aval|onward|PARE-FEU DPI|Passerelle Santé|dmz|168|
AGENDA|Rendez-vous|appoint|GAM SGBD|Hélianthe|coeur|12|
PORTAIL|Portail des patients|inform|AGENDA PARE-FEU PKI|Hélianthe|dmz|336|
BORNES|Bornes d’accueil|inform|GAM AGENDA|Hélianthe|coeur|168|
BRANC|Brancardage|transport|GAM WIFI|Logis|admin|12|
AMBU|Transports sanitaires|transport|AGENDA PARE-FEU|Logis|dmz|24|
REPAS|Repas et diététique|cater|GAM SGBD|Logis|admin|12|
LINGE|Linge|stock|GEF|Logis|admin|96|
HYGIENE|Hygiène et infections|hygiene|SGL GAM|Clairval|coeur|168|
EVENTS|Évènements indésirables|vigilance|AD SGBD|Régie interne|admin|168|
GED|Gestion documentaire et procédures|archive|FICHIERS AD|Régie interne|admin|48|
ARCHIVES|Archives médicales|archive|GAM SGBD|Logis|admin|24|
NUMER|Numérisation des documents|archive|DPI FICHIERS|Parole|admin|168|
MSSANTE|Messagerie sécurisée de santé|message|MAIL PKI|Passerelle Santé|dmz|48|
DMP|Alimentation du dossier médical partagé|share|DPI PARE-FEU INSI|Passerelle Santé|dmz|336|
MAIL|Messagerie|message|AD DNS PARE-FEU|Régie interne|infra|24|
INTRANET|Intranet et astreintes|message|AD VIRT|Régie interne|infra|24|
TELEPH|Téléphonie|telephone|RESEAU|Sonnerie|technique|1|
DECT|Téléphones sans fil et alarmes|telephone|TELEPH WIFI|Sonnerie|technique|2|
APPEL-M|Appel malade|telephone monitor|DECT|Sonnerie|technique|2|
BIP|Appel des équipes d’urgence|telephone|TELEPH|Sonnerie|technique|1|
GTB|Gestion technique du bâtiment|building|RESEAU|Ohm|technique|8|
OXYGENE|Surveillance des gaz médicaux|building monitor|GTB|Ohm|technique|1|
FROID|Surveillance des enceintes froides|building|GTB|Ohm|technique|4|
INCENDIE|Sécurité incendie|building|RESEAU|Ohm|technique|1|
BADGES|Contrôle des accès|building|RESEAU SGBD|Ohm|technique|8|
VIDEO|Vidéoprotection|building|RESEAU SAN|Ohm|technique|48|
GMAO|Maintenance biomédicale et technique|building|SGBD AD|Ohm|admin|72|
PMSI|Codage de l’activité|code|GAM DPI SGBD|Décompte|admin|336|
FACT|Facturation|bill|GAM PMSI SGBD|Décompte|admin|336|
FIDES|Transmission à l’assurance maladie|bill|FACT PARE-FEU PKI|Décompte|dmz|336|
GEF|Gestion économique et financière|buy account|SGBD AD|Décompte|admin|72|
RH|Ressources humaines|roster|SGBD AD|Effectif|admin|168|
PAIE|Paie|pay|RH|Effectif|admin|336|
GTT|Temps de travail et plannings|roster|RH|Effectif|admin|48|
BO|Entrepôt et tableaux de bord|inform|SGBD PMSI GEF|Décompte|admin|336|
"""

# code | name | application | MSH-3 | silence by day, by night (seconds) | messages
# MSH-4 is FACILITY; no addresses: the simulated senders speak from wherever the exercise runs.
_FEEDS = """
ADT|Identité et mouvements|GAM|GAM|900|3600|ADT
RX|Prescription et administration|PRESC|PRESC|900|3600|OMP^O09 RDE^O11 RAS^O17
RXREA|Prescription, réanimation|REA|REA|1800|5400|OMP^O09 RDE^O11 RAS^O17
DEM|Demandes de biologie et d’imagerie|DEMANDES|DEMANDES|1800|7200|OML^O21 OMI^O23 ORM^O01
BIO|Laboratoire|SGL|SGL|900|3600|ORU^R01
IMG|Imagerie|RIS|RIS|3600|14400|ORU^R01
PHA|Pharmacie|PHARMA|PHARMA|7200|57600|RDS^O13
DOC|Dossier, documents|DPI|DPI|3600|28800|MDM^T02 MDM^T10
RDV|Rendez-vous|AGENDA|AGENDA|7200|57600|SIU^S12 SIU^S14 SIU^S15 SIU^S26
MAT|Maternité|MATER|MATER|14400|28800|MDM^T02
"""

FACILITY = "VALOMBRE"
IDENTITY_FEED = "ADT"


def demo_applications() -> tuple[Application, ...]:
    """Return the applications, those that others need before those that need them."""
    applications = []
    for line in _APPLICATIONS.strip().splitlines():
        code, name, functions, needs, vendor, zone, hours, wards = line.split("|")
        applications.append(
            Application(
                code=code,
                name=name,
                care_functions=tuple(functions.split()),
                needs=tuple(needs.split()),
                vendor=vendor,
                server_zone=zone,
                mtpd_hours=int(hours),
                wards=tuple(wards.split()),
            )
        )
    return tuple(applications)


def demo_feeds() -> tuple[Feed, ...]:
    """Return the senders of messages."""
    feeds = []
    for line in _FEEDS.strip().splitlines():
        code, name, application, sender, day, night, kinds = line.split("|")
        feeds.append(
            Feed(
                code=code,
                name=name,
                application=application,
                sending_application=sender,
                sending_facility=FACILITY,
                silence_day_seconds=int(day),
                silence_night_seconds=int(night),
                kinds=tuple(kinds.split()),
            )
        )
    return tuple(feeds)
