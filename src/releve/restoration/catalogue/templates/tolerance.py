"""How long each usual application may be missed (MTPD, ISO 22301), where the hospital has not said. Pure data.

Hours; estimates by the project in the steps of usual impact tiers (about an hour, 6 hours, a day, 5 days, 30 days).
They only tell which applications of one care function are urgent: see `services.py`.
"""

__all__ = ["MTPD_HOURS"]

_STEPS: dict[int, str] = {
    1: (
        "network firewall dns-dhcp-ntp storage hypervisors directory telephony call-regulation blood-bank "
        "bedside-monitoring"
    ),
    6: (
        "databases single-sign-on print-servers interface-engine admissions patient-record prescription order-entry "
        "nurse-call emergency critical-care theatre maternity laboratory analysers ris pacs pharmacy building-control"
    ),
    24: (
        "backup file-servers protection workstation-image care-plan appointments e-mail drug-cabinets sterilisation "
        "chemotherapy radiotherapy dialysis functional-tests mental-health patient-transport catering transfusion"
    ),
    120: (
        "certificates remote-access identity-server reference-data shared-letters secure-messaging pathology dosimetry "
        "infection-control human-resources finance purchasing biomedical"
    ),
    720: "patient-portal coding billing payroll reporting",
}
MTPD_HOURS: dict[str, int] = {code: hours for hours, codes in _STEPS.items() for code in codes.split()}
