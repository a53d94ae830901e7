"""Templates of the technical ground: what everything else stands on. Hours are estimates by the project."""

from releve.restoration.catalogue.templates.template import TaskTemplate, Template, Words, machines, task

__all__ = ["GROUND"]

_SYSTEMS = Words("head of systems", "responsable systèmes")
_NETWORK = Words("head of networks", "responsable réseaux")
_SECURITY = Words("head of security (CISO)", "RSSI")
_PHONES = Words("head of telephony", "responsable téléphonie")
_WORKPLACE = Words("head of workstations", "responsable du parc")

_CLEAN_DEVICES = Words(
    "firmware and configuration compared with a copy kept off line, accounts changed, by whom and when",
    "micrologiciel et configuration comparés à une copie hors ligne, comptes changés, par qui et quand",
)
_CLEAN_DIRECTORY = Words(
    "list of privileged accounts reviewed one by one, keys of the domain changed twice, audit without critical finding",
    "liste des comptes à privilèges revue un à un, clés du domaine changées deux fois, audit sans point critique",
)
_CLEAN_BACKUP = Words(
    "date of the last backup before the intrusion, a restore tried on an isolated bench, its scan without any alert",
    "date de la dernière sauvegarde antérieure à l’intrusion, restauration essayée sur banc isolé, analyse sans alerte",
)


def _ground(
    code: str,
    english: str,
    french: str,
    functions: tuple[str, ...],
    needs: tuple[str, ...],
    words: tuple[str, ...],
    owner: Words,
    tasks: tuple[TaskTemplate, ...],
    tier: int = 1,
) -> Template:
    return Template(
        code=code,
        name=Words(english, french),
        kind="technical",
        tier=tier,
        functions=functions,
        needs=needs,
        words=words,
        owner=owner,
        tasks=tasks,
    )


def _devices(rebuild: int, harden: int, test: int, skill: str = "network") -> tuple[TaskTemplate, ...]:
    """Return the tasks of devices that hold a configuration and no data."""
    return (
        task(
            "contain",
            "Cut from the rest, save the configuration and the logs as evidence",
            "Couper du reste, garder configuration et journaux comme preuve",
            2,
            skill,
        ),
        task(
            "rebuild",
            "Put back firmware and configuration from a copy kept off line",
            "Remettre micrologiciel et configuration depuis une copie hors ligne",
            rebuild,
            skill,
            after=("contain",),
        ),
        task(
            "gate",
            "Clean: recorded evidence",
            "Assaini\u00a0: preuve enregistrée",
            0,
            after=("rebuild",),
            evidence=_CLEAN_DEVICES,
            fails=0.05,
            rework=("rebuild",),
        ),
        task(
            "harden",
            "Change accounts, close what need not be open, send logs",
            "Changer les comptes, fermer l’inutile, envoyer les journaux",
            harden,
            "security",
            after=("gate",),
        ),
        task(
            "test", "Test from two buildings", "Tester depuis deux bâtiments", test, skill, after=("harden",)
        ),
    )


def _servers(
    rebuild: int, restore: int, scan: int, test: int, harden: int = 4, skill: str = "systems"
) -> tuple[TaskTemplate, ...]:
    return (
        *machines(rebuild=rebuild, restore=restore, scan=scan, harden=harden, skill=skill),
        task("test", "Test, watch for a night", "Tester, observer une nuit", test, skill, after=("harden",)),
    )


_DIRECTORY = (
    task("contain", "Cut the domain from everything", "Couper le domaine de tout", 2, "systems", "security"),
    task(
        "rebuild",
        "Rebuild the domain on new servers from a copy known to be clean",
        "Reconstruire le domaine sur des serveurs neufs depuis une copie saine",
        16,
        "systems",
        after=("contain",),
    ),
    task(
        "scan",
        "Review privileged accounts, policies and trusts",
        "Revoir comptes à privilèges, stratégies et approbations",
        12,
        "security",
        after=("rebuild",),
    ),
    task(
        "gate",
        "Trusted core: recorded evidence",
        "Cœur de confiance\u00a0: preuve enregistrée",
        0,
        after=("scan",),
        evidence=_CLEAN_DIRECTORY,
        fails=0.1,
        rework=("scan",),
    ),
    task(
        "harden",
        "Separate tiers of administration, change every secret",
        "Cloisonner l’administration, changer tous les secrets",
        16,
        "systems",
        "security",
        after=("gate",),
    ),
    task(
        "test",
        "Test sign-in of ten people",
        "Tester l’ouverture de session de dix personnes",
        4,
        "systems",
        after=("harden",),
    ),
)

_BACKUP = (
    task("contain", "Cut the backup from the domain", "Couper la sauvegarde du domaine", 2, "systems"),
    task(
        "rebuild",
        "Rebuild the backup server, read the catalogue again",
        "Reconstruire le serveur de sauvegarde, relire le catalogue",
        12,
        "systems",
        after=("contain",),
    ),
    task(
        "scan",
        "Find the last backup before the intrusion, try it on a bench",
        "Trouver la dernière sauvegarde antérieure à l’intrusion, l’essayer sur banc",
        16,
        "systems",
        "security",
        after=("rebuild",),
    ),
    task(
        "gate",
        "A backup one can trust: recorded evidence",
        "Sauvegarde sûre\u00a0: preuve enregistrée",
        0,
        after=("scan",),
        evidence=_CLEAN_BACKUP,
        fails=0.15,
        rework=("scan",),
    ),
    task(
        "harden",
        "Own accounts, a copy that nobody can erase",
        "Comptes propres, une copie que nul ne peut effacer",
        6,
        "systems",
        after=("gate",),
    ),
)

