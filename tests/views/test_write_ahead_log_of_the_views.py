"""How long the write-ahead logs of the views and of the sessions may get before a writer moves them itself."""

from views_table import ViewsTable

from releve.views.database import WAL_PAGES
from releve.web.settings import DATABASES


def test_the_fold_does_not_stop_every_four_megabytes_to_move_its_log(views: ViewsTable) -> None:
    """A thread moves it beside the fold; done inside a commit, the form that waits for that commit waits for it."""
    pages = views.connection.cursor().execute("PRAGMA wal_autocheckpoint").fetchone()[0]

    assert pages == WAL_PAGES == 16_000


def test_a_form_seldom_waits_for_the_log_of_the_sessions_to_be_moved() -> None:
    """A form writes there four times: with SQLite's own thousand pages it happened every two seconds in a rush."""
    assert "PRAGMA wal_autocheckpoint=10000;" in DATABASES["runtime"]["OPTIONS"]["init_command"]
