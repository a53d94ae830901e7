"""What a ward's board and the list of wards say of what was never received: not yet, or cut."""

from bedside_island import BedsideIsland, page_of, row_of
from django.test import Client


def test_before_any_movement_was_received_no_bed_is_called_free(island: BedsideIsland, nurse: Client) -> None:
    """An island just switched on knows nothing: a bed called free gets a second patient."""
    from releve.hospital.tables import Sender

    Sender.objects.using("fold").all().delete()
    island.changed("2140")

    board, wards = page_of(nurse), nurse.get("/ward/").content.decode()

    assert "Inconnu : aucun mouvement reçu encore" in row_of(board, "b2140-201")
    assert "on ne sait pas qui est là" in board
    assert "rien reçu encore" in row_of(board, "b2140-201")
    assert "Rien reçu encore" in board
    assert "figé" not in board + wards
    for wrong in ("Libre", "libres", "0 patient", "non renseigné<"):
        assert wrong not in board, wrong
    assert "inconnu" in wards
    assert "rien reçu encore" in wards


def test_one_feed_that_has_not_spoken_yet_does_not_call_the_others_stale(
    island: BedsideIsland, nurse: Client
) -> None:
    """Stale means known then: beside a feed announced for tomorrow it would be said of every bed for days."""
    from releve.hospital.tables import Sender

    island.patient("1", "201")
    Sender.objects.using("fold").filter(application="SGL").delete()

    board, wards = page_of(nurse), nurse.get("/ward/").content.decode()

    assert "figé" not in row_of(board, "b2140-201")
    assert "Résultats de biologie, dont rien n’est encore reçu" in board
    assert "rien encore de 1 flux" in wards


def test_what_was_never_heard_and_is_declared_cut_says_both(island: BedsideIsland, nurse: Client) -> None:
    """An island set up during the attack must not call the cut a feed that is still to come."""
    from releve.hospital.tables import Sender

    Sender.objects.using("fold").all().delete()
    island.declare("PRESC", "SGL", "GAM")

    board, wards = page_of(nurse), nurse.get("/ward/").content.decode()

    assert "dont rien n’a jamais été reçu" in board
    assert "coupé, jamais reçu" in wards
    assert "rien reçu encore" not in wards