GROUND: tuple[Template, ...] = (
    _ground(
        "network",
        "Core network",
        "Cœur de réseau",
        ("network",),
        (),
        ("reseau", "commutateur", "lan", "wifi", "radius"),
        _NETWORK,
        _devices(12, 6, 4),
    ),
    _ground(
        "firewall",
        "Firewalls",
        "Pare-feu",
        ("network", "protect"),
        ("network",),
        ("pare feu", "firewall", "filtrage", "proxy"),
        _NETWORK,
        _devices(8, 8, 4),
    ),
    _ground(
        "dns-dhcp-ntp",
        "Names, addresses and time (DNS, DHCP, NTP)",
        "Noms, adresses et heure (DNS, DHCP, NTP)",
        ("network",),
        ("network",),
        ("dns", "dhcp", "ntp", "temps", "adresses"),
        _NETWORK,
        _devices(4, 2, 2),
    ),
    _ground(
        "storage",
        "Storage (SAN)",
        "Baies de stockage (SAN)",
        ("host",),
        ("network",),
        ("san", "stockage", "baie", "nas"),
        _SYSTEMS,
        _devices(12, 6, 4, "systems"),
    ),
    _ground(
        "hypervisors",
        "Hypervisors",
        "Hyperviseurs",
        ("host",),
        ("storage", "network"),
        ("virtualisation", "hyperviseur", "virt", "vmware", "esx"),
        _SYSTEMS,
        _devices(16, 8, 4, "systems"),
    ),
    _ground(
        "backup",
        "Backup server",
        "Serveur de sauvegarde",
        ("back-up",),
        ("storage", "hypervisors"),
        ("sauvegarde", "backup", "sauv"),
        _SYSTEMS,
        _BACKUP,
    ),
    _ground(
        "directory",
        "Directory and accounts (AD)",
        "Annuaire et comptes (AD)",
        ("authenticate",),
        ("hypervisors", "dns-dhcp-ntp"),
        ("annuaire et comptes", "active directory", "ad"),
        _SYSTEMS,
        _DIRECTORY,
    ),
    _ground(
        "certificates",
        "Certificate authority",
        "Autorité de certification",
        ("authenticate",),
        ("directory",),
        ("certificat", "pki"),
        _SECURITY,
        _servers(6, 1, 2, 2),
    ),
    _ground(
        "single-sign-on",
        "Single sign-on and health cards",
        "Authentification unique et cartes CPS",
        ("authenticate",),
        ("directory", "certificates"),
        ("sso", "authentification", "cps", "iam", "identites professionnelles"),
        _SECURITY,
        _servers(8, 2, 2, 4),
    ),
    _ground(
        "remote-access",
        "Remote access (VPN)",
        "Accès distants (VPN)",
        ("network",),
        ("firewall", "directory", "certificates"),
        ("vpn", "acces distant", "bastion"),
        _NETWORK,
        _devices(6, 8, 3),
        tier=2,
    ),
    _ground(
        "databases",
        "Shared databases",
        "Bases de données mutualisées",
        ("host",),
        ("hypervisors", "backup", "directory"),
        ("bases de donnees", "sgbd", "oracle", "sql"),
        _SYSTEMS,
        _servers(12, 16, 8, 4, skill="database"),
    ),
    _ground(
        "file-servers",
        "File servers",
        "Serveurs de fichiers",
        ("host",),
        ("hypervisors", "backup", "directory"),
        ("serveurs de fichiers", "fichiers", "partage"),
        _SYSTEMS,
        _servers(6, 36, 24, 3),
        tier=2,
    ),
    _ground(
        "protection",
        "Protection and watch of machines",
        "Protection et surveillance des machines",
        ("protect",),
        ("hypervisors", "firewall"),
        (
            "edr",
            "antivirus",
            "protection des postes",
            "siem",
            "journaux de securite",
            "supervision",
            "mises a jour",
            "wsus",
        ),
        _SECURITY,
        _servers(6, 2, 2, 4),
    ),
    _ground(
        "print-servers",
        "Print servers",
        "Serveurs d’impression",
        ("workplace",),
        ("directory", "hypervisors"),
        ("impression", "imprimante", "impr"),
        _WORKPLACE,
        _servers(4, 1, 2, 3),
        tier=2,
    ),
    _ground(
        "workstation-image",
        "Deployment of workstations",
        "Déploiement des postes",
        ("workplace",),
        ("directory",),
        ("deploiement", "postes", "bureaux distants", "tse", "citrix", "master"),
        _WORKPLACE,
        _servers(8, 4, 4, 6),
        tier=2,
    ),
    _ground(
        "telephony",
        "Telephony",
        "Téléphonie",
        ("telephone",),
        ("network",),
        ("telephonie", "teleph", "autocommutateur", "pabx", "dect", "telephones", "bip"),
        _PHONES,
        _devices(10, 4, 4),
    ),
    _ground(
        "building-control",
        "Building and technical control",
        "Gestion technique du bâtiment",
        ("building",),
        ("network",),
        (
            "batiment",
            "gtb",
            "gtc",
            "oxygene",
            "gaz",
            "enceintes froides",
            "froid",
            "incendie",
            "controle des acces",
            "badges",
            "video",
        ),
        Words("technical department", "services techniques"),
        _devices(8, 4, 4),
        tier=2,
    ),
)
